"""Statements that keep segments true: who is in which, whose verdict may have changed, and how many came and left."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, Row, select, text

from journey_engine.config import SHARDS
from journey_engine.model.rule import Rule
from journey_engine.store.port import port
from journey_engine.store.rule_sql import condition
from journey_engine.store.tables import customers


@port
def live(tx: Connection) -> list[Row]:
    """Every segment with its rule."""
    return tx.execute(text("SELECT id, workspace_id, name, rule FROM segments ORDER BY created_at, id")).all()


@port
def names(tx: Connection, workspace_id: int, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of those of these segments that exist."""
    statement = "SELECT id, name FROM segments WHERE workspace_id = :workspace AND id = ANY(CAST(:ids AS uuid[]))"
    return {row.id: row.name for row in tx.execute(text(statement), {"workspace": workspace_id, "ids": list(ids)})}


WRITE = text(
    """
    INSERT INTO segment_states (customer_id, segment_id, workspace_id, shard, member, since, flip_at)
    SELECT * FROM unnest(CAST(:customers AS uuid[]), CAST(:segments AS uuid[]), CAST(:workspaces AS int[]),
        CAST(:shards AS smallint[]), CAST(:members AS boolean[]), CAST(:sinces AS timestamptz[]),
        CAST(:flips AS timestamptz[]))
    ON CONFLICT (customer_id, segment_id) DO UPDATE
        SET member = EXCLUDED.member, since = EXCLUDED.since, flip_at = EXCLUDED.flip_at
    """
)
DROP = text(
    """
    DELETE FROM segment_states s USING unnest(CAST(:customers AS uuid[]), CAST(:segments AS uuid[])) AS u (c, g)
    WHERE s.customer_id = u.c AND s.segment_id = u.g
    """
)


@port
def write_states(tx: Connection, rows: Sequence[tuple], gone: Sequence[tuple[UUID, UUID]]) -> None:
    """Rows of (customer, segment, workspace, shard, member, since, flip_at) as they are now; `gone` are not kept."""
    if rows:
        names = ("customers", "segments", "workspaces", "shards", "members", "sinces", "flips")
        tx.execute(WRITE, dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    if gone:
        tx.execute(DROP, dict(zip(("customers", "segments"), map(list, zip(*gone, strict=True)), strict=True)))


ADD_DAYS = text(
    """
    INSERT INTO segment_days (segment_id, day, slot, workspace_id, shard, joined, "left")
    SELECT u.segment, u.day, :slot, u.workspace, :slot, u.joined, u.gone
    FROM unnest(CAST(:segments AS uuid[]), CAST(:days AS date[]), CAST(:workspaces AS int[]),
        CAST(:joined AS bigint[]), CAST(:gone AS bigint[])) AS u (segment, day, workspace, joined, gone)
    ON CONFLICT (segment_id, day, slot) DO UPDATE
        SET joined = segment_days.joined + EXCLUDED.joined, "left" = segment_days."left" + EXCLUDED."left"
    """
)


@port
def add_days(tx: Connection, rows: Iterable[tuple[UUID, date, int, int, int]], slot: int) -> None:
    """Rows of (segment, day, workspace, joined, left), added to what was counted."""
    listed = sorted(rows, key=lambda row: (row[0], row[1]))
    if listed:
        names = ("segments", "days", "workspaces", "joined", "gone")
        columns = dict(zip(names, map(list, zip(*listed, strict=True)), strict=True))
        columns["days"] = [day.isoformat() for day in columns["days"]]
        tx.execute(ADD_DAYS, {"slot": slot, **columns})


# A customer is nobody any more: they have left whatever they were in.
LEAVE_ALL = """
    WITH gone AS (
        DELETE FROM segment_states WHERE customer_id = :{customer} RETURNING segment_id, workspace_id, shard, member
    )
    INSERT INTO segment_days (segment_id, day, slot, workspace_id, shard, "left")
    SELECT g.segment_id, CAST({at} AT TIME ZONE w.timezone AS date), g.shard, g.workspace_id, g.shard, 1
    FROM gone g JOIN workspaces w ON w.id = g.workspace_id WHERE g.member
    ON CONFLICT (segment_id, day, slot) DO UPDATE SET "left" = segment_days."left" + 1
    """

# Whoever has become one with somebody else is judged anew for every segment.
ASK_SURVIVOR = """
    INSERT INTO segment_states (customer_id, segment_id, workspace_id, shard, member, since, flip_at)
    SELECT c.id, s.id, c.workspace_id, c.shard, false, :at, :at
    FROM customers c JOIN segments s ON s.workspace_id = c.workspace_id WHERE c.id = :survivor
    ON CONFLICT (customer_id, segment_id) DO UPDATE SET flip_at = least(segment_states.flip_at, EXCLUDED.flip_at)
    """

ASK = text(
    """
    INSERT INTO segment_states (customer_id, segment_id, workspace_id, shard, member, since, flip_at)
    SELECT c.id, s.id, c.workspace_id, c.shard, false, :at, :at
    FROM customers c CROSS JOIN segments s
    WHERE c.id = ANY(CAST(:customers AS uuid[])) AND s.id = ANY(CAST(:segments AS uuid[]))
        AND s.workspace_id = c.workspace_id
    ORDER BY 1, 2
    ON CONFLICT (customer_id, segment_id) DO UPDATE SET flip_at = least(segment_states.flip_at, EXCLUDED.flip_at)
    """
)


@port
def ask_again(tx: Connection, customers: Sequence[UUID], segments: Sequence[UUID], at: datetime) -> None:
    """Have these customers judged again for these segments: something changed that no event tells of."""
    if customers and segments:
        tx.execute(ASK, {"customers": list(customers), "segments": list(segments), "at": at})


# Walks the enrollments of the journey once, as stopping it does.
ASK_STOPPED = text(
    """
    INSERT INTO segment_states (customer_id, segment_id, workspace_id, shard, member, since, flip_at)
    SELECT DISTINCT e.customer_id, s.id, e.workspace_id, e.shard, false, CAST(:at AS timestamptz),
        CAST(:at AS timestamptz)
    FROM enrollments e CROSS JOIN segments s
    WHERE e.journey_id = :journey AND e.end_reason = 'stopped' AND s.id = ANY(CAST(:segments AS uuid[]))
    ON CONFLICT (customer_id, segment_id) DO UPDATE SET flip_at = least(segment_states.flip_at, EXCLUDED.flip_at)
    """
)


@port
def ask_stopped(tx: Connection, journey: UUID, segments: Sequence[UUID], at: datetime) -> None:
    """Have those judged again who were in a journey that was stopped."""
    if segments:
        tx.execute(ASK_STOPPED, {"journey": journey, "segments": list(segments), "at": at})


# Walks segment_flips.
DUE_SHARDS = text(
    """
    SELECT s FROM generate_series(0, :last_shard) s
    WHERE EXISTS (SELECT FROM segment_states WHERE shard = s AND flip_at <= :now)
    """
)
DUE = text(
    """
    SELECT customer_id, segment_id FROM segment_states
    WHERE shard = ANY(CAST(:shards AS smallint[])) AND flip_at <= :now LIMIT :most
    """
)


@port
def due_shards(tx: Connection, now: datetime) -> list[int]:
    """The shards in which somebody's verdict may have changed."""
    return list(tx.scalars(DUE_SHARDS, {"now": now, "last_shard": SHARDS - 1}))


@port
def due(tx: Connection, shards: list[int], now: datetime, most: int) -> list[Row]:
    """Customers and segments whose verdict may have changed."""
    return tx.execute(DUE, {"shards": shards, "now": now, "most": most}).all()


# While a segment is gone through, one worker at a time does it; others find it locked.
NEXT_COMPUTING = text(
    """
    SELECT id, workspace_id, next_shard, computed_at FROM segments WHERE state = 'computing'
    ORDER BY updated_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
    """
)
COMPUTED = text(
    """
    UPDATE segments SET next_shard = :next, state = CASE WHEN :next < :shards THEN 'computing' ELSE 'live' END,
        computed_at = CASE WHEN :next < :shards THEN computed_at ELSE :now END
    WHERE id = :id
    """
)


@port
def next_computing(tx: Connection) -> Row | None:
    """The segment that has waited longest to be gone through, kept from others until the transaction ends."""
    return tx.execute(NEXT_COMPUTING).first()


@port
def computed(tx: Connection, id: UUID, next_shard: int, now: datetime) -> None:
    """All shards below this one have been gone through; after the last the segment is live."""
    tx.execute(COMPUTED, {"id": id, "next": next_shard, "shards": SHARDS, "now": now})


@port
def of_shard(tx: Connection, workspace_id: int, shard: int) -> list[UUID]:
    """The customers of a workspace in a shard."""
    where = "WHERE workspace_id = :workspace AND shard = :shard ORDER BY id"
    return list(tx.scalars(text(f"SELECT id FROM customers {where}"), {"workspace": workspace_id, "shard": shard}))


@port
def satisfying(
    tx: Connection, rule: Rule, workspace_id: int, zone: str, now: datetime, among: list[UUID]
) -> set[UUID] | None:
    """Those of these customers for whom the rule holds; None where that has to be asked of each."""
    chosen = customers.c.id == text("ANY(CAST(:among AS uuid[]))").bindparams(among=among)
    asked = select(customers.c.id).where(chosen, condition(rule, workspace_id, zone, now, among))
    return set(tx.scalars(asked))
