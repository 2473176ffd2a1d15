"""Handovers: who stands in which version, and who is still to be handed over to one that was published over them.

A handover holds from the commit of its version on, because every turn applies it to whoever it loads. That those are
found whom nobody touches is the work of `gather`, some at a time and without holding up anybody, and of the turns.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from journey_engine.config import SHARDS
from journey_engine.model.enrollment import Enrollment
from journey_engine.store.port import port
from journey_engine.store.turns import ENROLLMENT

LAST_ID = UUID(int=(1 << 128) - 1)
"""Behind every enrollment: a version gathered up to here has been looked for everywhere."""

# Walks versions_unsettled. The ids of the nodes are all that a handover needs of the graph.
UNSETTLED = text(
    """
    SELECT v.journey_id, v.id AS version_id, v.number, v.handover,
        jsonb_path_query_array(v.graph, '$.nodes[*].id') AS nodes,
        (SELECT jsonb_object_agg(o.id, o.number) FROM versions o WHERE o.journey_id = v.journey_id AND o.id < v.id)
            AS older
    FROM versions v JOIN journeys j ON j.id = v.journey_id
    WHERE v.handover IS NOT NULL AND v.settled_at IS NULL AND j.status IN ('live', 'paused')
        AND (CAST(:journey AS uuid) IS NULL OR j.id = CAST(:journey AS uuid))
    ORDER BY v.id
    """
)


@port
def unsettled(tx: Connection, journey_id: UUID | None = None) -> list[Row]:
    """Versions over which somebody may still have to be handed, in the order of their publication."""
    return tx.execute(UNSETTLED, {"journey": journey_id}).all()


# Walks the unique index on versions by journey, then the primary key of counts.
STANDING = text(
    """
    SELECT v.id AS version_id, v.number, c.node_id,
        sum(n) FILTER (WHERE c.what = 'waiting' AND c.node_id <> '') AS waiting,
        sum(n) FILTER (WHERE c.what = 'armed' AND c.node_id = '') AS armed
    FROM versions v JOIN counts c ON c.version_id = v.id AND c.what IN ('waiting', 'armed')
    WHERE v.journey_id = :journey
    GROUP BY v.id, v.number, c.node_id
    HAVING coalesce(sum(n) FILTER (WHERE c.what = 'waiting' AND c.node_id <> ''), 0)
        + coalesce(sum(n) FILTER (WHERE c.what = 'armed' AND c.node_id = ''), 0) > 0
    ORDER BY v.number, c.node_id
    """
)


@port
def standing(tx: Connection, journey_id: UUID) -> list[Row]:
    """How many wait at each node of each version; those whose clock runs are told of the version, with no node."""
    return tx.execute(STANDING, {"journey": journey_id}).all()


NEXT_TO_GATHER = text(
    """
    SELECT v.id, v.journey_id, v.gathered_to FROM versions v JOIN journeys j ON j.id = v.journey_id
    WHERE v.handover IS NOT NULL AND v.settled_at IS NULL AND v.gathered_to IS DISTINCT FROM :last
        AND j.status IN ('live', 'paused')
    ORDER BY v.id LIMIT 1 FOR UPDATE OF v SKIP LOCKED
    """
)

# Walks the primary key from where the last one ended.
GATHER = text(
    """
    WITH looked_at AS (
        SELECT id, shard, workspace_id, journey_id, version_id, ended_at FROM enrollments
        WHERE id > :after ORDER BY id LIMIT :limit
    ), added AS (
        INSERT INTO moves (journey_id, shard, enrollment_id, workspace_id)
        SELECT journey_id, shard, id, workspace_id FROM looked_at
        WHERE journey_id = :journey AND ended_at IS NULL AND version_id < :version
        ON CONFLICT DO NOTHING
    )
    SELECT id FROM looked_at ORDER BY id DESC LIMIT 1
    """
)


@port
def gather(tx: Connection, limit: int) -> bool:
    """Look through so many more enrollments for those who have to be handed over; False when all were looked at."""
    version = tx.execute(NEXT_TO_GATHER, {"last": LAST_ID}).first()
    if version is None:
        return False
    values = {"after": version.gathered_to or UUID(int=0), "limit": limit, "journey": version.journey_id}
    to = tx.scalar(GATHER, values | {"version": version.id}) or LAST_ID
    tx.execute(text("UPDATE versions SET gathered_to = :to WHERE id = :id"), {"to": to, "id": version.id})
    return True


@port
def settle(tx: Connection) -> None:
    """Versions over which everybody was handed are forgotten by the turns."""
    tx.execute(
        text(
            "UPDATE versions v SET settled_at = now() WHERE handover IS NOT NULL AND settled_at IS NULL "
            "AND gathered_to = :last AND NOT EXISTS (SELECT FROM moves m WHERE m.journey_id = v.journey_id)"
        ),
        {"last": LAST_ID},
    )


# One step into the primary key per journey and shard.
SHARDS_TO_MOVE = text(
    """
    SELECT s AS shard FROM generate_series(0, :last_shard) s WHERE EXISTS (
        SELECT FROM unnest(CAST(:journeys AS uuid[])) j (id) JOIN moves m ON m.journey_id = j.id AND m.shard = s)
    """
)


@port
def shards_to_move(tx: Connection, journeys: Sequence[UUID]) -> list[int]:
    """Shards in which somebody of these journeys is to be handed over."""
    return list(tx.scalars(SHARDS_TO_MOVE, {"journeys": list(journeys), "last_shard": SHARDS - 1}))


TAKE_MOVES = text(
    f"""
    WITH taken AS (
        DELETE FROM moves m USING (
            SELECT journey_id, shard, enrollment_id FROM moves
            WHERE journey_id = ANY(CAST(:journeys AS uuid[])) AND shard = ANY(CAST(:shards AS smallint[]))
                AND (CAST(:only AS uuid[]) IS NULL OR enrollment_id IN (
                    SELECT id FROM enrollments WHERE customer_id = ANY(CAST(:only AS uuid[]))))
            LIMIT :limit
        ) q
        WHERE m.journey_id = q.journey_id AND m.shard = q.shard AND m.enrollment_id = q.enrollment_id
        RETURNING m.enrollment_id
    )
    SELECT {ENROLLMENT} FROM taken JOIN enrollments e ON e.id = taken.enrollment_id
    WHERE e.ended_at IS NULL AND e.shard = ANY(CAST(:shards AS smallint[]))
    """
)


@port
def take_moves(
    tx: Connection, shards: Sequence[int], journeys: Sequence[UUID], limit: int, only: list[UUID] | None = None
) -> list[Enrollment]:
    """Some who are to be handed over, if they still are there; nobody looks for them again once this commits."""
    values: dict[str, Any] = {"shards": list(shards), "journeys": list(journeys), "limit": limit, "only": only}
    return [Enrollment(*row) for row in tx.execute(TAKE_MOVES, values)]


# Looks at the few journeys that run, then one step into the primary key of moves.
MOVES_DUE = text(
    "SELECT EXISTS (SELECT FROM journeys j WHERE j.status = 'live' "
    "AND EXISTS (SELECT FROM moves m WHERE m.journey_id = j.id))"
)


@port
def moves_due(tx: Connection) -> bool:
    """Whether somebody waits to be handed over."""
    return tx.scalar(MOVES_DUE)
