"""Statements that erase a customer, row by row, from every table that knows them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from journey_engine.store.port import port
from journey_engine.store.segments import LEAVE_ALL

END = text(
    """
    SELECT version_id, node_id, status, count(*) AS n FROM enrollments
    WHERE customer_id = :customer AND ended_at IS NULL GROUP BY version_id, node_id, status
    """
)
TAKE_BACK = text(
    """
    WITH unsent AS (
        UPDATE messages SET status = 'suppressed', reason = 'erased', due_at = NULL
        WHERE customer_id = :customer AND status = 'queued'
        RETURNING version_id, node_id
    )
    SELECT version_id, node_id, count(*) AS n FROM unsent GROUP BY version_id, node_id
    """
)
# Whoever is giving them an identity commits first, so that it is among those that are deleted.
PERSON = (
    "SELECT FROM customers WHERE id = :customer AND workspace_id = :workspace FOR UPDATE",
    "DELETE FROM identities WHERE customer_id = :customer AND workspace_id = :workspace",
    "DELETE FROM customers WHERE id = :customer AND workspace_id = :workspace",
)
TRACES = (
    "DELETE FROM inbox WHERE customer_id = :customer",
    "DELETE FROM parked_events WHERE customer_id = :customer",
    "DELETE FROM event_outcomes WHERE event_id IN (SELECT id FROM events WHERE customer_id = :customer)",
    "DELETE FROM events WHERE customer_id = :customer",
    "DELETE FROM activity WHERE customer_id = :customer",
    "DELETE FROM trigger_dues WHERE customer_id = :customer",
    LEAVE_ALL.format(customer="customer", at="now()"),
    "DELETE FROM consents WHERE customer_id = :customer",
    "DELETE FROM consent_changes WHERE customer_id = :customer",
    "DELETE FROM rfm_scores WHERE customer_id = :customer",
    "DELETE FROM merges WHERE survivor_id = :customer OR loser_id = :customer",
    "DELETE FROM refusals WHERE customer_id = :customer",
    "DELETE FROM approvals WHERE customer_id = :customer",
    # The code stays used, and names nobody.
    "UPDATE coupon_codes SET customer_id = NULL, enrollment_id = NULL WHERE customer_id = :customer",
    "DELETE FROM conversions WHERE customer_id = :customer",
    "DELETE FROM exposures WHERE customer_id = :customer",
    "DELETE FROM wake_tries WHERE enrollment_id IN (SELECT id FROM enrollments WHERE customer_id = :customer)",
    "DELETE FROM moves m USING enrollments e WHERE e.customer_id = :customer AND m.journey_id = e.journey_id "
    "AND m.shard = e.shard AND m.enrollment_id = e.id",
    "DELETE FROM visits WHERE enrollment_id IN (SELECT id FROM enrollments WHERE customer_id = :customer)",
    "DELETE FROM deliveries WHERE message_id IN (SELECT id FROM messages WHERE {gone})",
    "DELETE FROM receipts WHERE message_id IN (SELECT id FROM messages WHERE {gone})",
    "DELETE FROM messages WHERE {gone}",
    "DELETE FROM enrollments WHERE customer_id = :customer",
    "DELETE FROM past_entries WHERE customer_id = :customer",
)
GONE = "customer_id = :customer AND status <> 'sending'"
"""A message at a provider is deleted once its outcome is known; until then it keeps the erasure from being answered."""


@port
def exists(tx: Connection, workspace_id: int, customer_id: UUID) -> bool:
    statement = text("SELECT EXISTS (SELECT FROM customers WHERE id = :customer AND workspace_id = :workspace)")
    return tx.scalar(statement, {"customer": customer_id, "workspace": workspace_id})


@port
def is_gone(tx: Connection, customer_id: UUID) -> bool:
    """Whether this is nobody's id any more, nor that of somebody who became part of another customer."""
    statement = text(
        "SELECT NOT EXISTS (SELECT FROM customers WHERE id = :customer) "
        "AND NOT EXISTS (SELECT FROM merges WHERE loser_id = :customer)"
    )
    return tx.scalar(statement, {"customer": customer_id})


@port
def end_all(tx: Connection, customer_id: UUID) -> tuple[list[Any], list[Any]]:
    """What was live and what is taken back, by version and node, so that the counts can be put right."""
    live = tx.execute(END, {"customer": customer_id}).all()
    return list(live), list(tx.execute(TAKE_BACK, {"customer": customer_id}).all())


@port
def delete_person(tx: Connection, workspace_id: int, customer_id: UUID) -> None:
    """Who they are, then everything they did and were sent."""
    for statement in PERSON:
        tx.execute(text(statement), {"customer": customer_id, "workspace": workspace_id})
    delete_traces(tx, customer_id)


@port
def delete_traces(tx: Connection, customer_id: UUID) -> None:
    for statement in TRACES:
        tx.execute(text(statement.format(gone=GONE)), {"customer": customer_id})


@port
def transaction_number(tx: Connection) -> int:
    return tx.scalar(text("SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint)"))


@port
def older_ended(tx: Connection, number: int) -> bool:
    """Whether every transaction that began before this one has ended, so that none can still write what it read."""
    oldest = "CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)"
    return tx.scalar(text(f"SELECT {oldest} > :number"), {"number": number})


@port
def is_sending(tx: Connection, customer_id: UUID) -> bool:
    statement = text("SELECT EXISTS (SELECT FROM messages WHERE customer_id = :customer AND status = 'sending')")
    return tx.scalar(statement, {"customer": customer_id})
