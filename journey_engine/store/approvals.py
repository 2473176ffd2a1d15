"""Approvals: who is held until a person of the shop says whether they may go on.

A row counts only while its customer is still held at that node, since that moment; whoever left otherwise (an exit
event, a stop, a merge, the end of the time) leaves a row that is swept away.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from journey_engine.store.port import port

STANDS_THERE = "e.id = a.enrollment_id AND e.status = 'waiting' AND e.node_id = a.node_id AND e.held_since = a.asked_at"

ASK = text(
    """
    INSERT INTO approvals (enrollment_id, workspace_id, shard, customer_id, journey_id, node_id, asked_at, until)
    SELECT u.enrollment, u.workspace, u.shard, u.customer, u.journey, u.node, :now, u.until
    FROM unnest(CAST(:enrollments AS uuid[]), CAST(:workspaces AS int[]), CAST(:shards AS int[]),
        CAST(:customers AS uuid[]), CAST(:journeys AS uuid[]), CAST(:nodes AS text[]), CAST(:untils AS timestamptz[]))
        AS u (enrollment, workspace, shard, customer, journey, node, until)
    ON CONFLICT (enrollment_id) DO UPDATE
        SET node_id = EXCLUDED.node_id, asked_at = EXCLUDED.asked_at, until = EXCLUDED.until
    """
)


@port
def ask(tx: Connection, asked: Sequence[Any], now: datetime) -> None:
    """These wait for a person's word from now on; an enrollment waits at one node at a time."""
    last = {one.enrollment.id: one for one in asked}.values()
    if last:
        values = {
            "now": now,
            "enrollments": [one.enrollment.id for one in last],
            "workspaces": [one.enrollment.workspace_id for one in last],
            "shards": [one.enrollment.shard for one in last],
            "customers": [one.enrollment.customer_id for one in last],
            "journeys": [one.enrollment.journey_id for one in last],
            "nodes": [one.node_id for one in last],
            "untils": [one.until for one in last],
        }
        tx.execute(ASK, values)


@port
def customer_of(tx: Connection, workspace_id: int, enrollment_id: UUID) -> UUID | None:
    """Whose word is waited for; None when nobody's is."""
    return tx.scalar(
        text("SELECT customer_id FROM approvals WHERE enrollment_id = :id AND workspace_id = :workspace"),
        {"id": enrollment_id, "workspace": workspace_id},
    )


TAKE = text(
    f"""
    DELETE FROM approvals a USING enrollments e
    WHERE a.enrollment_id = :id AND a.workspace_id = :workspace AND {STANDS_THERE}
    RETURNING a.enrollment_id, a.workspace_id, a.customer_id, a.journey_id, a.node_id, a.asked_at
    """
)


@port
def take(tx: Connection, workspace_id: int, enrollment_id: UUID) -> Row | None:
    """Take the question away with its answer: of two who answer, the second finds none."""
    return tx.execute(TAKE, {"id": enrollment_id, "workspace": workspace_id}).first()


# Walks approvals_by_workspace, the longest waiting first.
WAITING = """
    SELECT a.enrollment_id, a.customer_id, a.journey_id, a.node_id, a.asked_at, a.until, e.version_id, e.context,
        j.name AS journey_name, c.attributes
    FROM approvals a JOIN enrollments e ON {there} JOIN journeys j ON j.id = a.journey_id
    JOIN customers c ON c.id = a.customer_id
    WHERE a.workspace_id = :workspace {after}
    ORDER BY a.asked_at, a.enrollment_id LIMIT :limit
"""


def waiting(tx: Connection, workspace_id: int, limit: int, after: list[str] | None = None) -> list[dict[str, Any]]:
    """What waits for an answer, the longest waiting first; one more than asked tells of a next page."""
    values: dict[str, Any] = {"workspace": workspace_id, "limit": limit + 1}
    beyond = ""
    if after:
        beyond = "AND (a.asked_at, a.enrollment_id) > (CAST(:at AS timestamptz), CAST(:id AS uuid))"
        values |= {"at": after[0], "id": after[1]}
    return [dict(row._mapping) for row in tx.execute(text(WAITING.format(there=STANDS_THERE, after=beyond)), values)]


@port
def sweep(tx: Connection) -> int:
    """Remove questions whose customer is not held there any more; how many."""
    return tx.execute(
        text(f"DELETE FROM approvals a WHERE NOT EXISTS (SELECT FROM enrollments e WHERE {STANDS_THERE})")
    ).rowcount
