"""Many rows in one go: COPY for what is appended, arrays for what is looked up or changed by key.

Both write PostgreSQL's text form themselves: a turn hands over tens of thousands of values, and the driver's way of
asking each of them for its adapter costs more than everything else the turn does.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from psycopg.adapt import Dumper
from sqlalchemy import Connection

NULL = r"\N"
COPY_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def copy_rows(tx: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows; JSON columns are given as text (`as_json`)."""
    text = "".join("\t".join([COPIED[type(value)](value) for value in row]) + "\n" for row in rows)
    with (
        tx.connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        copy.write(text)


def as_json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _copied_text(value: str) -> str:
    return value if value.isprintable() and "\\" not in value else value.translate(COPY_ESCAPES)


def _array_text(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


Writers = dict[type, Callable[[Any], str]]
PLAIN: Writers = {
    int: int.__repr__,
    float: float.__repr__,
    bool: lambda value: "t" if value else "f",
    UUID: lambda value: f"{value.int:032x}",
}
COPIED: Writers = {**PLAIN, str: _copied_text, datetime: datetime.isoformat, type(None): lambda _: NULL}
IN_ARRAY: Writers = {
    **PLAIN,
    str: _array_text,
    datetime: lambda value: f'"{value.isoformat()}"',
    bytes: lambda value: f'"\\\\x{value.hex()}"',
    type(None): lambda _: "NULL",
}


class ArrayDumper(Dumper):
    """Writes a list as an array literal; its type is what the statement casts it to."""

    def dump(self, obj: list[Any]) -> bytes:
        return ("{" + ",".join([IN_ARRAY[type(value)](value) for value in obj]) + "}").encode()
