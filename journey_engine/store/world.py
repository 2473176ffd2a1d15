"""The live world: what the stages of a turn ask for beyond what was loaded, answered by the database."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

from journey_engine.model.coupon import Coupon
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.event import Event
from journey_engine.store import coupons, goals, volumes
from journey_engine.store.port import port
from journey_engine.store.standing import Standings

# Walks one_enrollment_per_entry, and the primary key of what is left of entries that are no longer kept.
ENTRIES = text(
    """
    WITH pairs AS (
        SELECT * FROM unnest(CAST(:customers AS uuid[]), CAST(:journeys AS uuid[])) AS p (customer_id, journey_id)
    )
    SELECT customer_id, journey_id, key, max(entry_no), bool_or(entered), max(entered_at), max(ended_at) FROM (
        SELECT e.customer_id, e.journey_id, e.key, e.entry_no, e.entered_at IS NOT NULL AS entered, e.entered_at,
            CASE WHEN e.entered_at IS NOT NULL THEN e.ended_at END AS ended_at
        FROM pairs p JOIN enrollments e ON e.customer_id = p.customer_id AND e.journey_id = p.journey_id
        UNION ALL
        SELECT e.customer_id, e.journey_id, '', 0, true, e.last_at, e.last_at
        FROM pairs p JOIN past_entries e ON e.customer_id = p.customer_id AND e.journey_id = p.journey_id
    ) entries
    GROUP BY customer_id, journey_id, key
    """
)

# Walks events_by_customer in each month.
HISTORY = text(
    """
    SELECT id, workspace_id, customer_id, name, occurred_at, received_at, properties FROM events
    WHERE customer_id = ANY(CAST(:customers AS uuid[])) AND name = ANY(CAST(:names AS text[]))
    ORDER BY occurred_at, id
    """
)

# Walks identities_by_customer; the newest address is the one the customer uses.
ADDRESSES = text(
    """
    SELECT DISTINCT ON (customer_id) customer_id, value FROM identities
    WHERE customer_id = ANY(CAST(:customers AS uuid[])) AND kind = :kind
    ORDER BY customer_id, created_at DESC
    """
)

WITHDRAWN = text(
    """
    SELECT customer_id FROM consents
    WHERE customer_id = ANY(CAST(:customers AS uuid[])) AND channel = :channel AND state = 'withdrawn'
    """
)


@port
def world_of(tx: Connection) -> "LiveWorld":
    """What answers the stages of this transaction."""
    return LiveWorld(tx)


class LiveWorld(Standings):
    """Reads inside the transaction of the turn."""

    def __init__(self, tx: Connection):
        self.tx = tx

    def volume(self, journey: UUID, workspace: int) -> volumes.Volume:
        return volumes.lock(self.tx, journey, workspace)

    def entries(self, pairs: set[tuple[UUID, UUID]]) -> Iterable[tuple]:
        customers, journeys = (list(column) for column in zip(*pairs, strict=True))
        return self.tx.execute(ENTRIES, {"customers": customers, "journeys": journeys})

    def history(self, customers: list[UUID], names: list[str]) -> Iterable[Event]:
        rows = self.tx.execute(HISTORY, {"customers": customers, "names": names})
        return (Event(**row._mapping) for row in rows)

    def addresses(self, customers: list[UUID], kind: str) -> dict[UUID, str]:
        rows = self.tx.execute(ADDRESSES, {"customers": customers, "kind": kind})
        return {row.customer_id: row.value for row in rows}

    def coupons(self, workspace_id: int, pool: UUID, count: int, without: Sequence[str], now: datetime) -> list[Coupon]:
        return coupons.hold(self.tx, workspace_id, pool, count, without, now)

    def withdrawn(self, customers: list[UUID], channel: str) -> set[UUID]:
        return set(self.tx.scalars(WITHDRAWN, {"customers": customers, "channel": channel}))

    def converted(self, enrollments: list[UUID]) -> Iterable[tuple[UUID, str, UUID | None]]:
        return goals.converted(self.tx, enrollments)

    def sent(self, customers: list[UUID], enrollments: list[UUID]) -> Iterable[tuple[UUID, datetime, UUID, str]]:
        return goals.sent(self.tx, customers, enrollments)

    def ended(self, customers: list[UUID], journeys: list[UUID], since: datetime) -> list[Enrollment]:
        return goals.ended(self.tx, customers, journeys, since)
