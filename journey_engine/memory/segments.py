"""Segments kept true in memory."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from journey_engine.config import SHARDS
from journey_engine.memory.part import Part
from journey_engine.memory.tables import Row
from journey_engine.model.calendar import Calendar
from journey_engine.model.rule import Rule
from journey_engine.model.values import local_day


class Segments(Part):
    def live(self) -> list[Row]:
        return sorted(self.tables.segments.all(self.tx), key=lambda row: (row.created_at, row.id))

    def names(self, workspace_id: int, ids: Iterable[UUID]) -> dict[UUID, str]:
        rows = (self.tx.find(self.tables.segments, id) for id in ids)
        return {row.id: row.name for row in rows if row is not None and row.workspace_id == workspace_id}

    def write_states(self, rows: Sequence[tuple], gone: Sequence[tuple[UUID, UUID]]) -> None:
        table = self.tables.segment_states
        columns = ("customer_id", "segment_id", "workspace_id", "shard", "member", "since", "flip_at")
        for values in rows:
            row = dict(zip(columns, values, strict=True))
            changes = {name: row[name] for name in ("member", "since", "flip_at")}
            self.tx.add(table, row, lambda was, changes=changes: changes)
        cells = ((table.cells.get(key), None) for key in gone)
        self.tx.remove(table, [one for one in cells if one[0] is not None])

    def add_days(self, rows: Iterable[tuple[UUID, date, int, int, int]], slot: int) -> None:
        for segment, day, workspace, joined, left in rows:
            row = {"segment_id": segment, "day": day, "slot": slot, "workspace_id": workspace, "shard": slot}
            more = {"joined": joined, "left": left}
            self.tx.add(
                self.tables.segment_days,
                row | more,
                lambda was, more=more: {"joined": was.joined + more["joined"], "left": was.left + more["left"]},
            )

    def ask_again(self, customers: Sequence[UUID], segments: Sequence[UUID], at: datetime) -> None:
        for id in customers:
            customer = self.tx.find(self.tables.customers, id)
            for segment in segments:
                known = self.tx.find(self.tables.segments, segment)
                if customer is None or known is None or known.workspace_id != customer.workspace_id:
                    continue
                row = {"customer_id": id, "segment_id": segment, "workspace_id": customer.workspace_id}
                row |= {"shard": customer.shard, "member": False, "since": at, "flip_at": at}
                self.tx.add(self.tables.segment_states, row, lambda was: {"flip_at": min(was.flip_at or at, at)})

    def ask_stopped(self, journey: UUID, segments: Sequence[UUID], at: datetime) -> None:
        rows = self.tx.rows(self.tables.enrollments.by_journey, journey)
        self.ask_again(sorted({row.customer_id for row in rows if row.end_reason == "stopped"}), segments, at)

    def leave_all(self, customer: UUID, at: datetime) -> None:
        """The customer is nobody any more."""
        states = self.tables.segment_states
        for row in self.tx.remove(states, self.tx.cells(states.by_customer, customer)):
            if row.member:
                day = local_day(at, self._zone(row.workspace_id))
                self.add_days([(row.segment_id, day, row.workspace_id, 0, 1)], row.shard)

    def ask_survivor(self, customer: UUID, at: datetime) -> None:
        self.ask_again([customer], [row.id for row in self.live()], at)

    def _zone(self, workspace: int) -> str:
        row = self.tx.find(self.tables.workspaces, workspace)
        return row.timezone if row is not None else Calendar().zone

    def due_shards(self, now: datetime) -> list[int]:
        flips = self.tables.segment_states.flips
        return [s for s in range(SHARDS) if any(at <= now for at, _, _ in self.tx.line(flips, s))]

    def due(self, shards: list[int], now: datetime, most: int) -> list[Row]:
        flips = self.tables.segment_states.flips
        return [row for s in shards for at, _, row in self.tx.line(flips, s) if at <= now][:most]

    def next_computing(self) -> Row | None:
        waiting = [row for row in self.tables.segments.all(self.tx) if row.state == "computing"]
        for row in sorted(waiting, key=lambda row: (row.updated_at, row.id)):
            cell = self.tables.segments.cells[row.id]
            if cell.owner in (None, self.tx):
                return self.tx.lock(self.tables.segments, cell)
        return None

    def computed(self, id: UUID, next_shard: int, now: datetime) -> None:
        cell = self.tables.segments.cells[id]
        self.tx.lock(self.tables.segments, cell)
        done = {"state": "live", "computed_at": now} if next_shard == SHARDS else {}
        self.tx.update(self.tables.segments, cell, next_shard=next_shard, **done)

    def of_shard(self, workspace_id: int, shard: int) -> list[UUID]:
        rows = self.tables.customers.all(self.tx)
        return sorted(row.id for row in rows if row.workspace_id == workspace_id and row.shard == shard)

    def satisfying(self, rule: Rule, workspace_id: int, zone: str, now: datetime, among: list[UUID]) -> None:
        """Nobody knows without asking one by one."""
        return None


PART = Segments
