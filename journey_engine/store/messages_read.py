"""Messages as people read them: the list, and one with its checks, attempts, receipts and content."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select, tuple_

from journey_engine.store.customers_read import labels
from journey_engine.store.journeys import names
from journey_engine.store.tables import deliveries, messages, receipts

COLUMNS = (
    messages.c.id,
    messages.c.channel,
    messages.c.address.label("to"),
    messages.c["class"],
    messages.c.status,
    messages.c.reason,
    messages.c.progress,
    messages.c.journey_id,
    messages.c.customer_id,
    messages.c.enrollment_id,
    messages.c.node_id.label("node"),
    messages.c.queued_at,
    messages.c.sent_at,
    messages.c.content["subject"].astext.label("subject"),
    messages.c.content["text"].astext.label("text"),
)
FILTERS = ("status", "channel", "journey_id", "customer_id")


# Walks messages_by_customer when a customer is named; else it reads the messages of the workspace and sorts them.
def listed(
    tx: Connection, workspace_id: int, limit: int, before: list[str] | None, filters: dict[str, Any]
) -> list[dict[str, Any]]:
    """Messages, the last queued first."""
    wanted = [messages.c.workspace_id == workspace_id]
    wanted += [messages.c[name] == filters[name] for name in FILTERS if filters.get(name)]
    if before:
        wanted.append(
            tuple_(messages.c.queued_at, messages.c.id) < (datetime.fromisoformat(before[0]), UUID(before[1]))
        )
    order = (messages.c.queued_at.desc(), messages.c.id.desc())
    rows = tx.execute(select(*COLUMNS).where(*wanted).order_by(*order).limit(limit + 1))
    return _named(tx, workspace_id, [dict(row._mapping) for row in rows])


# Walks the primary keys.
def one(tx: Connection, workspace_id: int, message_id: UUID) -> dict[str, Any] | None:
    """The message with why it may go, each attempt, and what the provider said later."""
    read = select(*COLUMNS, messages.c.checks, messages.c.content)
    row = tx.execute(read.where(messages.c.id == message_id, messages.c.workspace_id == workspace_id)).first()
    if row is None:
        return None
    found = _named(tx, workspace_id, [dict(row._mapping)])[0]
    tried = select(deliveries).where(deliveries.c.message_id == message_id).order_by(deliveries.c.attempt)
    told = select(receipts).where(receipts.c.message_id == message_id).order_by(receipts.c.at)
    attempts = ("attempt", "started_at", "ended_at", "outcome", "code", "detail", "provider_ref", "cost_units")
    found["deliveries"] = [{name: row._mapping[name] for name in attempts} for row in tx.execute(tried)]
    said = ("kind", "at", "code", "detail", "provider_ref")
    found["receipts"] = [{name: row._mapping[name] for name in said} for row in tx.execute(told)]
    return found


def _named(tx: Connection, workspace_id: int, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    called = labels(tx, workspace_id, {row["customer_id"] for row in rows})
    journeys = names(tx, workspace_id, {row["journey_id"] for row in rows})
    for row in rows:
        customer_id, journey_id = row.pop("customer_id"), row.pop("journey_id")
        row["customer"] = {"id": customer_id, "label": called[customer_id]}
        row["journey"] = {"id": journey_id, "name": journeys.get(journey_id, "")}
        row["reason"] = row["reason"] or None
    return rows
