"""Merging customers in memory: what the loser had becomes the survivor's."""

from collections import Counter
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from journey_engine.ids import shard_of
from journey_engine.memory.part import Part
from journey_engine.memory.tables import Row
from journey_engine.memory.turns import add_activity
from journey_engine.model.customer import united

MOVED_BEFORE = ("identities", "events", "inbox", "parked_events")


class Merges(Part):
    def merge(self, workspace: int, survivor: UUID, loser: UUID, at: datetime, why: dict[str, Any]) -> None:
        shard, tables = shard_of(survivor), self.tables
        cell = tables.customers.cells.get(loser)
        if cell is not None:
            self.tx.lock(tables.customers, cell, strong=True)
        self._end_younger(survivor, loser, at, shard)
        for name in MOVED_BEFORE:
            self._move(getattr(tables, name), survivor, loser)
        self._move_activity(survivor, loser)
        self._move_dues(survivor, loser)
        self._move_consents(survivor, loser)
        for name in ("consent_changes", "refusals", "conversions", "exposures"):
            self._move(getattr(tables, name), survivor, loser)
        self._move_messages(survivor, loser)
        self._move_enrollments(survivor, loser)
        self._move_person(survivor, loser)
        self.tx.segments.leave_all(loser, at)
        self.tx.segments.ask_survivor(survivor, at)
        columns = {"loser_id": loser, "workspace_id": workspace, "shard": shard, "survivor_id": survivor}
        self.tx.insert(tables.merges, **columns | {"at": at, "why": why})

    def _end_younger(self, survivor: UUID, loser: UUID, at: datetime, slot: int) -> None:
        """Of two live enrollments in the same journey under the same key the older stays."""
        enrollments, counts = self.tables.enrollments, Counter()
        live = [one for id in (survivor, loser) for one in self.tx.cells(enrollments.live, id)]
        live.sort(key=lambda one: _seniority(one[1]))
        for _, same in groupby(live, key=lambda one: (one[1].journey_id, one[1].key)):
            for cell, _ in list(same)[1:]:
                was = self.tx.lock(enrollments, cell)
                if was is None:
                    continue
                changes = {"status": "exited", "end_reason": "merged", "wake_at": None, "parked_wake_at": None}
                self.tx.update(enrollments, cell, ended_at=at, **changes)
                armed, place = was.status == "armed", (was.workspace_id, was.version_id)
                counts[*place, "", "armed" if armed else "waiting"] -= 1
                counts[*place, was.node_id, "waiting"] -= not armed
                counts[*place, "", "cancelled" if armed else "exited"] += 1
        self.tx.counts.add_counts(counts, slot, slot)

    def _move(self, table: Any, survivor: UUID, loser: UUID) -> None:
        """Rows of one become the other's. A row whose key has the shard in it takes its place in the other's shard."""
        shard = shard_of(survivor)
        cells = self.tx.cells(table.by_customer, loser)
        if table.name != "inbox":
            self.tx.change(table, cells, lambda row: {"customer_id": survivor, "shard": shard})
            return
        for row in self.tx.remove(table, cells):
            self.tx.insert(table, **row._mapping | {"customer_id": survivor, "shard": shard})

    def _move_activity(self, survivor: UUID, loser: UUID) -> None:
        cells = self.tx.cells(self.tables.activity.by_customer, loser)
        for row in self.tx.remove(self.tables.activity, cells):
            add_activity(self.tx, row._mapping | {"customer_id": survivor, "shard": shard_of(survivor)})

    def _move_dues(self, survivor: UUID, loser: UUID) -> None:
        """The later moment counts where it extends, elsewhere the survivor's own."""
        dues = self.tables.trigger_dues
        for row in self.tx.remove(dues, self.tx.cells(dues.by_customer, loser)):
            self.tx.add(
                dues,
                row._mapping | {"customer_id": survivor, "shard": shard_of(survivor)},
                lambda was, row=row: {"due_at": row.due_at} if row.extends and row.due_at > was.due_at else {},
            )

    def _move_consents(self, survivor: UUID, loser: UUID) -> None:
        cells = self.tx.cells(self.tables.consents.by_customer, loser)
        for row in self.tx.remove(self.tables.consents, cells):
            stricter = {name: row._mapping[name] for name in ("state", "at", "source")}
            self.tx.add(
                self.tables.consents,
                row._mapping | {"customer_id": survivor, "shard": shard_of(survivor)},
                lambda was, new=stricter: new if new["state"] == "withdrawn" != was.state else {},
            )

    def _move_messages(self, survivor: UUID, loser: UUID) -> None:
        tables, shard = self.tables, {"shard": shard_of(survivor)}
        for row in self.tx.rows(tables.messages.by_customer, loser):
            for table in (tables.deliveries, tables.receipts):
                self.tx.change(table, self.tx.cells(table.by_message, row.id), lambda row: shard)
        self._move(tables.messages, survivor, loser)

    def _move_enrollments(self, survivor: UUID, loser: UUID) -> None:
        tables, shard = self.tables, shard_of(survivor)
        taken: Counter = Counter()
        for row in self.tx.rows(tables.enrollments.by_customer, survivor):
            taken[row.journey_id, row.key] = max(taken[row.journey_id, row.key], row.entry_no)
        cells = self.tx.cells(tables.enrollments.by_customer, loser)
        own = {"customer_id": survivor, "shard": shard}
        for _, row in cells:
            self.tx.change(tables.visits, self.tx.cells(tables.visits.by_enrollment, row.id), lambda row: own)
            for move in self.tx.remove(tables.moves, self.tx.cells(tables.moves.by_enrollment, row.id)):
                self.tx.insert(tables.moves, **move._mapping | {"shard": shard})
        self.tx.change(
            tables.enrollments, cells, lambda row: own | {"entry_no": row.entry_no + taken[row.journey_id, row.key]}
        )

    def _move_person(self, survivor: UUID, loser: UUID) -> None:
        customers, merges = self.tables.customers, self.tables.merges
        gone, stays = customers.cells.get(loser), customers.cells.get(survivor)
        lost = None if gone is None else gone.seen_by(self.tx)
        if lost is not None and stays is not None:
            self.tx.change(
                customers, [(stays, None)], lambda row: {"attributes": united(lost.attributes, row.attributes)}
            )
        own = {"survivor_id": survivor, "shard": shard_of(survivor)}
        self.tx.change(merges, self.tx.cells(merges.by_survivor, loser), lambda row: own)
        if lost is not None:
            self.tx.remove(customers, [(gone, lost)])


def _seniority(row: Row) -> tuple:
    return (row.journey_id, row.key, row.status == "armed", row.fired_at, row.id)


PART = Merges
