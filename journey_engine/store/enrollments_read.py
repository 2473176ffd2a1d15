"""Enrollments as a marketer reads them: who is or was in a journey."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from journey_engine.store.customers_read import labels
from journey_engine.store.tables import enrollments

COLUMNS = (
    enrollments.c.id,
    enrollments.c.customer_id,
    enrollments.c.status,
    enrollments.c.node_id,
    enrollments.c.entered_at,
    enrollments.c.wake_at,
    enrollments.c.parked_wake_at,
    enrollments.c.ended_at,
    enrollments.c.end_reason,
)


# Walks the primary key backwards and leaves out other journeys: every move would pay for an index by node.
def of_journey(
    tx: Connection, workspace_id: int, journey_id: UUID, limit: int, before: list[str] | None, node: str, status: str
) -> list[dict[str, Any]]:
    """Enrollments of one journey, the latest first; at one node, or in one status."""
    wanted = [enrollments.c.workspace_id == workspace_id, enrollments.c.journey_id == journey_id]
    if before:
        wanted.append(enrollments.c.id < UUID(before[0]))
    if node:
        wanted += [enrollments.c.node_id == node, enrollments.c.ended_at.is_(None)]
    if status:
        wanted.append(enrollments.c.status == status)
    read = select(*COLUMNS).where(*wanted).order_by(enrollments.c.id.desc()).limit(limit + 1)
    rows = [dict(row._mapping) for row in tx.execute(read)]
    named = labels(tx, workspace_id, {row["customer_id"] for row in rows})
    for row in rows:
        id, parked = row.pop("customer_id"), row.pop("parked_wake_at")
        row["customer"] = {"id": id, "label": named[id]}
        row["node"] = row.pop("node_id")
        row["wake_at"] = row["wake_at"] or parked
    return rows
