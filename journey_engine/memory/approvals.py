"""Approvals in memory: who is held until a person of the shop says whether they may go on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from journey_engine.memory.part import Part
from journey_engine.memory.tables import Row


class Approvals(Part):
    def ask(self, asked: Sequence[Any], now: datetime) -> None:
        for one in {one.enrollment.id: one for one in asked}.values():
            enrollment = one.enrollment
            place = {"node_id": one.node_id, "asked_at": now, "until": one.until}
            columns = {"enrollment_id": enrollment.id, "workspace_id": enrollment.workspace_id}
            columns |= {"shard": enrollment.shard, "customer_id": enrollment.customer_id}
            columns |= {"journey_id": enrollment.journey_id}
            self.tx.add(self.tables.approvals, columns | place, lambda was, place=place: place)

    def customer_of(self, workspace_id: int, enrollment_id: UUID) -> UUID | None:
        row = self.tx.find(self.tables.approvals, enrollment_id)
        return row.customer_id if row is not None and row.workspace_id == workspace_id else None

    def take(self, workspace_id: int, enrollment_id: UUID) -> Row | None:
        cell = self.tables.approvals.cells.get(enrollment_id)
        row = None if cell is None else cell.seen_by(self.tx)
        if row is None or row.workspace_id != workspace_id or not self._stands_there(row):
            return None
        gone = self.tx.remove(self.tables.approvals, [(cell, row)])
        return gone[0] if gone else None

    def sweep(self) -> int:
        approvals = self.tables.approvals
        stale = [row for row in approvals.all(self.tx) if not self._stands_there(row)]
        return len(self.tx.remove(approvals, [(approvals.cells[row.enrollment_id], row) for row in stale]))

    def _stands_there(self, row: Row) -> bool:
        held = self.tx.find(self.tables.enrollments, row.enrollment_id)
        here = held is not None and held.status == "waiting" and held.node_id == row.node_id
        return here and held.held_since == row.asked_at


PART = Approvals
