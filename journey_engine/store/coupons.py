"""Coupon pools and their codes: a code is given once, to one visit, or not at all.

A turn locks free codes for those who are about to get one, and writes down who got which when it ends; until then, and
when it is undone, they are free. Codes belong to no shard: turns of all shards draw from the same pool.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from journey_engine.model.coupon import Coupon
from journey_engine.store.port import port

# Walks coupon_codes_free.
FREE = """
    SELECT c.pool_id, c.code, coalesce(c.expires_at, p.expires_at) AS expires_at
    FROM coupon_codes c JOIN coupon_pools p ON p.id = c.pool_id AND p.workspace_id = :workspace
    WHERE c.pool_id = :pool AND c.granted_at IS NULL AND c.code <> ALL(CAST(:without AS text[]))
        AND coalesce(c.expires_at, 'infinity') > :now AND coalesce(p.expires_at, 'infinity') > :now
    ORDER BY c.seq LIMIT :count FOR UPDATE OF c
"""
NOT_TAKEN = text(FREE + " SKIP LOCKED")
PERHAPS_TAKEN = text(FREE)

GRANT = text(
    """
    UPDATE coupon_codes c SET granted_at = :now, customer_id = u.customer_id, enrollment_id = u.enrollment_id,
        node_id = u.node_id, visit = u.visit
    FROM unnest(CAST(:pools AS uuid[]), CAST(:codes AS text[]), CAST(:customers AS uuid[]),
        CAST(:enrollments AS uuid[]), CAST(:nodes AS text[]), CAST(:visits AS int[]))
        AS u (pool_id, code, customer_id, enrollment_id, node_id, visit)
    WHERE c.pool_id = u.pool_id AND c.code = u.code AND c.granted_at IS NULL
    """
)


@port
def hold(tx: Connection, workspace: int, pool: UUID, count: int, without: Sequence[str], now: datetime) -> list[Coupon]:
    """Up to so many free codes, kept from everybody else until the transaction ends; `without` those held already.

    Codes that another transaction holds are passed over. When the others are not enough it is waited for: it may give
    them back, and nobody is to hear that there is no coupon while there is one.
    """
    values = {"workspace": workspace, "pool": pool, "count": count, "without": list(without), "now": now}
    found = [Coupon(*row) for row in tx.execute(NOT_TAKEN, values)]
    if len(found) < count:
        held = [*without, *(coupon.code for coupon in found)]
        rest = values | {"count": count - len(found), "without": held}
        found += [Coupon(*row) for row in tx.execute(PERHAPS_TAKEN, rest)]
    return found


@port
def grant(tx: Connection, grants: Sequence[Any], now: datetime) -> None:
    """Write down who got which code. One that is not free any more stops the whole turn."""
    if not grants:
        return
    values = {
        "now": now,
        "pools": [one.coupon.pool_id for one in grants],
        "codes": [one.coupon.code for one in grants],
        "customers": [one.enrollment.customer_id for one in grants],
        "enrollments": [one.enrollment.id for one in grants],
        "nodes": [one.node_id for one in grants],
        "visits": [one.visit for one in grants],
    }
    if tx.execute(GRANT, values).rowcount != len(grants):
        raise RuntimeError("a coupon was given away meanwhile")


# Walks the primary key of codes, once per pool shown.
POOLS = """
    SELECT p.id, p.name, p.expires_at, p.low_at, p.created_at, coalesce(c.total, 0) AS total,
        coalesce(c.granted, 0) AS granted, coalesce(c.free, 0) AS "left"
    FROM coupon_pools p LEFT JOIN LATERAL (
        SELECT count(*) AS total, count(granted_at) AS granted,
            count(*) FILTER (WHERE granted_at IS NULL AND coalesce(expires_at, 'infinity') > :now) AS free
        FROM coupon_codes WHERE pool_id = p.id
    ) c ON true
    WHERE p.workspace_id = :workspace
"""
USED_BY = text(
    """
    SELECT j.id AS journey_id, j.name, n.node -> 'settings' ->> 'pool' AS pool
    FROM journeys j JOIN versions v ON v.id = j.live_version_id
    CROSS JOIN LATERAL jsonb_array_elements(v.graph -> 'nodes') AS n (node)
    WHERE j.workspace_id = :workspace AND j.status IN ('live', 'paused') AND n.node ->> 'kind' = 'grant_coupon'
    ORDER BY j.name, j.id
    """
)


def pools(
    tx: Connection, workspace_id: int, now: datetime, limit: int, before: list[str] | None = None
) -> list[dict[str, Any]]:
    """Pools with what is left of them, the newest first; one more than asked tells of a next page."""
    after = " AND p.id < CAST(:before AS uuid)" if before else ""
    values = {"workspace": workspace_id, "now": now, "limit": limit + 1} | ({"before": before[0]} if before else {})
    return _shown(tx, workspace_id, now, tx.execute(text(f"{POOLS}{after} ORDER BY p.id DESC LIMIT :limit"), values))


def pool(tx: Connection, workspace_id: int, id: UUID, now: datetime) -> dict[str, Any] | None:
    values = {"workspace": workspace_id, "now": now, "id": id}
    found = _shown(tx, workspace_id, now, tx.execute(text(f"{POOLS} AND p.id = :id"), values))
    return found[0] if found else None


def _shown(tx: Connection, workspace_id: int, now: datetime, rows: Any) -> list[dict[str, Any]]:
    used: dict[str, dict[UUID, str]] = {}
    for row in tx.execute(USED_BY, {"workspace": workspace_id}):
        used.setdefault(row.pool, {})[row.journey_id] = row.name
    found = [dict(row._mapping) for row in rows]
    for one in found:
        expired = one["expires_at"] is not None and one["expires_at"] <= now
        one["left"] = 0 if expired else one["left"]
        one["low"] = one["left"] <= one["low_at"]
        by = used.get(str(one["id"]), {})
        one["used_by"] = [{"journey_id": id, "name": name} for id, name in by.items()]
    return found


@port
def stock(tx: Connection, workspace_id: int, pool_ids: Sequence[UUID], now: datetime) -> dict[UUID, tuple[str, bool]]:
    """The name of each of these pools that exists, and whether it has a code left."""
    rows = tx.execute(
        text(
            "SELECT p.id, p.name, coalesce(p.expires_at, 'infinity') > :now AND EXISTS (SELECT FROM coupon_codes c "
            "WHERE c.pool_id = p.id AND c.granted_at IS NULL AND coalesce(c.expires_at, 'infinity') > :now) "
            "FROM coupon_pools p WHERE p.workspace_id = :workspace AND p.id = ANY(CAST(:ids AS uuid[]))"
        ),
        {"workspace": workspace_id, "ids": list(pool_ids), "now": now},
    )
    return {id: (name, left) for id, name, left in rows}


def add_pool(tx: Connection, pool: dict[str, Any]) -> None:
    tx.execute(
        text(
            "INSERT INTO coupon_pools (id, workspace_id, name, expires_at, low_at, created_at) "
            "VALUES (:id, :workspace_id, :name, :expires_at, :low_at, :created_at)"
        ),
        pool,
    )


def change_pool(tx: Connection, workspace_id: int, id: UUID, changes: dict[str, Any]) -> None:
    """Set some of name, expires_at and low_at."""
    columns = ", ".join(f"{name} = :{name}" for name in ("name", "expires_at", "low_at") if name in changes)
    if columns:
        statement = f"UPDATE coupon_pools SET {columns} WHERE id = :id AND workspace_id = :workspace"
        tx.execute(text(statement), changes | {"id": id, "workspace": workspace_id})


def add_codes(tx: Connection, workspace_id: int, pool_id: UUID, codes: Sequence[tuple[str, datetime | None]]) -> int:
    """Add codes in their order; one that the pool has already changes nothing. How many were new."""
    done = tx.execute(
        text(
            "INSERT INTO coupon_codes (pool_id, code, workspace_id, expires_at) "
            "SELECT :pool, u.code, :workspace, u.expires_at "
            "FROM unnest(CAST(:codes AS text[]), CAST(:ends AS timestamptz[])) WITH ORDINALITY "
            "AS u (code, expires_at, place) ORDER BY u.place ON CONFLICT DO NOTHING"
        ),
        {
            "pool": pool_id,
            "workspace": workspace_id,
            "codes": [code for code, _ in codes],
            "ends": [end for _, end in codes],
        },
    )
    return done.rowcount
