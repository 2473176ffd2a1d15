"""Consents in memory: the ledger, the present state, and what a withdrawal does to queued messages."""

from typing import Any
from uuid import UUID

from journey_engine.ids import shard_of
from journey_engine.memory.journeys import by_node
from journey_engine.memory.part import Part
from journey_engine.memory.tables import Row


class Consents(Part):
    def exists(self, workspace_id: int, customer_id: UUID) -> bool:
        row = self.tx.find(self.tables.customers, customer_id)
        return row is not None and row.workspace_id == workspace_id

    def change(self, change: dict[str, Any]) -> None:
        values = change | {"shard": shard_of(change["customer_id"])}
        self.tx.insert(self.tables.consent_changes, **values)
        state = {name: value for name, value in values.items() if name not in ("id", "evidence")}
        new = {name: state[name] for name in ("state", "at", "source")}
        self.tx.add(self.tables.consents, state, lambda was: new)

    def suppress(self, customer_id: UUID, channel: str) -> list[Any]:
        def meant(row: Row) -> bool:
            return _marketing_on(row, channel) and row.status == "queued"

        messages = self.tables.messages
        cells = [one for one in self.tx.cells(messages.by_customer, customer_id) if meant(one[1])]
        changes = {"status": "suppressed", "reason": "unsubscribed", "due_at": None}
        return by_node(self.tx.change(messages, cells, lambda row: changes, meant))

    def is_sending(self, customer_id: UUID, channel: str) -> bool:
        rows = self.tx.rows(self.tables.messages.by_customer, customer_id)
        return any(row.status == "sending" and _marketing_on(row, channel) for row in rows)


def _marketing_on(row: Row, channel: str) -> bool:
    return row.channel == channel and row._mapping["class"] == "marketing"


PART = Consents
