"""Segments as people see and change them: their size, members and growth, and who uses them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select, text, update

from journey_engine.model.rule import Rule
from journey_engine.store.rule_sql import condition
from journey_engine.store.tables import customers, segment_days, segment_states, segments

# The size is what came and did not leave; walks the primary key of segment_days.
SEGMENTS = """
    SELECT s.id, s.name, s.rule, s.state, s.next_shard, s.created_at, s.updated_at, coalesce(d.size, 0) AS size
    FROM segments s LEFT JOIN LATERAL (
        SELECT CAST(sum(joined - "left") AS bigint) AS size FROM segment_days WHERE segment_id = s.id
    ) d ON true
    WHERE s.workspace_id = :workspace
"""


def listed(tx: Connection, workspace_id: int, limit: int, before: list[str] | None) -> list[dict[str, Any]]:
    """Segments, the newest first; one more than asked tells of a next page."""
    after = " AND s.id < CAST(:before AS uuid)" if before else ""
    values = {"workspace": workspace_id, "limit": limit + 1} | ({"before": before[0]} if before else {})
    rows = tx.execute(text(f"{SEGMENTS}{after} ORDER BY s.id DESC LIMIT :limit"), values)
    return [dict(row._mapping) for row in rows]


def one(tx: Connection, workspace_id: int, id: UUID) -> dict[str, Any] | None:
    row = tx.execute(text(f"{SEGMENTS} AND s.id = :id"), {"workspace": workspace_id, "id": id}).first()
    return dict(row._mapping) if row else None


def add(tx: Connection, values: dict[str, Any]) -> None:
    tx.execute(insert(segments).values(values))


def change(tx: Connection, workspace_id: int, id: UUID, values: dict[str, Any]) -> None:
    tx.execute(update(segments).where(segments.c.workspace_id == workspace_id, segments.c.id == id).values(values))


def remove(tx: Connection, workspace_id: int, id: UUID) -> bool:
    """Delete a segment; False when there is none. Those who were in it are forgotten with it."""
    gone = tx.execute(delete(segments).where(segments.c.workspace_id == workspace_id, segments.c.id == id)).rowcount
    if gone:
        tx.execute(delete(segment_days).where(segment_days.c.segment_id == id))
        tx.execute(delete(segment_states).where(segment_states.c.segment_id == id))
    return gone > 0


def rules(tx: Connection, workspace_id: int) -> dict[UUID, dict[str, Any]]:
    """The rule of every segment."""
    rows = tx.execute(select(segments.c.id, segments.c.rule).where(segments.c.workspace_id == workspace_id))
    return {row.id: row.rule for row in rows}


def is_taken(tx: Connection, workspace_id: int, name: str, but: UUID | None = None) -> bool:
    """Whether another segment is called this."""
    wanted = select(segments.c.id).where(segments.c.workspace_id == workspace_id, segments.c.name == name)
    return any(id != but for id in tx.scalars(wanted))


# A segment is named by its id alone, wherever in a drawing or a rule that stands.
USED_BY = text(
    """
    SELECT DISTINCT s.id AS segment_id, j.id AS journey_id, j.name
    FROM segments s JOIN journeys j ON j.workspace_id = s.workspace_id AND j.status <> 'archived'
    LEFT JOIN versions v ON v.id = j.live_version_id
    WHERE s.id = ANY(CAST(:ids AS uuid[])) AND s.workspace_id = :workspace AND (
        strpos(CAST(j.draft AS text), CAST(s.id AS text)) > 0
        OR (j.status IN ('live', 'paused') AND strpos(CAST(v.graph AS text), CAST(s.id AS text)) > 0)
    )
    ORDER BY j.name, j.id
    """
)
READ_BY = text(
    """
    SELECT s.id AS segment_id, r.id, r.name
    FROM segments s JOIN segments r ON r.workspace_id = s.workspace_id AND r.id <> s.id
        AND strpos(CAST(r.rule AS text), CAST(s.id AS text)) > 0
    WHERE s.id = ANY(CAST(:ids AS uuid[])) AND s.workspace_id = :workspace ORDER BY r.name
    """
)


def users(tx: Connection, workspace_id: int, ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Per segment the journeys and the other segments that break when it is deleted."""
    found: dict[UUID, list[dict[str, Any]]] = {id: [] for id in ids}
    values = {"ids": list(ids), "workspace": workspace_id}
    for row in tx.execute(USED_BY, values):
        found[row.segment_id].append({"journey_id": row.journey_id, "name": row.name})
    for row in tx.execute(READ_BY, values):
        found[row.segment_id].append({"segment_id": row.id, "name": row.name})
    return found


# Walks segment_members.
def members(tx: Connection, id: UUID, limit: int, after: list[str] | None) -> list[dict[str, Any]]:
    """Members with since when, in the order of their ids; one more than asked tells of a next page."""
    wanted = [segment_states.c.segment_id == id, segment_states.c.member]
    if after:
        wanted.append(segment_states.c.customer_id > UUID(after[0]))
    columns = (segment_states.c.customer_id, segment_states.c.since)
    asked = select(*columns).where(*wanted).order_by(segment_states.c.customer_id).limit(limit + 1)
    return [dict(row._mapping) for row in tx.execute(asked)]


def growth(tx: Connection, id: UUID, since: date) -> list[dict[str, Any]]:
    """Per day how many joined and left, and the size at its end; days without a change are left out."""
    days = segment_days
    asked = select(days.c.day, func.sum(days.c.joined), func.sum(days.c.left)).where(days.c.segment_id == id)
    size, found = 0, []
    for day, joined, left in tx.execute(asked.group_by(days.c.day).order_by(days.c.day)):
        size += int(joined - left)
        if day >= since:
            found.append({"day": day, "joined": int(joined), "left": int(left), "size": size})
    return found


EXACT, SAMPLED = 20_000, 5_000
"""Up to so many customers a preview asks all of them, of more a sample: a share of one half is then told to within one
and a half percent, and the answer is there while the marketer still looks."""

TOTAL = text("SELECT count(*) FROM customers WHERE workspace_id = :workspace")
SAMPLE = text(
    "SELECT id FROM customers TABLESAMPLE BERNOULLI (:percent) REPEATABLE (7) "
    "WHERE workspace_id = :workspace LIMIT :most"
)


def preview(
    tx: Connection,
    rule: Rule,
    workspace_id: int,
    zone: str,
    now: datetime,
    shown: int,
    exact: int = EXACT,
    sampled: int = SAMPLED,
) -> dict[str, Any]:
    """How many customers satisfy a rule now, and some of them. `about`: the number is estimated from a sample."""
    total = tx.scalar(TOTAL, {"workspace": workspace_id})
    if total <= exact:
        held = list(tx.scalars(select(customers.c.id).where(condition(rule, workspace_id, zone, now))))
        return {"size": len(held), "about": False, "of": total, "ids": held[:shown]}
    values = {"workspace": workspace_id, "percent": 100 * sampled / total, "most": sampled}
    sample = list(tx.scalars(SAMPLE, values))
    chosen = customers.c.id == text("ANY(CAST(:among AS uuid[]))").bindparams(among=sample)
    held = list(tx.scalars(select(customers.c.id).where(chosen, condition(rule, workspace_id, zone, now, sample))))
    size = round(len(held) * total / max(len(sample), 1))
    return {"size": size, "about": True, "of": total, "ids": held[:shown]}
