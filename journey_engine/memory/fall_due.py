"""What falls due by the clock, in memory: dues of customers and marks of triggers."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from journey_engine.memory.part import Part
from journey_engine.memory.tables import Row
from journey_engine.model.rule import Rule
from journey_engine.store.fall_due import Place

CLAIM = "fall due"
COLUMNS = ("customer_id", "journey_id", "trigger_id", "key", "workspace_id", "shard", "due_at", "extends")


class FallDue(Part):
    def claim(self) -> bool:
        return self.tx.try_hold(CLAIM)

    def take_due(self, now: datetime, limit: int) -> list[Row]:
        dues, cells = self.tables.trigger_dues, []
        for at, cell, row in self.tx.line(dues.by_time, 0):
            if at > now or len(cells) == limit:
                break
            if cell.owner in (None, self.tx):
                cells.append((cell, row))
        return sorted(self.tx.remove(dues, cells), key=lambda row: (row.due_at, row.customer_id))

    def next_due(self) -> datetime | None:
        begins = [row.begins_at for row in self.tables.trigger_marks.all(self.tx) if row.begins_at is not None]
        first = next((at for at, _, _ in self.tx.line(self.tables.trigger_dues.by_time, 0)), None)
        return min([*begins, *([first] if first else [])], default=None)

    def note_dues(self, anew: Iterable[Place], rows: Sequence[tuple]) -> None:
        dues = self.tables.trigger_dues
        for customer, journey, trigger in sorted(anew):
            own = self.tx.cells(dues.by_customer, customer)
            own = [one for one in own if (one[1].journey_id, one[1].trigger_id) == (journey, trigger)]
            self.tx.remove(dues, own)
        for row in sorted(rows):
            columns = dict(zip(COLUMNS, row, strict=True))
            self.tx.add(dues, columns, lambda was, at=columns["due_at"]: {"due_at": at})

    def keep_dues(self, rows: Sequence[tuple]) -> None:
        for row in sorted(rows):
            self.tx.insert_new(self.tables.trigger_dues, dict(zip(COLUMNS, row, strict=True)))

    def marks(self) -> list[Row]:
        return self.tables.trigger_marks.all(self.tx)

    def published_at(self, version_ids: list[int]) -> dict[int, datetime]:
        return {id: self.tx.find(self.tables.versions, id).published_at for id in version_ids}

    def forget(self, places: Sequence[tuple[UUID, str]]) -> None:
        for table in (self.tables.trigger_dues, self.tables.trigger_marks):
            for place in places:
                self.tx.remove(table, self.tx.cells(table.by_trigger, place))

    def add_mark(
        self,
        journey_id: UUID,
        trigger_id: str,
        workspace_id: int,
        settings: str,
        since: datetime,
        begins_at: datetime | None,
        place: str,
    ) -> None:
        columns = {"journey_id": journey_id, "trigger_id": trigger_id, "workspace_id": workspace_id}
        columns |= {"settings": settings, "since": since, "begins_at": begins_at, "place": place}
        self.tx.insert(self.tables.trigger_marks, **columns)

    def due_mark(self, now: datetime) -> Row | None:
        marks = self.tables.trigger_marks.all(self.tx)
        due = [row for row in marks if row.begins_at is not None and row.begins_at <= now]
        return min(due, key=lambda row: (row.begins_at, row.journey_id, row.trigger_id), default=None)

    def move_mark(
        self, journey_id: UUID, trigger_id: str, begins_at: datetime | None, place: str, cursor: UUID | None
    ) -> None:
        marks, changes = self.tables.trigger_marks, {"begins_at": begins_at, "place": place, "cursor": cursor}
        self.tx.change(marks, self.tx.cells(marks.by_trigger, (journey_id, trigger_id)), lambda row: changes)

    def page(
        self,
        workspace: int,
        after: UUID | None,
        limit: int,
        names: list[str] | None = None,
        attribute: str | None = None,
        audience: Rule | None = None,
        zone: str = "UTC",
        now: datetime | None = None,
    ) -> list[Row]:
        rows = [row for row in self.tables.customers.all(self.tx) if row.workspace_id == workspace]
        rows = [row for row in rows if after is None or row.id > after]
        if names is not None:
            rows = [row for row in rows if self.tx.turns.read_activity([row.id], names)]
        if attribute is not None:
            rows = [row for row in rows if attribute in row.attributes]
        found = sorted(rows, key=lambda row: row.id)[:limit]
        cells = self.tables.customers.cells
        locked = [self.tx.lock(self.tables.customers, cells[one.id]) for one in found]
        return [row for row in locked if row is not None]


PART = FallDue
