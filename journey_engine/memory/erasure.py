"""Erasing a customer in memory, from every table that knows them."""

from collections import Counter
from typing import Any
from uuid import UUID

from journey_engine.memory.journeys import by_node
from journey_engine.memory.part import Part
from journey_engine.memory.tables import Row

OWN = (
    "events",
    "activity",
    "trigger_dues",
    "consents",
    "consent_changes",
    "refusals",
    "conversions",
    "exposures",
    "approvals",
)
"""Tables whose rows of a customer go with them."""


class Erasure(Part):
    def exists(self, workspace_id: int, customer_id: UUID) -> bool:
        return self.tx.consents.exists(workspace_id, customer_id)

    def is_gone(self, customer_id: UUID) -> bool:
        known = self.tx.find(self.tables.customers, customer_id) or self.tx.find(self.tables.merges, customer_id)
        return known is None

    def end_all(self, customer_id: UUID) -> tuple[list[Any], list[Any]]:
        live = self.tx.rows(self.tables.enrollments.live, customer_id)
        counted = Counter((row.version_id, row.node_id, row.status) for row in live)
        ended = [Row({"version_id": v, "node_id": node, "status": s, "n": n}) for (v, node, s), n in counted.items()]
        messages = self.tables.messages
        changes = {"status": "suppressed", "reason": "erased", "due_at": None}
        cells = [one for one in self.tx.cells(messages.by_customer, customer_id) if one[1].status == "queued"]
        return ended, by_node(self.tx.change(messages, cells, lambda row: changes, lambda row: row.status == "queued"))

    def delete_person(self, workspace_id: int, customer_id: UUID) -> None:
        cell = self.tables.customers.cells.get(customer_id)
        if cell is not None:
            self.tx.lock(self.tables.customers, cell, strong=True)
        own = self.tx.cells(self.tables.identities.by_customer, customer_id)
        self.tx.remove(self.tables.identities, [one for one in own if one[1].workspace_id == workspace_id])
        if cell is not None:
            self.tx.remove(self.tables.customers, [(cell, None)])
        self.delete_traces(customer_id)

    def delete_traces(self, customer_id: UUID) -> None:
        tables, tx = self.tables, self.tx
        for name in ("inbox", "parked_events"):
            self._remove(getattr(tables, name), getattr(tables, name).by_customer, customer_id)
        for row in tx.rows(tables.events.by_customer, customer_id):
            cell = tables.event_outcomes.cells.get(row.id)
            if cell is not None:
                tx.remove(tables.event_outcomes, [(cell, None)])
        tx.segments.leave_all(customer_id, tx.now)
        for name in OWN:
            self._remove(getattr(tables, name), getattr(tables, name).by_customer, customer_id)
        self._remove(tables.merges, tables.merges.by_survivor, customer_id)
        own = tables.merges.cells.get(customer_id)
        if own is not None:
            tx.remove(tables.merges, [(own, None)])
        for row in tx.rows(tables.enrollments.by_customer, customer_id):
            self._remove(tables.visits, tables.visits.by_enrollment, row.id)
            self._remove(tables.moves, tables.moves.by_enrollment, row.id)
        self._forget_whose(customer_id)
        self._remove_messages(customer_id)
        self._remove(tables.enrollments, tables.enrollments.by_customer, customer_id)

    def _forget_whose(self, customer_id: UUID) -> None:
        """Codes the customer was given stay used, and name nobody."""
        codes = self.tables.coupon_codes
        nobody = {"customer_id": None, "enrollment_id": None}
        self.tx.change(codes, self.tx.cells(codes.by_customer, customer_id), lambda row: nobody)

    def _remove_messages(self, customer_id: UUID) -> None:
        """A message at a provider stays until its outcome is known."""
        tables = self.tables
        gone = [one for one in self.tx.cells(tables.messages.by_customer, customer_id) if one[1].status != "sending"]
        for _, row in gone:
            for table in (tables.deliveries, tables.receipts):
                self._remove(table, table.by_message, row.id)
        self.tx.remove(tables.messages, gone)

    def _remove(self, table: Any, index: Any, place: Any) -> None:
        self.tx.remove(table, self.tx.cells(index, place))

    def transaction_number(self) -> int:
        return self.tx.write_number()

    def older_ended(self, number: int) -> bool:
        running = [tx.number for tx in self.memory.running if tx.number is not None]
        return min(running, default=number + 1) > number

    def is_sending(self, customer_id: UUID) -> bool:
        return any(row.status == "sending" for row in self.tx.rows(self.tables.messages.by_customer, customer_id))


PART = Erasure
