"""What the stages of a turn ask for beyond what was loaded, answered from memory."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from journey_engine.memory.part import Part
from journey_engine.memory.standing import Standings
from journey_engine.model.coupon import Coupon
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.event import Event


class World(Standings, Part):
    def world_of(self) -> "World":
        return self

    def entries(self, pairs: set[tuple[UUID, UUID]]) -> Iterable[tuple[UUID, UUID, str, int, bool]]:
        for pair in sorted(pairs):
            known: dict[str, tuple[int, bool]] = {}
            for row in self.tx.rows(self.tables.enrollments.by_pair, pair):
                highest, entered = known.get(row.key, (0, False))
                known[row.key] = max(highest, row.entry_no), entered or row.entered_at is not None
            for key, (highest, entered) in known.items():
                yield *pair, key, highest, entered

    def history(self, customers: list[UUID], names: list[str]) -> Iterable[Event]:
        rows = [row for id in customers for row in self.tx.rows(self.tables.events.by_customer, id)]
        for row in sorted(rows, key=lambda row: (row.occurred_at, row.id)):
            if row.name in names:
                yield Event(
                    row.id,
                    row.workspace_id,
                    row.customer_id,
                    row.name,
                    row.occurred_at,
                    row.received_at,
                    row.properties,
                )

    def addresses(self, customers: list[UUID], kind: str) -> dict[UUID, str]:
        found = {}
        for id in customers:
            own = [row for row in self.tx.rows(self.tables.identities.by_customer, id) if row.kind == kind]
            if own:
                found[id] = max(own, key=lambda row: (row.created_at, row.value)).value
        return found

    def coupons(
        self, workspace_id: int, pool: UUID, count: int, without: Sequence[str], now: datetime
    ) -> list[Coupon]:
        return self.tx.coupons.hold(workspace_id, pool, count, without, now)

    def withdrawn(self, customers: list[UUID], channel: str) -> set[UUID]:
        return {
            row.customer_id
            for id in customers
            for row in self.tx.rows(self.tables.consents.by_customer, id)
            if row.channel == channel and row.state == "withdrawn"
        }

    def converted(self, enrollments: list[UUID]) -> Iterable[tuple[UUID, str]]:
        return self.tx.goals.converted(enrollments)

    def sent(self, customers: list[UUID], enrollments: list[UUID]) -> Iterable[tuple[UUID, datetime, UUID, str]]:
        return self.tx.goals.sent(customers, enrollments)

    def ended(self, customers: list[UUID], journeys: list[UUID], since: datetime) -> list[Enrollment]:
        return self.tx.goals.ended(customers, journeys, since)


PART = World
