"""Goals in memory: what was reached, through which message, and which arm of an experiment somebody got."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from journey_engine.memory.part import Part
from journey_engine.memory.tables import Row
from journey_engine.memory.turns import LOADED
from journey_engine.model.conversion import Conversion, Exposure
from journey_engine.model.enrollment import Enrollment
from journey_engine.store.goals import CONVERSION_COLUMNS, conversion_row


class Goals(Part):
    def versions_with_goals(self, after: int) -> list[Row]:
        rows = [row for row in self.tables.versions.all(self.tx) if row.id > after]
        told = [row.but(goals=row.graph.get("settings", {}).get("goals")) for row in rows]
        return sorted((row for row in told if row.goals), key=lambda row: row.id)

    def converted(self, enrollments: list[UUID]) -> Iterable[tuple[UUID, str, UUID | None]]:
        index = self.tables.conversions.by_enrollment
        return [(row.enrollment_id, row.goal, row.event_id) for id in enrollments for row in self.tx.rows(index, id)]

    def sent(self, customers: list[UUID], enrollments: list[UUID]) -> Iterable[tuple[UUID, datetime, UUID, str]]:
        rows = [row for id in customers for row in self.tx.rows(self.tables.messages.by_customer, id)]
        wanted = set(enrollments)
        return [
            (row.enrollment_id, row.sent_at or row.queued_at, row.id, row.node_id)
            for row in sorted(rows, key=lambda row: (row.queued_at, row.visit))
            if row.enrollment_id in wanted and _persuaded(row)
        ]

    def ended(self, customers: list[UUID], journeys: list[UUID], since: datetime) -> list[Enrollment]:
        pairs = [(customer, journey) for customer in customers for journey in journeys]
        rows = [row for pair in pairs for row in self.tx.rows(self.tables.enrollments.by_pair, pair)]
        return [
            Enrollment(**{name: row.__dict__[name] for name in (*LOADED, "ended_at", "end_reason")})
            for row in rows
            if row.ended_at is not None and row.ended_at >= since and row.entered_at is not None
        ]

    def add_conversions(self, conversions: Sequence[Conversion], now: datetime) -> None:
        for one in conversions:
            columns = dict(zip(CONVERSION_COLUMNS, conversion_row(one, now), strict=True))
            self.tx.insert(self.tables.conversions, **columns | {"value": one.value})

    def add_exposures(self, exposures: Sequence[Exposure], now: datetime) -> None:
        for one in exposures:
            e = one.enrollment
            columns = {"enrollment_id": e.id, "node_id": one.node_id, "workspace_id": e.workspace_id, "shard": e.shard}
            columns |= {"customer_id": e.customer_id, "journey_id": e.journey_id, "version_id": e.version_id}
            self.tx.insert_new(self.tables.exposures, columns | {"arm": one.arm, "at": now})


def _persuaded(row: Row) -> bool:
    """Whether a message may have led to what its customer did."""
    return row.status != "failed" and (row.status != "suppressed" or row.reason == "holdout")


PART = Goals
