"""Merging customers: what the loser had becomes the survivor's, in the transaction that showed they are one person.

The caller holds the shards of both, so no turn works on either meanwhile.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from journey_engine.ids import shard_of
from journey_engine.store.copying import as_json
from journey_engine.store.port import port
from journey_engine.store.segments import ASK_SURVIVOR, LEAVE_ALL

# Each statement walks an index on customer_id (or the primary key of one customer's rows).
STATEMENTS = [
    "UPDATE identities SET customer_id = :survivor, shard = :shard WHERE customer_id = :loser",
    "UPDATE events SET customer_id = :survivor, shard = :shard WHERE customer_id = :loser",
    "UPDATE inbox SET customer_id = :survivor, shard = :shard WHERE shard = :loser_shard AND customer_id = :loser",
    "UPDATE parked_events SET customer_id = :survivor, shard = :shard WHERE customer_id = :loser",
    """
    INSERT INTO activity (customer_id, name, workspace_id, shard, count, first_at, last_at)
    SELECT :survivor, name, workspace_id, :shard, count, first_at, last_at FROM activity WHERE customer_id = :loser
    ON CONFLICT (customer_id, name) DO UPDATE SET
        count = activity.count + EXCLUDED.count,
        first_at = least(activity.first_at, EXCLUDED.first_at),
        last_at = greatest(activity.last_at, EXCLUDED.last_at)
    """,
    "DELETE FROM activity WHERE customer_id = :loser",
    """
    INSERT INTO consents (customer_id, channel, topic, workspace_id, shard, state, at, source)
    SELECT :survivor, channel, topic, workspace_id, :shard, state, at, source FROM consents WHERE customer_id = :loser
    ON CONFLICT (customer_id, channel, topic) DO UPDATE
        SET state = EXCLUDED.state, at = EXCLUDED.at, source = EXCLUDED.source
        WHERE EXCLUDED.state = 'withdrawn' AND consents.state <> 'withdrawn'
    """,
    "DELETE FROM consents WHERE customer_id = :loser",
    "UPDATE consent_changes SET customer_id = :survivor, shard = :shard WHERE customer_id = :loser",
    "UPDATE refusals SET customer_id = :survivor, shard = :shard WHERE customer_id = :loser",
    "UPDATE conversions SET customer_id = :survivor, shard = :shard WHERE customer_id = :loser",
    "UPDATE exposures SET customer_id = :survivor, shard = :shard WHERE customer_id = :loser",
    """
    UPDATE deliveries SET shard = :shard
    WHERE message_id IN (SELECT id FROM messages WHERE customer_id = :loser)
    """,
    """
    UPDATE receipts SET shard = :shard
    WHERE message_id IN (SELECT id FROM messages WHERE customer_id = :loser)
    """,
    "UPDATE messages SET customer_id = :survivor, shard = :shard WHERE customer_id = :loser",
    """
    UPDATE wake_tries SET shard = :shard
    WHERE enrollment_id IN (SELECT id FROM enrollments WHERE customer_id = :loser)
    """,
    """
    UPDATE visits SET customer_id = :survivor, shard = :shard
    WHERE enrollment_id IN (SELECT id FROM enrollments WHERE customer_id = :loser)
    """,
    """
    UPDATE moves m SET shard = :shard FROM enrollments e
    WHERE e.customer_id = :loser AND m.journey_id = e.journey_id AND m.shard = :loser_shard AND m.enrollment_id = e.id
    """,
    """
    UPDATE enrollments e SET customer_id = :survivor, shard = :shard, entry_no = e.entry_no + coalesce((
        SELECT max(s.entry_no) FROM enrollments s
        WHERE s.customer_id = :survivor AND s.journey_id = e.journey_id AND s.key = e.key), 0)
    WHERE customer_id = :loser
    """,
    # After the enrollments: whoever removes old ones has written here when we get past them.
    """
    INSERT INTO past_entries (customer_id, journey_id, workspace_id, shard, entries, last_at)
    SELECT :survivor, journey_id, workspace_id, :shard, entries, last_at FROM past_entries WHERE customer_id = :loser
    ON CONFLICT (customer_id, journey_id) DO UPDATE SET entries = past_entries.entries + EXCLUDED.entries,
        last_at = greatest(past_entries.last_at, EXCLUDED.last_at)
    """,
    "DELETE FROM past_entries WHERE customer_id = :loser",
    """
    INSERT INTO trigger_dues (customer_id, journey_id, trigger_id, key, workspace_id, shard, due_at, extends)
    SELECT :survivor, journey_id, trigger_id, key, workspace_id, :shard, due_at, extends
    FROM trigger_dues WHERE customer_id = :loser
    ON CONFLICT (customer_id, journey_id, trigger_id, key) DO UPDATE SET due_at = EXCLUDED.due_at
        WHERE EXCLUDED.extends AND EXCLUDED.due_at > trigger_dues.due_at
    """,
    "DELETE FROM trigger_dues WHERE customer_id = :loser",
    "UPDATE coupon_codes SET customer_id = :survivor WHERE customer_id = :loser",
    "UPDATE approvals SET customer_id = :survivor, shard = :shard WHERE customer_id = :loser",
    # Of every attribute the survivor's wins; tags are united.
    """
    UPDATE customers s SET attributes = l.attributes || s.attributes || CASE
        WHEN jsonb_typeof(l.attributes -> 'tags') = 'array' AND jsonb_typeof(s.attributes -> 'tags') = 'array'
        THEN jsonb_build_object('tags', (
            SELECT coalesce(jsonb_agg(tag ORDER BY tag COLLATE "C"), '[]') FROM (
                SELECT DISTINCT tag #>> '{}' AS tag
                FROM jsonb_array_elements((l.attributes -> 'tags') || (s.attributes -> 'tags')) AS every (tag)
                WHERE jsonb_typeof(tag) = 'string'
            ) united))
        ELSE '{}' END
    FROM customers l WHERE s.id = :survivor AND l.id = :loser
    """,
    LEAVE_ALL.format(customer="loser", at="CAST(:at AS timestamptz)"),
    ASK_SURVIVOR,
    "UPDATE merges SET survivor_id = :survivor, shard = :shard WHERE survivor_id = :loser",
    "DELETE FROM customers WHERE id = :loser",
]

# Of two live enrollments in the same journey under the same key the older stays.
END_YOUNGER = text(
    """
    WITH ended AS (
        UPDATE enrollments e
        SET status = 'exited', ended_at = :at, end_reason = 'merged', wake_at = NULL, parked_wake_at = NULL
        FROM (
            SELECT id, status AS was, row_number() OVER (
                PARTITION BY journey_id, key ORDER BY (status = 'armed'), fired_at, id) AS place
            FROM enrollments WHERE customer_id IN (:survivor, :loser) AND ended_at IS NULL
        ) live
        WHERE live.id = e.id AND live.place > 1
        RETURNING e.workspace_id, e.version_id, e.node_id, live.was
    ), changes AS (
        SELECT workspace_id, version_id, '' AS node_id, -1 AS n,
            CASE was WHEN 'armed' THEN 'armed' ELSE 'waiting' END AS what
        FROM ended
        UNION ALL SELECT workspace_id, version_id, node_id, -1, 'waiting' FROM ended WHERE was <> 'armed'
        UNION ALL SELECT workspace_id, version_id, '', 1, CASE was WHEN 'armed' THEN 'cancelled' ELSE 'exited' END
        FROM ended
    )
    INSERT INTO counts (version_id, node_id, what, slot, workspace_id, shard, n)
    SELECT version_id, node_id, what, :slot, min(workspace_id), :shard, sum(n) FROM changes GROUP BY 1, 2, 3
    ON CONFLICT (version_id, node_id, what, slot) DO UPDATE SET n = counts.n + EXCLUDED.n
    """
)


@port
def merge(tx: Connection, workspace: int, survivor: UUID, loser: UUID, at: datetime, why: dict[str, Any]) -> None:
    """Make two customers one; the survivor keeps its id, and its attributes win."""
    shard, loser_shard = shard_of(survivor), shard_of(loser)
    values = {"survivor": survivor, "loser": loser, "shard": shard, "loser_shard": loser_shard, "at": at}
    # Whoever is giving the loser an identity commits first, so that it is among those that follow.
    tx.execute(text("SELECT FROM customers WHERE id = :loser FOR UPDATE"), {"loser": loser})
    tx.execute(END_YOUNGER, {"survivor": survivor, "loser": loser, "at": at, "slot": shard, "shard": shard})
    for statement in STATEMENTS:
        used = {name: value for name, value in values.items() if f":{name}" in statement}
        tx.execute(text(statement), used)
    tx.execute(
        text(
            "INSERT INTO merges (loser_id, workspace_id, shard, survivor_id, at, why) "
            "VALUES (:loser, :workspace, :shard, :survivor, :at, CAST(:why AS jsonb))"
        ),
        {"loser": loser, "workspace": workspace, "shard": shard, "survivor": survivor, "at": at, "why": as_json(why)},
    )
