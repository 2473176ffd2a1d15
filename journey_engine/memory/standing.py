"""Where customers stand, as rules read it, answered from memory."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID


class Standings:
    """The reads of `store/standing.py`."""

    tx: Any
    tables: Any

    def consents(self, customers: list[UUID]) -> Iterable[tuple[UUID, str, str, str]]:
        for id in customers:
            for row in self.tx.rows(self.tables.consents.by_customer, id):
                yield id, row.channel, row.topic, row.state

    def memberships(self, customers: list[UUID], segments: list[str]) -> Iterable[tuple[UUID, UUID]]:
        for id in customers:
            for segment in map(UUID, segments):
                row = self.tx.find(self.tables.segment_states, (id, segment))
                if row is not None and row.member:
                    yield id, segment

    def states(self, customers: list[UUID], segments: list[UUID]) -> Iterable[Any]:
        rows = (self.tx.find(self.tables.segment_states, (c, s)) for c in customers for s in segments)
        return [row for row in rows if row is not None]

    def messages(
        self, customers: list[UUID]
    ) -> Iterable[tuple[UUID, UUID, UUID, str, str, datetime | None, str | None, datetime | None]]:
        for id in customers:
            for row in self.tx.rows(self.tables.messages.by_customer, id):
                said = self._receipts(row.id)
                own = (id, row.id, row.journey_id, row.node_id, row.channel, row.sent_at)
                if row.sent_at is not None and not said:
                    yield *own, None, None
                for kind, at in said.items():
                    yield *own, kind, at

    def _receipts(self, message: UUID) -> dict[str, datetime]:
        """Since when the provider said each thing of a message."""
        said: dict[str, datetime] = {}
        for row in self.tx.rows(self.tables.receipts.by_message, message):
            if row.matched:
                said[row.kind] = min(said.get(row.kind, row.at), row.at)
        return said

    def entered(self, customers: list[UUID], journeys: list[str]) -> Iterable[tuple[UUID, UUID, UUID, bool, list[str]]]:
        for id in customers:
            for row in self.tx.rows(self.tables.enrollments.by_customer, id):
                if str(row.journey_id) in journeys and row.entered_at is not None:
                    walked = self.tx.rows(self.tables.visits.by_enrollment, row.id)
                    nodes = sorted({visit["node"] for path in walked for visit in path.path})
                    yield id, row.id, row.journey_id, row.ended_at is None, nodes

    def reached(self, enrollments: list[UUID], nodes: list[str]) -> Iterable[tuple[UUID, str, datetime]]:
        for id in enrollments:
            last: dict[str, datetime] = {}
            for row in self.tx.rows(self.tables.visits.by_enrollment, id):
                for visit in row.path:
                    if visit["node"] in nodes:
                        last[visit["node"]] = max(last.get(visit["node"], row.at), row.at)
            for node, at in last.items():
                yield id, node, at
