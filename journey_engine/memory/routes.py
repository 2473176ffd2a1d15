"""What is live, in memory: the revision, journeys with their versions, accounts."""

from typing import Any

from journey_engine.memory.part import Part
from journey_engine.memory.tables import Row


class Routes(Part):
    def revision(self) -> int:
        return self.tx.find(self.tables.control, 1).revision

    def live_journeys(self) -> list[Row]:
        journeys = [row for row in self.tables.journeys.all(self.tx) if row.status in ("live", "paused")]
        versions = self.tables.versions
        return [
            row.but(graph=self.tx.find(versions, row.live_version_id).graph)
            for row in sorted(journeys, key=lambda row: row.created_at)
        ]

    def version_graph(self, version_id: int) -> dict[str, Any]:
        version = self.tx.find(self.tables.versions, version_id)
        return None if version is None else version.graph

    def workspaces(self) -> list[Row]:
        return sorted(self.tables.workspaces.all(self.tx), key=lambda row: row.id)

    def accounts(self) -> list[Row]:
        return sorted(self.tables.accounts.all(self.tx), key=lambda row: row.id)


PART = Routes
