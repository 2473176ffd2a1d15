"""Accounts in memory."""

from typing import Any

from journey_engine.memory.part import Part


class Accounts(Part):
    def listed(self, workspace_id: int) -> list[dict[str, Any]]:
        rows = [row for row in self.tables.accounts.all(self.tx) if row.workspace_id == workspace_id]
        return [dict(row._mapping) for row in sorted(rows, key=lambda row: row.id)]


PART = Accounts
