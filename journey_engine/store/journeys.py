"""Journeys and their versions: the list, the draft with its revision, and what publishing writes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, delete, func, insert, select, text, tuple_, update

from journey_engine.config import SHARDS
from journey_engine.store.port import port
from journey_engine.store.tables import counts, journeys, versions

TOTALS = ("entered", "waiting", "completed", "exited", "failed")
LIVE_GRAPH = and_(versions.c.id == journeys.c.live_version_id)


# Walks journeys_by_workspace backwards.
def listed(
    tx: Connection, workspace_id: int, limit: int, before: list[str] | None, status: str = ""
) -> list[dict[str, Any]]:
    """Journeys with their drawing and totals, the last changed first; one more than asked tells of a next page."""
    columns = (
        journeys.c.id,
        journeys.c.name,
        journeys.c.status,
        journeys.c.updated_at,
        journeys.c.draft,
        versions.c.number.label("live_version"),
        func.coalesce(versions.c.graph != journeys.c.draft, True).label("has_draft_changes"),
    )
    wanted = [journeys.c.workspace_id == workspace_id]
    if status:
        wanted.append(journeys.c.status == status)
    if before:
        wanted.append(
            tuple_(journeys.c.updated_at, journeys.c.id) < (datetime.fromisoformat(before[0]), UUID(before[1]))
        )
    order = (journeys.c.updated_at.desc(), journeys.c.id.desc())
    read = select(*columns).select_from(journeys.outerjoin(versions, LIVE_GRAPH)).where(*wanted)
    return [dict(row._mapping) for row in tx.execute(read.order_by(*order).limit(limit + 1))]


# Walks the unique index on versions by journey, then the primary key of counts.
def totals(tx: Connection, workspace_id: int, journey_ids: list[UUID]) -> dict[UUID, dict[str, int]]:
    """How many entered, wait and ended, over all versions of each journey."""
    read = (
        select(versions.c.journey_id, counts.c.what, func.sum(counts.c.n))
        .join_from(versions, counts, and_(counts.c.version_id == versions.c.id, counts.c.node_id == ""))
        .where(
            versions.c.workspace_id == workspace_id, versions.c.journey_id.in_(journey_ids), counts.c.what.in_(TOTALS)
        )
        .group_by(versions.c.journey_id, counts.c.what)
    )
    found: dict[UUID, dict[str, int]] = {id: dict.fromkeys(TOTALS, 0) for id in journey_ids}
    for journey_id, what, n in tx.execute(read):
        found[journey_id][what] = int(n)
    return found


# Walks the primary key.
@port
def one(tx: Connection, workspace_id: int, journey_id: UUID, lock: bool = False) -> dict[str, Any] | None:
    """The journey with its draft; `lock` keeps others from changing it until the transaction ends."""
    read = select(journeys).where(journeys.c.id == journey_id, journeys.c.workspace_id == workspace_id)
    row = tx.execute(read.with_for_update() if lock else read).first()
    return dict(row._mapping) if row else None


def versions_of(tx: Connection, workspace_id: int, journey_id: UUID) -> list[dict[str, Any]]:
    """The published versions, newest first, without their graphs."""
    columns = (versions.c.id, versions.c.number, versions.c.published_at, versions.c.published_by)
    wanted = (versions.c.journey_id == journey_id, versions.c.workspace_id == workspace_id)
    return [
        dict(row._mapping) for row in tx.execute(select(*columns).where(*wanted).order_by(versions.c.number.desc()))
    ]


@port
def version(tx: Connection, workspace_id: int, journey_id: UUID, number: int) -> dict[str, Any] | None:
    """One version with its graph."""
    wanted = (
        versions.c.journey_id == journey_id,
        versions.c.workspace_id == workspace_id,
        versions.c.number == number,
    )
    row = tx.execute(select(versions).where(*wanted)).first()
    return dict(row._mapping) if row else None


def graphs(tx: Connection, workspace_id: int, version_ids: set[int]) -> dict[int, dict[str, Any]]:
    """Versions by id, each with its graph, number, journey and that journey's name."""
    columns = (versions.c.id, versions.c.number, versions.c.graph, versions.c.journey_id, journeys.c.name)
    read = select(*columns).join_from(versions, journeys, journeys.c.id == versions.c.journey_id)
    wanted = (versions.c.workspace_id == workspace_id, versions.c.id.in_(version_ids))
    return {row.id: dict(row._mapping) for row in tx.execute(read.where(*wanted))}


def names(tx: Connection, workspace_id: int, journey_ids: set[UUID]) -> dict[UUID, str]:
    read = select(journeys.c.id, journeys.c.name)
    wanted = (journeys.c.workspace_id == workspace_id, journeys.c.id.in_(journey_ids))
    return {row.id: row.name for row in tx.execute(read.where(*wanted))}


BRIEFLY = text(
    """
    SELECT j.id, j.name, j.status, j.status IN ('live', 'paused') AND EXISTS (
        SELECT FROM jsonb_array_elements(v.graph -> 'nodes') AS n (node) WHERE n.node ->> 'kind' = 'journey'
    ) AS enterable
    FROM journeys j LEFT JOIN versions v ON v.id = j.live_version_id
    WHERE j.workspace_id = :workspace AND j.id = ANY(CAST(:ids AS uuid[]))
    """
)


@port
def briefly(tx: Connection, workspace_id: int, journey_ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Name and status of these journeys, and whether other journeys can send customers there now."""
    rows = tx.execute(BRIEFLY, {"workspace": workspace_id, "ids": list(journey_ids)})
    return {row.id: row for row in rows}


STARTED_BY = text(
    """
    SELECT j.name FROM journeys j JOIN versions v ON v.id = j.live_version_id
    WHERE j.workspace_id = :workspace AND j.status IN ('live', 'paused') AND EXISTS (
        SELECT FROM jsonb_array_elements(v.graph -> 'nodes') AS n (node)
        WHERE n.node ->> 'kind' = 'start_journey' AND n.node -> 'settings' ->> 'journey' = CAST(:id AS text))
    ORDER BY j.name, j.id
    """
)


@port
def started_by(tx: Connection, workspace_id: int, journey_id: UUID) -> list[str]:
    """The names of running journeys that start this one."""
    return list(tx.scalars(STARTED_BY, {"workspace": workspace_id, "id": str(journey_id)}))


def add(tx: Connection, workspace_id: int, journey_id: UUID, name: str, graph: dict[str, Any]) -> None:
    tx.execute(insert(journeys).values(id=journey_id, workspace_id=workspace_id, name=name, draft=graph))


# The revision in the WHERE is the fence: of two who save over the same one, the second changes nothing.
def save_draft(
    tx: Connection, workspace_id: int, journey_id: UUID, revision: int, graph: dict[str, Any], name: str | None
) -> int | None:
    """Replace the draft that has this revision; the new revision, or None when there is a newer one."""
    values: dict[str, Any] = {"draft": graph, "draft_revision": journeys.c.draft_revision + 1, "updated_at": func.now()}
    if name is not None:
        values["name"] = name
    wanted = (
        journeys.c.id == journey_id,
        journeys.c.workspace_id == workspace_id,
        journeys.c.draft_revision == revision,
    )
    return tx.scalar(update(journeys).values(**values).where(*wanted).returning(journeys.c.draft_revision))


@port
def add_version(
    tx: Connection, journey: dict[str, Any], graph: dict[str, Any], by: str, handover: dict[str, Any] | None = None
) -> tuple[int, int]:
    """A graph as an immutable version; its id and number. `handover`: what becomes of those in older ones."""
    number = select(func.coalesce(func.max(versions.c.number), 0) + 1).where(versions.c.journey_id == journey["id"])
    values = {
        "workspace_id": journey["workspace_id"],
        "journey_id": journey["id"],
        "number": number.scalar_subquery(),
        "graph": graph,
        "published_at": func.now(),
        "published_by": by,
        "handover": handover,
    }
    row = tx.execute(insert(versions).values(**values).returning(versions.c.id, versions.c.number)).one()
    return row.id, row.number


@port
def set_status(tx: Connection, journey_id: UUID, status: str, live_version_id: int | None = None) -> None:
    values: dict[str, Any] = {"status": status, "updated_at": func.now()}
    if live_version_id is not None:
        values["live_version_id"] = live_version_id
    tx.execute(update(journeys).values(**values).where(journeys.c.id == journey_id))


def remove_draft(tx: Connection, journey_id: UUID) -> None:
    """Delete a journey that was never published."""
    tx.execute(delete(journeys).where(journeys.c.id == journey_id, journeys.c.status == "draft"))


# What a journey has queued, in whichever lane; walks messages_queued.
QUEUED = """journey_id = :journey AND status = 'queued' AND (class = 'marketing') = ANY (ARRAY[true, false])
    AND account_id = ANY (ARRAY(SELECT id FROM accounts))"""

PARK_MESSAGES = text(f"UPDATE messages SET due_at = NULL WHERE {QUEUED}")
RELEASE_MESSAGES = text(f"UPDATE messages SET due_at = now() WHERE {QUEUED} AND due_at IS NULL")

# The wakes that a pause has kept or that came due in it. Walks enrollments_parked, and a step into enrollments_due for
# each shard.
KEPT = """
    SELECT id, parked_wake_at AS at FROM enrollments
    WHERE journey_id = :journey AND parked_wake_at IS NOT NULL AND ended_at IS NULL
    UNION ALL
    SELECT e.id, e.wake_at FROM generate_series(0, :last_shard) s
    JOIN enrollments e ON e.shard = s AND e.wake_at <= :now WHERE e.journey_id = :journey
"""

# Oldest first; in whole milliseconds, so that the same customers go at the same moments however often it is worked out.
RELEASE_WAKES = text(
    f"""
    UPDATE enrollments e SET parked_wake_at = NULL, wake_at = CASE WHEN :spread_s = 0 THEN k.at
        ELSE :now + interval '1 millisecond' * ((k.place - 1) * :spread_s * 1000 / k.n) END
    FROM (
        SELECT id, at, row_number() OVER (ORDER BY at, id) AS place, count(*) OVER () AS n FROM ({KEPT}) kept
    ) k
    WHERE e.id = k.id
    """
)

PAUSE_STATE = text(
    f"""
    SELECT count(*) AS due, min(at) AS oldest_due_at,
        count(*) FILTER (WHERE at >= :now - interval '1 second' * :fresh_s) AS fresh,
        (SELECT count(*) FROM parked_events WHERE journey_id = :journey) AS parked_events
    FROM ({KEPT}) kept
    """
)


def pause_state(tx: Connection, journey_id: UUID, now: datetime, fresh_s: int) -> dict[str, Any]:
    """What a resume would set going: the wakes that came due, how many of them are less than so late, and events."""
    values = {"journey": journey_id, "now": now, "fresh_s": fresh_s, "last_shard": SHARDS - 1}
    return dict(tx.execute(PAUSE_STATE, values).one()._mapping)


RELEASE_EVENTS = text(
    """
    INSERT INTO inbox (shard, workspace_id, customer_id, event_id, received_at, journey_id)
    SELECT shard, workspace_id, customer_id, event_id, received_at, journey_id
    FROM parked_events WHERE journey_id = :journey ORDER BY seq
    """
)
DROP_EVENTS = text("DELETE FROM parked_events WHERE journey_id = :journey")


@port
def park(tx: Connection, journey_id: UUID) -> None:
    """Keep what is queued from leaving; turns park the wakes and events of a paused journey as they come."""
    tx.execute(PARK_MESSAGES, {"journey": journey_id})


@port
def release(tx: Connection, journey_id: UUID, now: datetime, spread_s: int, resumed: dict[str, Any] | None) -> None:
    """Let wakes, events and messages go on from where the pause kept them, events in their order.

    Wakes are spread over so many seconds. `resumed` says what turns do with those that had come due by now.
    """
    values = {"journey": journey_id, "now": now, "spread_s": spread_s, "last_shard": SHARDS - 1}
    tx.execute(RELEASE_WAKES, values)
    for statement in (RELEASE_EVENTS, DROP_EVENTS, RELEASE_MESSAGES):
        tx.execute(statement, {"journey": journey_id})
    tx.execute(update(journeys).values(resumed=resumed).where(journeys.c.id == journey_id))


# Enrollments of a journey have no index of their own, because every move would pay for it; a stop may read them all.
STOP_ENROLLMENTS = text(
    """
    WITH stopped AS (
        UPDATE enrollments e
        SET status = 'exited', end_reason = 'stopped', ended_at = now(), wake_at = NULL, parked_wake_at = NULL
        FROM (SELECT id, status FROM enrollments WHERE journey_id = :journey AND ended_at IS NULL FOR UPDATE) was
        WHERE e.id = was.id
        RETURNING e.version_id, e.node_id, was.status
    )
    SELECT version_id, node_id, status, count(*) AS n FROM stopped GROUP BY version_id, node_id, status
    """
)

STOP_MESSAGES = text(
    f"""
    WITH stopped AS (
        UPDATE messages SET status = 'suppressed', reason = 'stopped', due_at = NULL
        WHERE {QUEUED}
        RETURNING version_id, node_id
    )
    SELECT version_id, node_id, count(*) AS n FROM stopped GROUP BY version_id, node_id
    """
)


@port
def stop(tx: Connection, journey_id: UUID) -> tuple[list[Any], list[Any]]:
    """End everybody's enrollment and suppress what is queued; how many of each by version and node."""
    enrollments = tx.execute(STOP_ENROLLMENTS, {"journey": journey_id}).all()
    messages = tx.execute(STOP_MESSAGES, {"journey": journey_id}).all()
    tx.execute(DROP_EVENTS, {"journey": journey_id})
    return enrollments, messages


# Walks messages_sending, which holds only what is leaving right now.
SENDING = text("SELECT EXISTS (SELECT FROM messages WHERE status = 'sending' AND journey_id = :journey)")


@port
def is_sending(tx: Connection, journey_id: UUID) -> bool:
    """Whether a message of this journey is at a provider at this moment."""
    return tx.scalar(SENDING, {"journey": journey_id})
