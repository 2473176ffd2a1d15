"""A file as rows: CSV with a header or one JSON object a line, plain or gzip.

A row that cannot be read comes with its problem and does not end the file; a file that cannot be read on does.
"""

import csv
import gzip
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from journey_engine.console import CannotStart
from journey_engine.text import Text

FIELD_CHARS = 1_000_000

NO_FILE = Text("There is no file {file}.", "文件 {file} 不存在。")
UNREADABLE = Text("{file} cannot be read: {reason}.", "无法读取 {file}：{reason}。")
NOT_ENCODED = Text(
    "{file} is not {encoding} (line {line}). Name its encoding, for example --encoding gb18030.",
    "{file} 不是 {encoding} 编码（第 {line} 行）。请指定编码，例如 --encoding gb18030。",
)
BROKEN = Text("{file} breaks off near line {line}: {reason}.", "{file} 在第 {line} 行附近中断：{reason}。")
EMPTY = Text("{file} has no rows.", "{file} 中没有数据行。")
TWICE = Text("Two columns of {file} are named {column}.", "{file} 中有两列同名：{column}。")
WIDTH = Text("it has {found} values for {columns} columns", "该行有 {found} 个值，而表头有 {columns} 列")
NO_OBJECT = Text("it is not a JSON object", "该行不是 JSON 对象")


class BadRow(Exception):
    """This row cannot become an event; the text says why."""

    def __init__(self, text: Text, **values: Any):
        self.text = text.format(**values)
        super().__init__(self.text.en)


@dataclass(slots=True)
class Row:
    """One row: its number from 1, the line it ends on, its values by column, or what is wrong with it."""

    number: int
    line: int
    values: dict[str, Any]
    problem: Text | None = None


class RowFile:
    """An open file of rows. `columns` is None for JSONL, whose rows name their own."""

    def __init__(self, path: Path, encoding: str = "utf-8", delimiter: str = ""):
        self.path, self.encoding = path, encoding
        name = path.name.removesuffix(".gz").lower()
        self.is_jsonl = name.endswith((".jsonl", ".ndjson", ".json"))
        self.delimiter = delimiter or ("\t" if name.endswith(".tsv") else ",")
        self.columns: list[str] | None = None
        self._line = 0
        try:
            self._raw = path.open("rb")
            self.size = max(path.stat().st_size, 1)
        except FileNotFoundError:
            raise CannotStart(NO_FILE, file=str(path)) from None
        except OSError as error:
            raise CannotStart(UNREADABLE, file=str(path), reason=error.strerror or str(error)) from None
        unpacked = gzip.GzipFile(fileobj=self._raw) if path.name.endswith(".gz") else self._raw
        reading = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
        self._text = io.TextIOWrapper(unpacked, encoding=reading, newline="" if not self.is_jsonl else None)
        if not self.is_jsonl:
            self._begin_csv()

    def share_read(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return min(self._raw.tell() / self.size, 1.0)

    def __iter__(self) -> Iterator[Row]:
        rows = self._jsonl() if self.is_jsonl else self._csv()
        try:
            yield from rows
        except UnicodeDecodeError:
            raise self._not_encoded() from None
        except (EOFError, OSError, csv.Error) as error:
            raise CannotStart(BROKEN, file=self.path.name, line=self._line + 1, reason=str(error)) from None

    def _begin_csv(self) -> None:
        csv.field_size_limit(FIELD_CHARS)
        self._reader = csv.reader(self._text, delimiter=self.delimiter)
        try:
            header = next(self._reader, None)
        except UnicodeDecodeError:
            raise self._not_encoded() from None
        except (EOFError, OSError, csv.Error) as error:
            raise CannotStart(BROKEN, file=self.path.name, line=1, reason=str(error)) from None
        if not header:
            raise CannotStart(EMPTY, file=self.path.name)
        self.columns = [column.strip() for column in header]
        for column in self.columns:
            if self.columns.count(column) > 1:
                raise CannotStart(TWICE, file=self.path.name, column=repr(column))

    def _not_encoded(self) -> CannotStart:
        """Text is decoded many lines at once, so the line at fault is looked for when there is one."""
        opened = gzip.open if self.path.name.endswith(".gz") else open
        with opened(self.path, "rb") as lines:
            number = next((n for n, line in enumerate(lines, 1) if not _decodes(line, self.encoding)), 1)
        return CannotStart(NOT_ENCODED, file=self.path.name, encoding=self.encoding, line=number)

    def _csv(self) -> Iterator[Row]:
        width, number = len(self.columns), 0
        for cells in self._reader:
            self._line = self._reader.line_num
            if not cells:
                continue  # an empty line is no row
            number += 1
            if len(cells) == width:
                yield Row(number, self._line, dict(zip(self.columns, cells, strict=True)))
            else:
                values = dict(enumerate(cells))
                yield Row(number, self._line, values, WIDTH.format(found=len(cells), columns=width))

    def _jsonl(self) -> Iterator[Row]:
        number = 0
        for text in self._text:
            self._line += 1
            if not text.strip():
                continue
            number += 1
            try:
                values = orjson.loads(text)
            except ValueError:
                values = text
            if isinstance(values, dict):
                yield Row(number, self._line, values)
            else:
                yield Row(number, self._line, {"line": text[:500]}, NO_OBJECT)


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def fingerprint(path: Path, encoding: str, delimiter: str) -> str:
    """A name for the file that stays when it is moved or grows: made from its columns and its first row."""
    rows = RowFile(path, encoding, delimiter)
    first = next(iter(rows), None)
    if first is None:
        raise CannotStart(EMPTY, file=path.name)
    content = orjson.dumps([rows.columns, list(first.values.items())], option=orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(content).hexdigest()[:16]
