"""The words of a shop: names of events, properties and attributes, for completion while a marketer types."""

from typing import Any

from sqlalchemy import Connection, text

RECENT_EVENTS = 10_000
RECENT_CUSTOMERS = 1_000
EXAMPLES = 5

# Names come from their own small table; how often is told from the latest events only, which the ids order,
# because counting all of them would read everything.
EVENT_NAMES = text(
    """
    SELECT n.name, coalesce(r.count, 0) AS count, r.last_at, n.properties
    FROM event_names n
    LEFT JOIN (
        SELECT name, count(*) AS count, max(received_at) AS last_at
        FROM (SELECT name, received_at, workspace_id FROM events ORDER BY id DESC LIMIT :recent) latest
        WHERE workspace_id = :workspace GROUP BY name
    ) r ON r.name = n.name
    WHERE n.workspace_id = :workspace
    ORDER BY count DESC, n.name
    LIMIT 1000
    """
)

# Walks customers_by_workspace backwards.
ATTRIBUTES = text(
    """
    SELECT a.key AS name, array_agg(DISTINCT a.value) AS examples
    FROM (
        SELECT attributes FROM customers WHERE workspace_id = :workspace ORDER BY id DESC LIMIT :recent
    ) latest, jsonb_each(latest.attributes) a
    GROUP BY a.key
    ORDER BY count(*) DESC, a.key
    LIMIT 500
    """
)


def event_names(tx: Connection, workspace_id: int) -> list[dict[str, Any]]:
    """Every event name seen, with its share of the latest events."""
    rows = tx.execute(EVENT_NAMES, {"workspace": workspace_id, "recent": RECENT_EVENTS})
    return [dict(row._mapping) for row in rows]


def attributes(tx: Connection, workspace_id: int) -> list[dict[str, Any]]:
    """The attributes of the newest customers, with a few values each."""
    rows = tx.execute(ATTRIBUTES, {"workspace": workspace_id, "recent": RECENT_CUSTOMERS})
    return [{"name": row.name, "examples": row.examples[:EXAMPLES]} for row in rows]
