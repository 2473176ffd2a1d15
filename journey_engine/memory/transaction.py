"""The world: its tables, its clock, its locks, and the transactions in which everything happens.

Alone in the world a transaction never waits. Where several are at work, `Memory.wait` is told for whom one has to wait;
the simulation lets the others go on meanwhile.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import count
from types import SimpleNamespace
from typing import Any

from journey_engine.memory.schema import new_row, tables
from journey_engine.memory.tables import Cell, Queue, Row, Table, broken

BEGINNING = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
_numbers = count(1)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = BEGINNING):
        self.now = now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


class Memory:
    """Everything that is committed, and who holds which lock. `url` names this world among others."""

    def __init__(self, clock: Clock | None = None):
        self.clock = clock or Clock()
        self.url = f"memory://{next(_numbers)}"
        self.tables = tables()
        self.sequences: Counter = Counter()
        self.locks: dict[Any, AdvisoryLock] = {}
        self.running: dict[MemoryTx, None] = {}
        self.tables.control.cells[1] = first = Cell(1)
        first.row = Row({"revision": 1})

    def next(self, sequence: str) -> int:
        """The next number; one that was drawn is never drawn again, whatever becomes of the transaction."""
        self.sequences[sequence] += 1
        return self.sequences[sequence]

    def wait(self, tx: "MemoryTx", for_whom: Iterable["MemoryTx"]) -> None:
        """Return when one of these transactions has ended."""
        raise RuntimeError(f"{tx} waits for {list(for_whom)}, and nobody else is there to go on")

    def ended(self, tx: "MemoryTx") -> None:
        """A transaction has committed or was undone, and its locks are free."""


class AdvisoryLock:
    """Who holds a lock: one exclusively or several together; who waits for it exclusively keeps new sharers out."""

    __slots__ = ("owner", "sharers", "waiting")

    def __init__(self) -> None:
        self.owner: Any = None
        self.sharers: set = set()
        self.waiting: set = set()

    def against_sharing(self, tx: Any) -> set:
        return ({self.owner} if self.owner else self.waiting) - {tx} if tx not in self.sharers else set()

    def against_owning(self, tx: Any) -> set:
        return (self.sharers | ({self.owner} if self.owner else set())) - {tx}


class MemoryEngine:
    """Stands where stages expect the engine of a database."""

    transaction_class: type["MemoryTx"]

    def __init__(self, memory: Memory | None = None):
        self.memory = memory or Memory()

    @property
    def url(self) -> str:
        return self.memory.url

    @property
    def tables(self) -> SimpleNamespace:
        return self.memory.tables

    @contextmanager
    def begin(self) -> Iterator["MemoryTx"]:
        tx = self.transaction_class(self)
        try:
            yield tx
        except BaseException:
            tx.undo()
            raise
        tx.commit()


class MemoryTx:
    """One transaction. Each part (`turns`, `outbox` …) answers the functions of the store's module of that name."""

    def __init__(self, engine: MemoryEngine):
        self.engine, self.memory, self.tables = engine, engine.memory, engine.memory.tables
        self.began_at = self.memory.clock.now
        self.owned: list[tuple[Table, Cell]] = []
        self.shared: list[Cell] = []
        self.advisory: list[AdvisoryLock] = []
        self.number: int | None = None
        self.ended = False
        self.memory.running[self] = None

    def __getattr__(self, part: str) -> Any:
        if part.startswith("_"):
            raise AttributeError(part)
        made = self.__dict__[part] = part_of(part)(self)
        return made

    @property
    def now(self) -> datetime:
        """What the clock says at this moment."""
        return self.memory.clock.now

    def write_number(self) -> int:
        """The number of this transaction; one that only reads has none, as in PostgreSQL."""
        if self.number is None:
            self.number = self.memory.next("transactions")
        return self.number

    # rows

    def insert(self, table: Table, **columns: Any) -> Row:
        """A new row; an equal key stops the transaction."""
        row = self.insert_new(table, columns)
        if row is None:
            raise broken(f'duplicate key value violates unique constraint of "{table.name}"')
        return row

    def insert_new(self, table: Table, columns: dict[str, Any]) -> Row | None:
        """A new row, or None when its key is taken; a key of a transaction that has not ended is waited for."""
        self.write_number()
        row = new_row(table, columns)
        table.check(row)
        key = table.key(row)
        while True:
            cell = table.cells.get(key)
            if cell is None:
                cell = table.cells[key] = Cell(key)
            elif cell.owner is not None and cell.owner is not self:
                self.memory.wait(self, {cell.owner})
                continue
            elif cell.seen_by(self) is not None:
                return None
            if cell.owner is None:
                self._own(table, cell)
            self._redraft(table, cell, row)
            return row

    def update(self, table: Table, cell: Cell, **changes: Any) -> Row:
        """Other values for a row that is locked."""
        row = Row({**cell.draft.__dict__, **changes})
        table.check(row)
        self._redraft(table, cell, row)
        return row

    def delete(self, table: Table, cell: Cell) -> None:
        """Take out a row that is locked strongly."""
        self._redraft(table, cell, None)

    def lock(self, table: Table, cell: Cell, strong: bool = False) -> Row | None:
        """Lock a row against every writer, if `strong` against sharers too; the row then, None when it is gone."""
        self.write_number()
        while True:
            against = {cell.owner} - {None, self}
            if strong and cell.sharers:
                against |= cell.sharers - {self}
            if not against:
                break
            self.memory.wait(self, against)
        if cell.owner is None:
            self._own(table, cell)
        cell.strong = cell.strong or strong
        return cell.draft

    def share(self, cell: Cell) -> Row | None:
        """Keep a row from being deleted until the transaction ends; None when it is gone."""
        self.write_number()
        while cell.owner is not None and cell.owner is not self and cell.strong:
            self.memory.wait(self, {cell.owner})
        row = cell.seen_by(self)
        if row is not None:
            cell.sharers = cell.sharers or set()
            cell.sharers.add(self)
            self.shared.append(cell)
        return row

    def find(self, table: Table, key: Any) -> Row | None:
        """The row under a key."""
        cell = table.cells.get(key)
        return None if cell is None else cell.seen_by(self)

    def rows(self, index: Any, place: Any) -> list[Row]:
        """The rows of an index at one place."""
        return [row for _, row in self.cells(index, place)]

    def cells(self, index: Any, place: Any) -> list[tuple[Cell, Row]]:
        """The cells of an index at one place, each with the row that this transaction sees there."""
        found = []
        for cell in index.cells(place):
            row = cell.draft if cell.owner is self else cell.row
            if row is not None and index.place(row) == place:
                found.append((cell, row))
        return found

    def line(self, queue: Queue, group: Any) -> Iterator[tuple[Any, Cell, Row]]:
        """A group of a queue in order: the order, the cell and the row that this transaction sees there."""
        for order, _, cell in queue.groups.get(group, ()):
            row = cell.draft if cell.owner is self else cell.row
            if row is not None and queue.place(row) == (group, order):
                yield order, cell, row

    def change(self, table: Table, cells: Iterable[tuple[Cell, Row]], changes: Any, still: Any = None) -> list[Row]:
        """Update these rows one by one; one that was changed meanwhile is asked again whether it is `still` meant.

        `changes` tells the new values of a row. The rows as they became.
        """
        done = []
        for cell, _ in cells:
            row = self.lock(table, cell)
            if row is not None and (still is None or still(row)):
                done.append(self.update(table, cell, **changes(row)))
        return done

    def remove(self, table: Table, cells: Iterable[tuple[Cell, Row]]) -> list[Row]:
        """Delete these rows; those that were still there."""
        gone = []
        for cell, _ in cells:
            row = self.lock(table, cell, strong=True)
            if row is not None:
                self.delete(table, cell)
                gone.append(row)
        return gone

    def add(self, table: Table, columns: dict[str, Any], more: Any) -> Row:
        """A new row, or what `more` makes of the one that is there."""
        while True:
            row = self.insert_new(table, columns)
            if row is not None:
                return row
            cell = table.cells[table.key(new_row(table, columns))]
            was = self.lock(table, cell)
            if was is not None:
                changes = more(was)
                return self.update(table, cell, **changes) if changes else was

    def _own(self, table: Table, cell: Cell) -> None:
        cell.owner, cell.draft, cell.strong = self, cell.row, False
        self.owned.append((table, cell))

    def _redraft(self, table: Table, cell: Cell, row: Row | None) -> None:
        for index in table.indexes:
            was = None if cell.draft is None else index.place(cell.draft)
            now = None if row is None else index.place(row)
            if was == now:
                continue
            kept = None if cell.row is None else index.place(cell.row)
            if now is not None and index.unique:
                self._be_unique(table, index, now, cell)
            if was is not None and was != kept:
                index.discard(was, cell)
            if now is not None and now != kept:
                index.add(now, cell)
        cell.draft = row

    def _be_unique(self, table: Table, index: Any, place: Any, own: Cell) -> None:
        """Nobody else has this key; whoever is about to take or leave it is waited for."""
        while True:
            others = [cell for cell in index.cells(place) if cell is not own]
            busy = {cell.owner for cell in others} - {None, self}
            if not busy:
                break
            self.memory.wait(self, busy)
        for cell in others:
            row = cell.seen_by(self)
            if row is not None and index.place(row) == place:
                raise broken(f'duplicate key value violates unique constraint of "{table.name}"')

    # locks that no row stands for

    def hold(self, name: Any) -> None:
        """An advisory lock, exclusively, until the transaction ends."""
        lock = self._advisory(name)
        try:
            while against := lock.against_owning(self):
                lock.waiting.add(self)
                self.memory.wait(self, against)
        finally:
            lock.waiting.discard(self)
        lock.owner = self

    def hold_shared(self, name: Any) -> None:
        """An advisory lock, together with others."""
        lock = self._advisory(name)
        while against := lock.against_sharing(self):
            self.memory.wait(self, against)
        lock.sharers.add(self)

    def try_hold(self, name: Any) -> bool:
        """An advisory lock if it is free."""
        lock = self._advisory(name)
        if lock.against_owning(self) or lock.waiting - {self}:
            return False
        lock.owner = self
        return True

    def _advisory(self, name: Any) -> AdvisoryLock:
        lock = self.memory.locks.get(name)
        if lock is None:
            lock = self.memory.locks[name] = AdvisoryLock()
        self.advisory.append(lock)
        return lock

    # the end

    def commit(self) -> None:
        """What was drafted is now so, for everybody."""
        for table, cell in self.owned:
            old, new = cell.row, cell.draft
            if old is not None and old is not new:
                for index in table.indexes:
                    was = index.place(old)
                    if was is not None and (new is None or index.place(new) != was):
                        index.discard(was, cell)
            cell.row, cell.draft, cell.owner = new, None, None
            if new is None:
                _forget(table, cell)
        self._end()

    def undo(self) -> None:
        """Nothing of it ever was."""
        if self.ended:
            return
        for table, cell in self.owned:
            old, new = cell.row, cell.draft
            if new is not None and new is not old:
                for index in table.indexes:
                    now = index.place(new)
                    if now is not None and (old is None or index.place(old) != now):
                        index.discard(now, cell)
            cell.draft = cell.owner = None
            if old is None:
                _forget(table, cell)
        self._end()

    def _end(self) -> None:
        self.ended = True
        for cell in self.shared:
            cell.sharers.discard(self)
        for lock in self.advisory:
            lock.sharers.discard(self)
            lock.waiting.discard(self)
            if lock.owner is self:
                lock.owner = None
        self.memory.running.pop(self, None)
        self.memory.ended(self)


MemoryEngine.transaction_class = MemoryTx

_parts: dict[str, type] = {}


def part_of(name: str) -> type:
    """What answers for a module of the store; `Outbox` in `memory/outbox.py` for `store/outbox.py`."""
    found = _parts.get(name)
    if found is None:
        module = import_module(f"journey_engine.memory.{name}")
        found = _parts[name] = module.PART
    return found


def _forget(table: Table, cell: Cell) -> None:
    if table.cells.get(cell.key) is cell:  # whoever waited for it may have put a new one there
        del table.cells[cell.key]
