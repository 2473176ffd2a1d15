"""What happens today and what waits, for the first page and for monitoring."""

from typing import Any

from sqlalchemy import Connection, text

LANE_SCAN = 100_000

# Walks the primary key of inbox: one look per shard, because the rows of a shard are ordered by arrival.
INBOX = text(
    """
    SELECT count(*) AS n, extract(epoch FROM now() - min(received_at))::float8 AS oldest_s
    FROM (SELECT received_at FROM inbox LIMIT :scan) waiting
    """
)
# Walks enrollments_due, one look per shard.
WAKE_LAG = text(
    """
    SELECT extract(epoch FROM now() - min(w.wake_at))::float8 AS lag_s
    FROM generate_series(0, 63) s,
        LATERAL (SELECT wake_at FROM enrollments e WHERE e.shard = s AND wake_at IS NOT NULL ORDER BY wake_at LIMIT 1) w
    WHERE w.wake_at <= now()
    """
)
# Walks messages_queued.
LANES = text(
    """
    SELECT a.name AS lane, count(m.due_at) AS queued,
        CASE WHEN a.stopped_at IS NOT NULL THEN 'stopped' WHEN a.broken_at IS NOT NULL THEN 'out_of_reach'
            ELSE 'open' END AS state,
        extract(epoch FROM now() - min(m.due_at) FILTER (WHERE m.due_at <= now()))::float8 AS oldest_s
    FROM accounts a
    LEFT JOIN messages m ON m.account_id = a.id AND m.status = 'queued' AND m.due_at IS NOT NULL
    WHERE CAST(:workspace AS int) IS NULL OR a.workspace_id = :workspace
    GROUP BY a.id, a.name ORDER BY a.id
    """
)


def health(tx: Connection, workspace_id: int | None = None) -> dict[str, Any]:
    """What waits to be worked or sent: inbox and wakes of the installation, lanes of the workspace if one is named."""
    inbox = tx.execute(INBOX, {"scan": LANE_SCAN}).one()
    lanes = [dict(row._mapping) for row in tx.execute(LANES, {"workspace": workspace_id})]
    return {
        "inbox": inbox.n,
        "oldest_inbox_s": inbox.oldest_s,
        "wake_lag_s": tx.scalar(WAKE_LAG),
        "lanes": lanes,
    }


JOURNEYS = text("SELECT status, count(*) AS n FROM journeys WHERE workspace_id = :workspace GROUP BY status")

# Ids are time-ordered, so those of today are a range of the primary key.
TODAY = text(
    """
    SELECT
        (SELECT count(*) FROM events WHERE id >= :first AND workspace_id = :workspace) AS events,
        (SELECT count(*) FROM enrollments
            WHERE id >= :first AND workspace_id = :workspace AND entered_at IS NOT NULL) AS entered,
        (SELECT count(*) FROM messages
            WHERE id >= :first AND workspace_id = :workspace AND status = 'failed') AS failed,
        (SELECT count(*) FROM messages
            WHERE id >= :first AND workspace_id = :workspace AND status = 'unknown') AS unknown
    """
)
SENT_TODAY = text(
    """
    SELECT channel, count(*) AS n FROM messages
    WHERE id >= :first AND workspace_id = :workspace AND sent_at IS NOT NULL GROUP BY channel
    """
)


def journeys_by_status(tx: Connection, workspace_id: int) -> dict[str, int]:
    return {row.status: row.n for row in tx.execute(JOURNEYS, {"workspace": workspace_id})}


def today(tx: Connection, workspace_id: int, first_id: Any) -> dict[str, Any]:
    """What happened since the id that begins the day."""
    values = {"workspace": workspace_id, "first": first_id}
    numbers = dict(tx.execute(TODAY, values).one()._mapping)
    return numbers | {"messages": {row.channel: row.n for row in tx.execute(SENT_TODAY, values)}}
