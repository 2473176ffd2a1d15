"""The journal: every accepted message, a line of JSON each, written before it is answered; and what a page shows.

A killed sandbox has lost nothing it said yes to. The newest messages are also kept in memory, for the inbox page and
for look-ups.
"""

import itertools
import os
from collections import OrderedDict, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

SHOWN = 2_000
"""Messages of each kind that the inbox can show."""

SHOWN_CHARS = 50_000_000
"""Memory for the mails among them; long mails mean fewer."""

LOOKED_UP = 200_000
"""SMS that the look-up of the provider's format still finds."""

FILE_BYTES = 64_000_000
FILES = 8
"""Half a gigabyte of history; the oldest file goes when a ninth begins."""


class Journal:
    """What was accepted, on disk and in memory."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.shown: dict[str, deque[dict[str, Any]]] = {k: deque(maxlen=SHOWN) for k in ("sms", "mail", "webhook")}
        self.by_number: OrderedDict[str, list[dict[str, Any]]] = OrderedDict()
        self._sms_kept = self._mail_chars = 0
        for line in self.lines():
            self._remember(line)
        self._file, self._size = self._open()

    def add(self, entry: dict[str, Any]) -> None:
        """Write one accepted message; it is on disk for every reader when this returns."""
        line = orjson.dumps(entry) + b"\n"
        if self._size + len(line) > FILE_BYTES:
            self._rotate()
        os.write(self._file, line)
        self._size += len(line)
        self._remember(entry)

    def lines(self) -> Iterator[dict[str, Any]]:
        """All entries on disk, oldest first. A last line cut short by a kill is left out."""
        for path in self.paths():
            with path.open("rb") as file:
                for line in file:
                    if line.endswith(b"\n"):
                        yield orjson.loads(line)

    def paths(self) -> list[Path]:
        """The files, oldest first."""
        return sorted(self.folder.glob("journal-*.jsonl"))

    def newest(self, kind: str, limit: int, since: str = "") -> list[dict[str, Any]]:
        """The newest entries first, those after `since` (an instant as text) only."""
        later = itertools.takewhile(lambda entry: entry["at"] > since, reversed(self.shown[kind]))
        return list(itertools.islice(later, limit))

    def clear(self) -> None:
        """Forget everything, on disk too."""
        os.close(self._file)
        for path in self.paths():
            path.unlink()
        for entries in self.shown.values():
            entries.clear()
        self.by_number.clear()
        self._sms_kept = self._mail_chars = 0
        self._file, self._size = self._open()

    def close(self) -> None:
        os.close(self._file)

    def _remember(self, entry: dict[str, Any]) -> None:
        shown = self.shown[entry["kind"]]
        if entry["kind"] == "mail":
            self._make_room(shown, len(entry["raw"]))
        shown.append(entry)
        if entry["kind"] == "sms":
            self.by_number.setdefault(entry["to"], []).append(entry)
            self._sms_kept += 1
            while self._sms_kept > LOOKED_UP:
                self._sms_kept -= len(self.by_number.popitem(last=False)[1])

    def _make_room(self, mails: deque[dict[str, Any]], chars: int) -> None:
        self._mail_chars += chars
        while mails and (self._mail_chars > SHOWN_CHARS or len(mails) == SHOWN):
            self._mail_chars -= len(mails.popleft()["raw"])

    def _open(self) -> tuple[int, int]:
        paths = self.paths()
        path = paths[-1] if paths else self.folder / "journal-000001.jsonl"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        size = os.fstat(file).st_size
        if size and os.pread(file, 1, size - 1) != b"\n":
            size = path.read_bytes().rfind(b"\n") + 1
            os.ftruncate(file, size)  # a kill cut the last line, and what it said was never answered
        return file, size

    def _rotate(self) -> None:
        os.close(self._file)
        paths = self.paths()
        for path in paths[: max(0, len(paths) + 1 - FILES)]:
            path.unlink()
        number = int(paths[-1].stem.removeprefix("journal-")) + 1
        (self.folder / f"journal-{number:06}.jsonl").touch(mode=0o600)
        self._file, self._size = self._open()
