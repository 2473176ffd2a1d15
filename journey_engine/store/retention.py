"""Retention: statements that remove what is old, some rows at a time, and leave what somebody live may still need.

Ids begin with the time they were made, so what is old lies at the beginning of a primary key, and no table needs an
index by age. A round walks from there to the age asked for; the row of `retention` says where it stands, and whoever
holds it is the one who walks: no leader, and nobody waits. Rows that somebody else has locked stay for the next round.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from journey_engine.ids import first_id_of

ROUND_EVERY = timedelta(days=1)
"""Between two rounds over a table; what is old grows by a day of rows meanwhile."""

EVENTS, ENROLLMENTS, MESSAGES, REFUSALS = "events", "enrollments", "messages", "refusals"
OTHER_EVENTS, OUTCOMES, RECEIPTS, KEYS = "events without a month", "event outcomes", "unmatched receipts", "event keys"
HISTORY = (EVENTS, ENROLLMENTS, MESSAGES, REFUSALS)
"""What a customer's page is made of."""

ROWS = 1_000
BLOCKS = 500
"""What one batch looks at: rows of a primary key, or pages of a table that is read as it lies."""

# Walks the primary key, and messages_by_customer. What ended and has nothing left to send goes with its paths; that the
# customer was in the journey stays, for re-entry.
ENROLLMENT_BATCH = """
    WITH looked AS (
        SELECT id, ended_at FROM enrollments
        WHERE id > CAST(coalesce(:place, '00000000-0000-0000-0000-000000000000') AS uuid) AND id < :first
        ORDER BY id LIMIT :rows
    ), free AS (
        SELECT e.id FROM looked JOIN enrollments e ON e.id = looked.id
        WHERE looked.ended_at < :before AND e.ended_at < :before AND NOT EXISTS (
            SELECT FROM messages m WHERE m.customer_id = e.customer_id AND m.enrollment_id = e.id
                AND (m.status IN ('queued', 'sending') OR m.due_at IS NOT NULL)
        )
        FOR UPDATE OF e SKIP LOCKED
    ), gone AS (
        DELETE FROM enrollments e USING free WHERE e.id = free.id
        RETURNING e.id, e.workspace_id, e.shard, e.customer_id, e.journey_id, e.entered_at
    ), paths AS (
        DELETE FROM visits USING gone WHERE enrollment_id = gone.id
    ), remembered AS (
        INSERT INTO past_entries (customer_id, journey_id, workspace_id, shard, entries, last_at)
        SELECT customer_id, journey_id, min(workspace_id), min(shard), count(*), max(entered_at)
        FROM gone WHERE entered_at IS NOT NULL GROUP BY customer_id, journey_id
        ON CONFLICT (customer_id, journey_id) DO UPDATE SET entries = past_entries.entries + EXCLUDED.entries,
            last_at = greatest(past_entries.last_at, EXCLUDED.last_at)
    )
    SELECT (SELECT count(*) FROM looked) = :rows AS more, (SELECT count(*) FROM gone) AS removed,
        (SELECT CAST(id AS text) FROM looked ORDER BY id DESC LIMIT 1) AS place
"""

# Walks the primary key, whose time is that of the enrollment. Whoever is still in a journey keeps their messages.
MESSAGE_BATCH = """
    WITH looked AS (
        SELECT id FROM messages
        WHERE id > CAST(coalesce(:place, '00000000-0000-0000-0000-000000000000') AS uuid) AND id < :first
        ORDER BY id LIMIT :rows
    ), free AS (
        SELECT m.id FROM looked JOIN messages m ON m.id = looked.id
        WHERE m.queued_at < :before AND m.status NOT IN ('queued', 'sending') AND m.due_at IS NULL
            AND NOT EXISTS (SELECT FROM enrollments e WHERE e.id = m.enrollment_id AND e.ended_at IS NULL)
        FOR UPDATE OF m SKIP LOCKED
    ), gone AS (
        DELETE FROM messages m USING free WHERE m.id = free.id RETURNING m.id
    ), attempts AS (
        DELETE FROM deliveries USING gone WHERE message_id = gone.id
    ), said AS (
        DELETE FROM receipts USING gone WHERE message_id = gone.id
    )
    SELECT (SELECT count(*) FROM looked) = :rows AS more, (SELECT count(*) FROM gone) AS removed,
        (SELECT CAST(id AS text) FROM looked ORDER BY id DESC LIMIT 1) AS place
"""

# Walks the primary key from its beginning, because nothing old stays there.
REFUSAL_BATCH = """
    WITH looked AS (
        SELECT id FROM (
            SELECT id, at FROM refusals WHERE id > CAST(coalesce(:place, '0') AS bigint) ORDER BY id LIMIT :rows
        ) first WHERE at < :before
    ), gone AS (
        DELETE FROM refusals r USING looked WHERE r.id = looked.id RETURNING r.id
    )
    SELECT count(*) = :rows AS more, count(*) AS removed, CAST(max(id) AS text) AS place FROM gone
"""

# Both walk the primary key from its beginning.
BY_EVENT_BATCH = """
    WITH looked AS (
        SELECT {id} FROM {table}
        WHERE {id} > CAST(coalesce(:place, '00000000-0000-0000-0000-000000000000') AS uuid) AND {id} < :first
        ORDER BY {id} LIMIT :rows
    ), gone AS (
        DELETE FROM {table} o USING looked WHERE o.{id} = looked.{id} RETURNING o.{id}
    )
    SELECT (SELECT count(*) FROM looked) = :rows AS more, (SELECT count(*) FROM gone) AS removed,
        (SELECT CAST({id} AS text) FROM looked ORDER BY {id} DESC LIMIT 1) AS place
"""

# Walks receipts_unmatched; the others go with their messages.
RECEIPT_BATCH = """
    WITH gone AS (
        DELETE FROM receipts WHERE NOT matched AND ctid = ANY (ARRAY(
            SELECT ctid FROM receipts WHERE NOT matched AND received_at < :before ORDER BY received_at LIMIT :rows
        )) RETURNING 1
    )
    SELECT count(*) = :rows AS more, count(*) AS removed, '' AS place FROM gone
"""

# Reads the pages of the table in the order in which they lie. One row in eight goes in a round, and an index by age
# would be written to with every event.
KEY_BATCH = """
    WITH gone AS (
        DELETE FROM event_keys
        WHERE ctid >= CAST('(' || :page || ',0)' AS tid) AND ctid < CAST('(' || :next_page || ',0)' AS tid)
            AND received_at < :before
        RETURNING 1
    )
    SELECT CAST(:next_page AS int) * CAST(current_setting('block_size') AS bigint) < pg_relation_size('event_keys')
        AS more, count(*) AS removed, :next_page AS place FROM gone
"""

BATCHES = {
    ENROLLMENTS: text(ENROLLMENT_BATCH),
    MESSAGES: text(MESSAGE_BATCH),
    REFUSALS: text(REFUSAL_BATCH),
    OTHER_EVENTS: text(BY_EVENT_BATCH.format(table="events_other", id="id")),
    OUTCOMES: text(BY_EVENT_BATCH.format(table="event_outcomes", id="event_id")),
    RECEIPTS: text(RECEIPT_BATCH),
    KEYS: text(KEY_BATCH),
}
PREPARE = text("INSERT INTO retention (what) SELECT unnest(CAST(:whats AS text[])) ON CONFLICT DO NOTHING")
TAKE = text(
    "SELECT place FROM retention WHERE what = :what AND (rests_until IS NULL OR rests_until <= :now) "
    "FOR UPDATE SKIP LOCKED"
)
NOTE = text(
    """
    UPDATE retention SET place = :place, rests_until = :rests_until, removed = removed + :removed,
        kept_since = CASE WHEN :removed > 0 THEN greatest(kept_since, :before) ELSE kept_since END
    WHERE what = :what
    """
)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch did; `more`: the round is not over."""

    removed: int
    more: bool


def prepare(tx: Connection) -> None:
    """A row for each thing that is kept for a while."""
    tx.execute(PREPARE, {"whats": [EVENTS, *BATCHES]})


def remove_some(tx: Connection, what: str, before: datetime, now: datetime) -> Batch:
    """One batch of the round under way, or of a new one when that is due and nobody else is at it."""
    turn = tx.execute(TAKE, {"what": what, "now": now}).first()
    if turn is None:
        return Batch(0, False)
    done = tx.execute(BATCHES[what], _values(what, turn.place, before)).one()
    note(tx, what, done.removed, before, now, done.place if done.more else None)
    return Batch(done.removed, done.more)


def _values(what: str, place: str | None, before: datetime) -> dict[str, Any]:
    if what == KEYS:
        page = int(place or 0)
        return {"page": str(page), "next_page": str(page + BLOCKS), "before": before}
    if what in (REFUSALS, RECEIPTS):
        return {"before": before, "rows": ROWS} | ({"place": place} if what == REFUSALS else {})
    values = {"place": place, "first": first_id_of(before), "rows": ROWS}
    return values if what in (OTHER_EVENTS, OUTCOMES) else values | {"before": before}


def take_round(tx: Connection, what: str, now: datetime) -> bool:
    """Whether a round is due and ours, until the transaction ends."""
    return tx.execute(TAKE, {"what": what, "now": now}).first() is not None


def note(tx: Connection, what: str, removed: int, before: datetime, now: datetime, place: str | None = None) -> None:
    """How far a round has come; without a place it is over, and the next one begins tomorrow."""
    rests_until = now + ROUND_EVERY if place is None else None
    values = {"what": what, "place": place, "rests_until": rests_until, "removed": removed, "before": before}
    tx.execute(NOTE, values)


KEPT_SINCE = text("SELECT max(kept_since) FROM retention WHERE what = ANY(CAST(:whats AS text[]))")


def kept_since(tx: Connection) -> datetime | None:
    """Since when histories are whole; None as long as nothing was removed from any."""
    return tx.scalar(KEPT_SINCE, {"whats": list(HISTORY)})


VERSIONS = text("SELECT id, graph FROM versions ORDER BY id")

# Both are read when a month is about to go, so once a month; the second walks the primary key of enrollments, in which
# little besides the live ones is left of so long ago.
WAITING_EVENT = text(
    """
    SELECT event_id FROM (
        SELECT event_id FROM inbox WHERE event_id < :first UNION ALL
        SELECT event_id FROM parked_events WHERE event_id < :first
    ) waiting ORDER BY event_id LIMIT 1
    """
)
LIVE_SINCE = text(
    """
    SELECT id, journey_id FROM enrollments
    WHERE id < :first AND ended_at IS NULL AND version_id = ANY(CAST(:versions AS int[])) ORDER BY id LIMIT 1
    """
)


def versions(tx: Connection) -> list[Any]:
    """Every version with its graph."""
    return list(tx.execute(VERSIONS).all())


def needed_since(tx: Connection, before: datetime, versions: list[int]) -> tuple[datetime, UUID | None]:
    """From when on events are still needed, at most `before`: by the queue, or by somebody live in one of the versions,
    whose journey is named."""
    first = first_id_of(before)
    waiting = tx.scalar(WAITING_EVENT, {"first": first})
    live = tx.execute(LIVE_SINCE, {"first": first, "versions": versions}).first() if versions else None
    if live is not None and (waiting is None or live.id < waiting):
        return _made_at(live.id), live.journey_id
    return (before if waiting is None else _made_at(waiting)), None


def _made_at(id: UUID) -> datetime:
    return datetime.fromtimestamp((id.int >> 80) / 1000, UTC)
