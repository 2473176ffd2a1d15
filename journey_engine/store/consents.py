"""Consents: the ledger of changes, the present state, and what a withdrawal does to queued messages."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from journey_engine.ids import shard_of
from journey_engine.store.copying import as_json
from journey_engine.store.port import port

EXISTS = text("SELECT EXISTS (SELECT FROM customers WHERE id = :customer AND workspace_id = :workspace)")

ADD_CHANGE = text(
    """
    INSERT INTO consent_changes (id, workspace_id, shard, customer_id, channel, topic, state, at, source, evidence)
    VALUES (:id, :workspace_id, :shard, :customer_id, :channel, :topic, :state, :at, :source,
        CAST(:evidence AS jsonb))
    """
)
SET_STATE = text(
    """
    INSERT INTO consents (customer_id, channel, topic, workspace_id, shard, state, at, source)
    VALUES (:customer_id, :channel, :topic, :workspace_id, :shard, :state, :at, :source)
    ON CONFLICT (customer_id, channel, topic) DO UPDATE
        SET state = EXCLUDED.state, at = EXCLUDED.at, source = EXCLUDED.source
    """
)
# Walks messages_by_customer. A message that was just claimed is waited for and is no longer queued then.
SUPPRESS = text(
    """
    WITH unsent AS (
        UPDATE messages SET status = 'suppressed', reason = 'unsubscribed', due_at = NULL
        WHERE customer_id = :customer AND channel = :channel AND class = 'marketing' AND status = 'queued'
        RETURNING version_id, node_id
    )
    SELECT version_id, node_id, count(*) AS n FROM unsent GROUP BY version_id, node_id
    """
)
SENDING = text(
    """
    SELECT EXISTS (
        SELECT FROM messages
        WHERE customer_id = :customer AND channel = :channel AND class = 'marketing' AND status = 'sending'
    )
    """
)


@port
def exists(tx: Connection, workspace_id: int, customer_id: UUID) -> bool:
    return tx.scalar(EXISTS, {"customer": customer_id, "workspace": workspace_id})


@port
def change(tx: Connection, change: dict[str, Any]) -> None:
    """Write a change into the ledger and into the present state; `state` is granted or withdrawn."""
    values = change | {"shard": shard_of(change["customer_id"]), "evidence": as_json(change["evidence"])}
    tx.execute(ADD_CHANGE, values)
    tx.execute(SET_STATE, {name: value for name, value in values.items() if name not in ("id", "evidence")})


@port
def suppress(tx: Connection, customer_id: UUID, channel: str) -> list[Any]:
    """Keep queued marketing messages from leaving; how many, by version and node."""
    return list(tx.execute(SUPPRESS, {"customer": customer_id, "channel": channel}).all())


@port
def is_sending(tx: Connection, customer_id: UUID, channel: str) -> bool:
    """Whether a marketing message to this customer is at a provider at this moment."""
    return tx.scalar(SENDING, {"customer": customer_id, "channel": channel})
