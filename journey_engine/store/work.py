"""Statements that only look whether there is work, and when the next comes due; and those that keep tables small."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from journey_engine.config import DEDUPE_DAYS, SHARDS
from journey_engine.store.port import port

# One step into an index per shard; the journeys' wakes and the inbox.
TURNS_DUE = text(
    """
    SELECT EXISTS (SELECT FROM inbox WHERE not_before IS NULL OR not_before <= :now)
        OR EXISTS (
            SELECT FROM generate_series(0, :last_shard) s
            WHERE EXISTS (SELECT FROM enrollments e WHERE e.shard = s AND e.wake_at <= :now)
        )
    """
)

NEXT_WAKE = text(
    """
    SELECT min(w.at) FROM generate_series(0, :last_shard) s
    CROSS JOIN LATERAL (SELECT min(wake_at) AS at FROM enrollments WHERE shard = s AND wake_at IS NOT NULL) w
    """
)


@port
def turns_due(tx: Connection, now: datetime) -> bool:
    """Whether any event or wake waits for a turn."""
    return tx.scalar(TURNS_DUE, {"now": now, "last_shard": SHARDS - 1})


@port
def next_wake(tx: Connection) -> datetime | None:
    """When the next wake comes due."""
    return tx.scalar(NEXT_WAKE, {"last_shard": SHARDS - 1})


@port
def next_message(tx: Connection, lane: int) -> datetime | None:
    """When the next message of a lane comes due. Walks messages_queued."""
    return tx.scalar(
        text("SELECT min(due_at) FROM messages WHERE account_id = :lane AND status = 'queued' AND due_at IS NOT NULL"),
        {"lane": lane},
    )


def forget_tries(tx: Connection, now: datetime) -> None:
    """Forget how often wakes were tried long ago."""
    tx.execute(text("DELETE FROM wake_tries WHERE at < :before"), {"before": now - timedelta(days=DEDUPE_DAYS)})
