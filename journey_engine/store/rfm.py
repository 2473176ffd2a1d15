"""Statements that score customers by how lately, how often and for how much they bought.

Scores are fifths of all who ever bought. Who has the same value has the same score: one more than the number of fifths
of buyers who have a lower value. They are made in one statement, and then written to the customers shard by shard.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from journey_engine.config import SHARDS

ATTRIBUTES = ("rfm_recency", "rfm_frequency", "rfm_monetary", "rfm_segment", "lifecycle_stage")

FORGET = text("DELETE FROM rfm_scores WHERE workspace_id = :workspace")

# Reads the events of that name once; activity knows neither the amounts nor what was merged away of them.
SCORE = text(
    """
    INSERT INTO rfm_scores (workspace_id, customer_id, shard, recency, frequency, monetary, first_at, last_at)
    WITH bought AS (
        SELECT customer_id, count(*) AS times, min(occurred_at) AS first_at, max(occurred_at) AS last_at,
            coalesce(sum(je_number(CAST(properties AS jsonb) -> CAST(:value AS text))), 0) AS spent
        FROM events WHERE workspace_id = :workspace AND name = :event AND occurred_at <= :now
        GROUP BY customer_id
    )
    SELECT :workspace, b.customer_id, c.shard,
        1 + (5 * (rank() OVER (ORDER BY b.last_at) - 1)) / count(*) OVER (),
        1 + (5 * (rank() OVER (ORDER BY b.times) - 1)) / count(*) OVER (),
        1 + (5 * (rank() OVER (ORDER BY b.spent) - 1)) / count(*) OVER (),
        b.first_at, b.last_at
    FROM bought b JOIN customers c ON c.id = b.customer_id
    """
)


def score(tx: Connection, workspace_id: int, event: str, value: str, now: datetime) -> int:
    """Score everybody who ever bought; how many."""
    tx.execute(text("SET LOCAL statement_timeout = '30min'"))
    tx.execute(FORGET, {"workspace": workspace_id})
    values = {"workspace": workspace_id, "event": event, "value": value, "now": now}
    return tx.execute(SCORE, values).rowcount


# What a customer becomes by the scores, beside what they are; who never bought is a prospect and has no scores.
# `valued` is the mean of how often and for how much, rounded up.
BECOMES = """
    SELECT c.id, c.attributes AS before, c.attributes - CAST(:names AS text[]) || CASE
        WHEN s.customer_id IS NULL THEN jsonb_build_object('lifecycle_stage', 'prospect')
        ELSE jsonb_build_object(
            'rfm_recency', s.recency, 'rfm_frequency', s.frequency, 'rfm_monetary', s.monetary,
            'rfm_segment', CASE
                WHEN s.recency >= 4 AND v.valued >= 4 THEN 'champions'
                WHEN s.recency >= 3 AND v.valued >= 3 THEN 'loyal'
                WHEN s.recency >= 4 AND s.frequency = 1 THEN 'new'
                WHEN s.recency >= 4 THEN 'promising'
                WHEN s.recency = 3 THEN 'needs_attention'
                WHEN v.valued >= 4 THEN 'at_risk'
                WHEN v.valued = 3 THEN 'about_to_sleep'
                WHEN s.recency = 2 THEN 'hibernating'
                ELSE 'lost'
            END,
            'lifecycle_stage', CASE
                WHEN s.first_at > :now - interval '30 days' THEN 'new'
                WHEN s.last_at > :now - interval '90 days' THEN 'active'
                WHEN s.last_at > :now - interval '180 days' THEN 'at_risk'
                ELSE 'lapsed'
            END)
        END AS attributes
    FROM customers c LEFT JOIN rfm_scores s ON s.workspace_id = c.workspace_id AND s.customer_id = c.id
    CROSS JOIN LATERAL (SELECT (s.frequency + s.monetary + 1) / 2 AS valued) v
    WHERE c.workspace_id = :workspace AND c.shard = :shard
"""
WRITE = text(
    f"""
    WITH becomes AS ({BECOMES})
    UPDATE customers c SET attributes = b.attributes FROM becomes b
    WHERE c.id = b.id AND b.attributes <> b.before
    RETURNING c.id, b.before, c.attributes
    """
)


def write(tx: Connection, workspace_id: int, shard: int, now: datetime) -> list[Row]:
    """Give the customers of a shard what the scores say; those who changed, as they were and as they are."""
    values = {"workspace": workspace_id, "shard": shard, "now": now, "names": list(ATTRIBUTES)}
    return tx.execute(WRITE, values).all()


RUN = text("SELECT day, scored_at, next_shard, customers, asked_at FROM rfm_runs WHERE workspace_id = :workspace")
CLAIM = text(
    """
    INSERT INTO rfm_runs (workspace_id, next_shard) VALUES (:workspace, :shards)
    ON CONFLICT (workspace_id) DO NOTHING
    """
)
LOCK = text(
    """
    SELECT day, scored_at, next_shard, asked_at FROM rfm_runs WHERE workspace_id = :workspace FOR UPDATE SKIP LOCKED
    """
)
BEGIN = text(
    """
    UPDATE rfm_runs SET day = :day, scored_at = :now, next_shard = 0, customers = :customers, asked_at = NULL
    WHERE workspace_id = :workspace
    """
)


def run(tx: Connection, workspace_id: int) -> Row | None:
    """The last run of a workspace."""
    return tx.execute(RUN, {"workspace": workspace_id}).first()


def lock(tx: Connection, workspace_id: int) -> Row | None:
    """The run of a workspace, kept from others until the transaction ends; None while somebody else has it."""
    tx.execute(CLAIM, {"workspace": workspace_id, "shards": SHARDS})
    return tx.execute(LOCK, {"workspace": workspace_id}).first()


def begin(tx: Connection, workspace_id: int, day: date, now: datetime, customers: int) -> None:
    """Everybody is scored; now it is written."""
    values = {"workspace": workspace_id, "day": day, "now": now, "customers": customers}
    tx.execute(BEGIN, values)


def go_on(tx: Connection, workspace_id: int, next_shard: int) -> None:
    tx.execute(
        text("UPDATE rfm_runs SET next_shard = :next WHERE workspace_id = :workspace"),
        {"workspace": workspace_id, "next": next_shard},
    )


def ask(tx: Connection, workspace_id: int, now: datetime) -> None:
    """Have it run soon, whatever the day."""
    tx.execute(CLAIM, {"workspace": workspace_id, "shards": SHARDS})
    tx.execute(
        text("UPDATE rfm_runs SET asked_at = :now WHERE workspace_id = :workspace"),
        {"workspace": workspace_id, "now": now},
    )


# Reads the customers of the workspace once.
SPREAD = text(
    """
    SELECT attributes ->> CAST(:name AS text) AS value, count(*) AS customers FROM customers
    WHERE workspace_id = :workspace AND attributes ? CAST(:name AS text) GROUP BY 1 ORDER BY 2 DESC, 1
    """
)


def spread(tx: Connection, workspace_id: int, name: str) -> list[dict[str, Any]]:
    """How many customers have each value of one of these attributes."""
    rows = tx.execute(SPREAD, {"workspace": workspace_id, "name": name})
    return [dict(row._mapping) for row in rows]


def workspaces(tx: Connection) -> list[Row]:
    """Workspaces in which customers are scored."""
    columns = "id, timezone, settings -> 'rfm' AS rfm"
    return tx.execute(text(f"SELECT {columns} FROM workspaces WHERE settings -> 'rfm' ->> 'on' = 'true'")).all()
