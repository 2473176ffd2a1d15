"""Many rows in one go: COPY for what is appended, arrays for what is looked up or changed by key.

Both write PostgreSQL's text form themselves, a column at a time: a turn hands over tens of thousands of values, and to
look at each of them for its type, or to ask the driver for its adapter, costs more than everything else the turn does.
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
    written = [_written(column, COPIED) for column in zip(*rows, strict=True)]
    text = "".join(["\t".join(row) + "\n" for row in zip(*written, strict=True)])
    if not text:
        return
    with (
        tx.connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        copy.write(text)


def as_json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _written(column: Sequence[Any], writers: "Writers") -> Iterable[str]:
    """The texts of a column, whose values usually are of one type."""
    kinds = set(map(type, column))
    if len(kinds) == 1:
        return writers[kinds.pop()](column)
    return [next(iter(writers[type(value)]((value,)))) for value in column]


def _integers(column: Sequence[int]) -> Iterable[str]:
    return map(int.__repr__, column)


def _floats(column: Sequence[float]) -> Iterable[str]:
    return map(float.__repr__, column)


def _truths(column: Sequence[bool]) -> Iterable[str]:
    return ["t" if value else "f" for value in column]


def _ids(column: Sequence[UUID]) -> Iterable[str]:
    return [f"{value.int:032x}" for value in column]


def _instants(column: Sequence[datetime]) -> Iterable[str]:
    known = {value: f'"{value.isoformat()}"' for value in set(column)}
    return map(known.__getitem__, column)


def _copied_instants(column: Sequence[datetime]) -> Iterable[str]:
    known = {value: value.isoformat() for value in set(column)}
    return map(known.__getitem__, column)


def _copied_texts(column: Sequence[str]) -> Iterable[str]:
    together = "".join(column)
    return column if together.isprintable() and "\\" not in together else [v.translate(COPY_ESCAPES) for v in column]


def _texts(column: Sequence[str]) -> Iterable[str]:
    return ['"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in column]


def _bytes(column: Sequence[bytes]) -> Iterable[str]:
    return [f'"\\\\x{value.hex()}"' for value in column]


Writers = dict[type, Callable[[Sequence[Any]], Iterable[str]]]
PLAIN: Writers = {int: _integers, float: _floats, bool: _truths, UUID: _ids}
COPIED: Writers = {
    **PLAIN,
    str: _copied_texts,
    datetime: _copied_instants,
    type(None): lambda column: [NULL] * len(column),
}
IN_ARRAY: Writers = {
    **PLAIN,
    str: _texts,
    datetime: _instants,
    bytes: _bytes,
    type(None): lambda column: ["NULL"] * len(column),
}


class ArrayDumper(Dumper):
    """Writes a list as an array literal; its type is what the statement casts it to."""

    def dump(self, obj: list[Any]) -> bytes:
        return ("{" + ",".join(_written(obj, IN_ARRAY)) + "}").encode() if obj else b"{}"
