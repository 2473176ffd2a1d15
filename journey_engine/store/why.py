"""What is recorded of one customer in one journey: the facts behind the answer to why, and why not."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from journey_engine.store import journeys, workspaces
from journey_engine.why import Known, watched

LATEST = 20
"""Entries that an answer looks back on; a customer who came more often is asked about the last ones."""

# Each walks the index by customer of its table.
ENROLLMENTS = text(
    """
    SELECT id, version_id, key, status, node_id, context, fired_at, entered_at, held_since, wake_at, parked_wake_at,
        ended_at, end_reason,
        to_timestamp(('x' || left(replace(CAST(id AS text), '-', ''), 12))::bit(48)::bigint / 1000.0) AS begun_at
    FROM enrollments WHERE customer_id = :customer AND journey_id = :journey AND workspace_id = :workspace
    ORDER BY fired_at DESC, id DESC LIMIT :latest
    """
)
VISITS = text(
    "SELECT enrollment_id, at, version_id, path FROM visits WHERE enrollment_id = ANY(CAST(:ids AS uuid[])) ORDER BY n"
)
MESSAGES = text(
    """
    SELECT m.id, m.enrollment_id, m.version_id, m.node_id, m.visit, m.channel, m.status, m.reason, m.queued_at,
        m.sent_at, m.attempts, m.checks, a.name AS account, a.stopped_at, a.stopped_why, a.broken_at
    FROM messages m LEFT JOIN accounts a ON a.id = m.account_id
    WHERE m.customer_id = :customer AND m.journey_id = :journey AND m.enrollment_id = ANY(CAST(:ids AS uuid[]))
    ORDER BY m.queued_at, m.visit
    """
)
DELIVERIES = text(
    "SELECT message_id, attempt, started_at, outcome, code, detail FROM deliveries "
    "WHERE message_id = ANY(CAST(:messages AS uuid[])) ORDER BY message_id, attempt"
)
RECEIPTS = text(
    "SELECT message_id, kind, at FROM receipts WHERE message_id = ANY(CAST(:messages AS uuid[])) ORDER BY at, kind"
)
REFUSALS = text(
    """
    SELECT * FROM (
        SELECT id, at, reason FROM refusals
        WHERE customer_id = :customer AND journey_id = :journey AND workspace_id = :workspace
        ORDER BY id DESC LIMIT :latest
    ) latest ORDER BY at, id
    """
)
CONVERSIONS = text(
    "SELECT goal, version_id, occurred_at, node_id, value, currency FROM conversions "
    "WHERE customer_id = :customer AND journey_id = :journey AND workspace_id = :workspace ORDER BY occurred_at, goal"
)
ACTIVITY = text(
    "SELECT name, count, first_at, last_at FROM activity "
    "WHERE customer_id = :customer AND workspace_id = :workspace AND name = ANY(CAST(:names AS text[]))"
)
# An event of the triggers that has not come to them: it waits, a pause keeps it, or it could not be worked.
UNDER_WAY = text(
    """
    WITH own AS (
        SELECT id, name, occurred_at AS at FROM events
        WHERE customer_id = :customer AND workspace_id = :workspace AND name = ANY(CAST(:names AS text[]))
        ORDER BY occurred_at DESC LIMIT 1000
    )
    SELECT 'pending' AS what, own.name, own.at, '' AS why FROM own JOIN inbox i ON i.event_id = own.id
    WHERE i.customer_id = :customer AND i.shard = :shard
    UNION ALL
    SELECT 'kept', own.name, own.at, '' FROM own JOIN parked_events p ON p.event_id = own.id
    WHERE p.journey_id = :journey AND p.customer_id = :customer
    UNION ALL
    SELECT 'set_aside', own.name, own.at, o.why FROM own JOIN event_outcomes o ON o.event_id = own.id
    WHERE o.state = 'dead_lettered'
    ORDER BY 3
    """
)
PAST_ENTRIES = text("SELECT entries FROM past_entries WHERE customer_id = :customer AND journey_id = :journey")


def known(tx: Connection, workspace_id: int, customer_id: UUID, shard: int, journey: dict[str, Any]) -> Known:
    """Everything that is recorded of this customer in this journey."""
    values = {"workspace": workspace_id, "customer": customer_id, "journey": journey["id"], "latest": LATEST}
    versions = _versions(tx, workspace_id, journey["id"])
    found = Known(journey, workspaces.timezone(tx, workspace_id), versions)
    found.enrollments = tx.execute(ENROLLMENTS, values).all()[::-1]
    ids = [row.id for row in found.enrollments]
    for row in tx.execute(VISITS, {"ids": ids}):
        found.visits.setdefault(row.enrollment_id, []).append(row)
    found.messages = tx.execute(MESSAGES, {**values, "ids": ids}).all()
    messages = {"messages": [row.id for row in found.messages]}
    found.deliveries = tx.execute(DELIVERIES, messages).all()
    found.receipts = tx.execute(RECEIPTS, messages).all()
    found.refusals = tx.execute(REFUSALS, values).all()
    found.conversions = tx.execute(CONVERSIONS, values).all()
    _look_at_events(tx, found, {**values, "shard": shard})
    found.past_entries = tx.scalar(PAST_ENTRIES, values) or 0
    return found


def _versions(tx: Connection, workspace_id: int, journey_id: UUID) -> dict[int, dict[str, Any]]:
    own = journeys.versions_of(tx, workspace_id, journey_id)
    graphs = journeys.graphs(tx, workspace_id, {one["id"] for one in own})
    named = {one["id"]: {name: one[name] for name in ("number", "published_at")} for one in own}
    return {id: {**named[id], "graph": graphs[id]["graph"]} for id in sorted(named)}


def _look_at_events(tx: Connection, found: Known, values: dict[str, Any]) -> None:
    """What the customer did of the events that the triggers watch, and which of them are not worked yet."""
    names = sorted({name for version in found.versions.values() for name in watched(version["graph"])})
    found.activity = tx.execute(ACTIVITY, {**values, "names": names}).all()
    for row in tx.execute(UNDER_WAY, {**values, "names": names}):
        getattr(found, row.what).append(row)
