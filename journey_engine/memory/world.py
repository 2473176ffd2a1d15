"""What the stages of a turn ask for beyond what was loaded, answered from memory."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from journey_engine.memory.part import Part
from journey_engine.memory.standing import Standings
from journey_engine.model.coupon import Coupon
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.event import Event
from journey_engine.store.volumes import Volume


class World(Standings, Part):
    def world_of(self) -> "World":
        return self

    def volume(self, journey: UUID, workspace: int) -> Volume:
        return self.tx.volumes.lock(journey, workspace)

    def entries(self, pairs: set[tuple[UUID, UUID]]) -> Iterable[tuple]:
        for pair in sorted(pairs):
            known: dict[str, list[Any]] = defaultdict(list)
            for row in self.tx.rows(self.tables.enrollments.by_pair, pair):
                known[row.key].append(row)
            for key, rows in known.items():
                entered = [row for row in rows if row.entered_at is not None]
                last = max((row.entered_at for row in entered), default=None)
                ended = max((row.ended_at for row in entered if row.ended_at is not None), default=None)
                yield *pair, key, max(row.entry_no for row in rows), bool(entered), last, ended

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

    def coupons(self, workspace_id: int, pool: UUID, count: int, without: Sequence[str], now: datetime) -> list[Coupon]:
        return self.tx.coupons.hold(workspace_id, pool, count, without, now)

    def withdrawn(self, customers: list[UUID], channel: str) -> set[UUID]:
        return {
            row.customer_id
            for id in customers
            for row in self.tx.rows(self.tables.consents.by_customer, id)
            if row.channel == channel and row.state == "withdrawn"
        }

    def converted(self, enrollments: list[UUID]) -> Iterable[tuple[UUID, str, UUID | None]]:
        return self.tx.goals.converted(enrollments)

    def sent(self, customers: list[UUID], enrollments: list[UUID]) -> Iterable[tuple[UUID, datetime, UUID, str]]:
        return self.tx.goals.sent(customers, enrollments)

    def ended(self, customers: list[UUID], journeys: list[UUID], since: datetime) -> list[Enrollment]:
        return self.tx.goals.ended(customers, journeys, since)


PART = World
