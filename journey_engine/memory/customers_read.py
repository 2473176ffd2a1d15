"""Customers as people ask for them, in memory."""

from uuid import UUID

from journey_engine.memory.part import Part


class CustomersRead(Part):
    def survivor(self, workspace_id: int, customer_id: UUID) -> UUID | None:
        merge = self.tx.find(self.tables.merges, customer_id)
        return merge.survivor_id if merge is not None and merge.workspace_id == workspace_id else None


PART = CustomersRead
