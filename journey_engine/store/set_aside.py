"""Statements for what was set aside (events, enrollments, messages) and is tried again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

# Each has its guard in the WHERE: of two who ask at once the second changes nothing.
RETRY_EVENT = text(
    """
    WITH again AS (
        DELETE FROM event_outcomes o USING events e
        WHERE o.event_id = :event AND o.state = 'dead_lettered' AND e.id = o.event_id AND e.workspace_id = :workspace
        RETURNING e.id, e.workspace_id, e.shard, e.customer_id
    )
    INSERT INTO inbox (shard, workspace_id, customer_id, event_id, received_at)
    SELECT shard, workspace_id, customer_id, id, :now FROM again
    """
)


def retry_event(tx: Connection, workspace_id: int, event_id: UUID, now: datetime) -> bool:
    """Put an event that was set aside behind the others of its customer; False when it was not set aside."""
    return tx.execute(RETRY_EVENT, {"workspace": workspace_id, "event": event_id, "now": now}).rowcount == 1


def has_event(tx: Connection, workspace_id: int, event_id: UUID) -> bool:
    statement = text("SELECT EXISTS (SELECT FROM events WHERE id = :event AND workspace_id = :workspace)")
    return tx.scalar(statement, {"workspace": workspace_id, "event": event_id})


FAILED_ENROLLMENT = text(
    """
    SELECT e.id, e.status, e.shard, e.customer_id, e.journey_id, e.version_id, e.node_id, e.entered_at,
        j.status AS journey_status, v.cause ->> 'why' = 'wake' AND json_array_length(v.path) = 1 AS was_held,
        EXISTS (
            SELECT FROM enrollments other WHERE other.customer_id = e.customer_id AND other.journey_id = e.journey_id
                AND other.key = e.key AND other.ended_at IS NULL AND other.id <> e.id
        ) AS in_again
    FROM enrollments e
    JOIN journeys j ON j.id = e.journey_id
    LEFT JOIN LATERAL (SELECT cause, path FROM visits WHERE enrollment_id = e.id ORDER BY n DESC LIMIT 1) v ON true
    WHERE e.id = :id AND e.workspace_id = :workspace
    """
)

# `held_since` says at the wake whether the node is visited anew or was being waited at.
RETRY_ENROLLMENT = text(
    """
    UPDATE enrollments SET status = CASE WHEN entered_at IS NULL THEN 'armed' ELSE 'waiting' END, ended_at = NULL,
        end_reason = '', wake_at = :now, held_since = CASE WHEN :was_held THEN held_since END
    WHERE id = :id AND status = 'failed'
    """
)


def enrollment(tx: Connection, workspace_id: int, id: UUID) -> Row | None:
    """An enrollment with what decides whether it can be tried again."""
    return tx.execute(FAILED_ENROLLMENT, {"workspace": workspace_id, "id": id}).first()


def retry_enrollment(tx: Connection, row: Any, now: datetime) -> None:
    """Let a failed enrollment wake at its node now; the caller holds its shard."""
    tx.execute(RETRY_ENROLLMENT, {"id": row.id, "now": now, "was_held": bool(row.was_held)})


MESSAGE = text(
    """
    SELECT m.id, m.status, m.progress, m.version_id, m.node_id, m.journey_id, m.account_id, j.status AS journey_status,
        EXISTS (
            SELECT FROM deliveries d WHERE d.message_id = m.id AND (d.outcome = 'unknown' OR d.ended_at IS NULL)
        ) AS may_have_left
    FROM messages m LEFT JOIN journeys j ON j.id = m.journey_id
    WHERE m.id = :id AND m.workspace_id = :workspace FOR UPDATE OF m
    """
)


def message(tx: Connection, workspace_id: int, id: UUID) -> Row | None:
    """A message with what decides whether it can be tried again, locked until the transaction ends."""
    return tx.execute(MESSAGE, {"workspace": workspace_id, "id": id}).first()


def retry_message(tx: Connection, row: Any, now: datetime) -> None:
    """Back into its lane; while its journey is paused it waits there."""
    due_at = None if row.journey_status == "paused" else now
    tx.execute(
        text("UPDATE messages SET status = 'queued', reason = '', due_at = :due_at WHERE id = :id"),
        {"id": row.id, "due_at": due_at},
    )
