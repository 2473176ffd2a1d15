"""Events as people read them: the latest, and one with its final state and everything it did."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select, text, tuple_

from journey_engine.ids import shard_of
from journey_engine.store.copying import as_json
from journey_engine.store.tables import event_outcomes, events, inbox

COLUMNS = (
    events.c.id,
    events.c.name,
    events.c.customer_id,
    events.c.occurred_at,
    events.c.received_at,
    events.c.properties,
    events.c.source,
    events.c.message_id,
)


# Walks the primary keys of the partitions backwards; events_by_customer when a customer is named.
def latest(
    tx: Connection,
    workspace_id: int,
    limit: int,
    before: list[str] | None,
    name: str,
    customer_id: UUID | None,
    state: str = "",
) -> list[dict[str, Any]]:
    """Events by arrival, the latest first, each with its state; `dead_lettered` or `ignored` ones only, if asked."""
    wanted = [events.c.workspace_id == workspace_id]
    if state:
        ended = select(event_outcomes.c.event_id).where(
            event_outcomes.c.workspace_id == workspace_id, event_outcomes.c.state == state
        )
        wanted.append(events.c.id.in_(ended))
    if name:
        wanted.append(events.c.name == name)
    if customer_id:
        wanted.append(events.c.customer_id == customer_id)
    if before:
        wanted.append(events.c.id < UUID(before[0]))
    rows = tx.execute(select(*COLUMNS).where(*wanted).order_by(events.c.id.desc()).limit(limit + 1))
    return _with_states(tx, [dict(row._mapping) for row in rows])


def one(tx: Connection, workspace_id: int, event_id: UUID) -> dict[str, Any] | None:
    """One event with its final state, why, and its effects on enrollments."""
    wanted = (events.c.id == event_id, events.c.workspace_id == workspace_id)
    row = tx.execute(select(*COLUMNS).where(*wanted)).first()
    if row is None:
        return None
    found = _with_states(tx, [dict(row._mapping)])[0]
    by_event = as_json([{"reason": {"event_id": str(event_id)}}])
    values = {"event": event_id, "by_event": by_event, "customer": found["customer_id"], "workspace": workspace_id}
    return found | {"effects": [dict(effect._mapping) for effect in tx.execute(EFFECTS, values)]}


def _with_states(tx: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pending while it lies in the inbox; else what its outcome says; without an outcome it was simply processed."""
    ids = {row["id"] for row in rows}
    places = {(shard_of(row["customer_id"]), row["id"]) for row in rows}
    waiting = select(inbox.c.event_id).where(tuple_(inbox.c.shard, inbox.c.event_id).in_(places))
    pending = set(tx.scalars(waiting.where(inbox.c.journey_id.is_(None)))) if rows else set()
    columns = (event_outcomes.c.event_id, event_outcomes.c.state, event_outcomes.c.why, event_outcomes.c.detail)
    ended = {o.event_id: o for o in tx.execute(select(*columns).where(event_outcomes.c.event_id.in_(ids)))}
    for row in rows:
        outcome = ended.get(row["id"])
        row["state"] = "pending" if row["id"] in pending else outcome.state if outcome else "processed"
        row["why"] = _why(outcome) if outcome and row["state"] != "pending" else None
    return rows


def _why(outcome: Any) -> dict[str, Any]:
    """The reason as a word that the editor has a sentence for; what the program said is the detail apart."""
    if outcome.state == "dead_lettered":
        return {"why": "set_aside", "detail": outcome.why}
    return {"why": outcome.why, **outcome.detail}


# Walks one_enrollment_per_entry and refusals_by_customer: what an event did, it did to its own customer.
EFFECTS = text(
    """
    WITH own AS (
        SELECT id, journey_id, event_id, status, fired_at, entered_at, ended_at, end_reason
        FROM enrollments WHERE customer_id = :customer AND workspace_id = :workspace
    ), effects AS (
        SELECT CASE WHEN entered_at IS NULL THEN 'armed' ELSE 'entered' END AS kind,
            journey_id, id AS enrollment_id, NULL::json AS reason, fired_at AS at
        FROM own WHERE event_id = :event
        UNION ALL
        SELECT CASE
                WHEN own.entered_at IS NULL THEN 'cancelled' WHEN own.ended_at = v.at THEN 'ended' ELSE 'moved'
            END,
            own.journey_id, own.id, v.path -> 0 -> 'reason', v.at
        FROM own JOIN visits v ON v.enrollment_id = own.id
        WHERE v.cause ->> 'why' <> 'entry' AND (
            v.cause ->> 'event_id' = CAST(:event AS text)
            OR CAST(v.path AS jsonb) @> CAST(:by_event AS jsonb)
        )
        UNION ALL
        SELECT 'refused', journey_id, NULL, reason, at
        FROM refusals WHERE customer_id = :customer AND workspace_id = :workspace AND event_id = :event
    )
    SELECT kind, journey_id, enrollment_id, reason FROM effects ORDER BY at, kind
    """
)
