"""Rows, cells and indexes: how the world in memory keeps a table.

A row never changes once it is made, so it is handed out as it is. A cell is the place of one key: it holds the row that
is committed, and the draft of the transaction that owns it. Owning a cell is the row lock.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy.exc import IntegrityError


class Row:
    """One row: its columns are its attributes, as on a row of the database."""

    def __init__(self, columns: dict[str, Any]):
        self.__dict__ = columns

    @property
    def _mapping(self) -> dict[str, Any]:
        return self.__dict__

    def __iter__(self) -> Iterator[Any]:
        return iter(self.__dict__.values())

    def __repr__(self) -> str:
        return f"Row({self.__dict__})"

    def but(self, **changes: Any) -> "Row":
        """This row with other values in some columns."""
        return Row({**self.__dict__, **changes})


class Cell:
    """The place of one key in a table. `sharers` keep it from being deleted, as FOR KEY SHARE does.

    `strong`: the owner locked it FOR UPDATE or deletes it, so nobody can share it.
    """

    __slots__ = ("draft", "key", "owner", "row", "sharers", "strong")

    def __init__(self, key: Any):
        self.key = key
        self.row: Row | None = None
        self.draft: Row | None = None
        self.owner: Any = None
        self.sharers: set | None = None
        self.strong = False

    def seen_by(self, tx: Any) -> Row | None:
        return self.draft if self.owner is tx else self.row


class Index:
    """Cells by the value of some columns; `place` tells the value, None for rows the index leaves out."""

    def __init__(self, place: Callable[[Row], Any], unique: bool = False):
        self.place, self.unique = place, unique
        self.buckets: dict[Any, dict[Any, Cell]] = {}

    def add(self, place: Any, cell: Cell) -> None:
        self.buckets.setdefault(place, {})[cell.key] = cell

    def discard(self, place: Any, cell: Cell) -> None:
        bucket = self.buckets.get(place)
        if bucket is not None:
            bucket.pop(cell.key, None)
            if not bucket:
                del self.buckets[place]

    def cells(self, place: Any) -> Iterable[Cell]:
        return list(self.buckets.get(place, {}).values())


class Queue(Index):
    """Cells by group, each group in order: `place` tells (group, order)."""

    def __init__(self, place: Callable[[Row], tuple[Any, Any] | None]):
        super().__init__(place)
        self.groups: dict[Any, list[tuple[Any, Any, Cell]]] = {}

    def add(self, place: tuple[Any, Any], cell: Cell) -> None:
        group, order = place
        insort(self.groups.setdefault(group, []), (order, cell.key, cell))

    def discard(self, place: tuple[Any, Any], cell: Cell) -> None:
        group, order = place
        line = self.groups[group]
        del line[bisect_left(line, (order, cell.key))]
        if not line:
            del self.groups[group]

    def cells(self, place: Any) -> Iterable[Cell]:
        """Of a group, in order."""
        return [cell for _, _, cell in self.groups.get(place, ())]


class Table:
    """Cells by primary key, with the indexes that the statements walk and the CHECK that every row has to pass."""

    def __init__(
        self,
        name: str,
        key: Callable[[Row], Any],
        defaults: dict[str, Any] | None = None,
        checks: dict[str, Callable[[Row], bool]] | None = None,
        **indexes: Index,
    ):
        self.name, self.key, self.defaults, self.checks = name, key, defaults or {}, checks or {}
        self.cells: dict[Any, Cell] = {}
        self.indexes = list(indexes.values())
        self.unique = [index for index in self.indexes if index.unique]
        self.__dict__.update(indexes)

    def check(self, row: Row) -> None:
        """Raise what the database raises for a row that breaks an invariant."""
        for name, holds in self.checks.items():
            if not holds(row):
                raise broken(f'"{self.name}" violates check constraint "{name}"')

    def all(self, tx: Any = None) -> list[Row]:
        """Every row that the transaction sees; without one, what is committed."""
        rows = (cell.seen_by(tx) if tx is not None else cell.row for cell in self.cells.values())
        return [row for row in rows if row is not None]


def broken(what: str) -> IntegrityError:
    """A constraint was violated; the message names it."""
    return IntegrityError(what, None, Exception(what))
