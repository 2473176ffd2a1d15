"""Progress: which rows were acknowledged, in a small file that is true after kill -9 on any line.

Each connection sends its own customers in the order of the file, so one number per connection says all. What was sent
and not yet noted is sent again when the replay goes on, and answered as a duplicate.
"""

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import orjson

from journey_engine.console import CannotStart
from journey_engine.text import Text

NO_ROOM = Text(
    "Progress cannot be written to {file}: {reason}. Choose another folder with --state.",
    "无法将进度写入 {file}：{reason}。请用 --state 选择其他目录。",
)


@dataclass(slots=True)
class Tally:
    """What became of the rows."""

    sent: int = 0
    duplicates: int = 0
    rejected: int = 0

    @property
    def rows(self) -> int:
        return self.sent + self.duplicates + self.rejected


@dataclass
class Progress:
    """The state of one replay. `marks` holds per connection the last row that was acknowledged."""

    folder: Path
    name: str
    identity: str
    marks: list[int]
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self):
        self.file = self.folder / f"{self.name}.progress"
        self.rejected_file = self.folder / f"{self.name}.rejected.jsonl"
        self._lock = Lock()

    def go_on(self) -> bool:
        """Take up where an earlier replay of the same file stopped; False when there is nothing to take up."""
        try:
            kept = orjson.loads(self.file.read_bytes())
            marks, tally = list(map(int, kept["marks"])), Tally(**kept["tally"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return False
        if kept.get("identity") != self.identity:
            return False
        same = len(marks) == len(self.marks)
        self.marks = marks if same else [min(marks)] * len(self.marks)
        self.tally = tally
        return True

    def begin(self) -> None:
        """Start anew; also finds out at once whether the folder can be written to."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.rejected_file.unlink(missing_ok=True)
            self._write()
        except OSError as error:
            raise CannotStart(NO_ROOM, file=str(self.file), reason=error.strerror or str(error)) from None

    def note(self, lane: int, last_row: int, tally: Tally, refusals: list[dict[str, Any]]) -> None:
        """These rows of a connection were answered: the refused ones are written down first, then the mark moves."""
        with self._lock:
            if refusals:
                with self.rejected_file.open("ab") as file:
                    file.writelines(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in refusals)
            self.marks[lane] = last_row
            self.tally.sent += tally.sent
            self.tally.duplicates += tally.duplicates
            self.tally.rejected += tally.rejected
            self._write()

    def finish(self) -> None:
        """Every row was answered, so there is nothing to go on with."""
        self.file.unlink(missing_ok=True)

    def _write(self) -> None:
        fresh = self.file.with_name(self.file.name + ".new")
        fresh.write_bytes(orjson.dumps({"identity": self.identity, "marks": self.marks, "tally": asdict(self.tally)}))
        os.replace(fresh, self.file)
