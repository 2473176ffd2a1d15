"""COPY: the fastest way to append rows, in the transaction of a SQLAlchemy connection."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection


def copy_rows(tx: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows; JSON columns are given as text (`as_json`)."""
    with (
        tx.connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def as_json(value: Any) -> str:
    return orjson.dumps(value).decode()
