"""Emitting: events that the engine itself tells, stored and queued like those of a shop."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from journey_engine.ids import shard_of
from journey_engine.model.event import Event
from journey_engine.store.copying import as_json, copy_rows
from journey_engine.store.port import port

SOURCE = "journey"

EVENT_COLUMNS = (
    "id",
    "workspace_id",
    "shard",
    "customer_id",
    "name",
    "occurred_at",
    "received_at",
    "properties",
    "message_id",
    "source",
)
INBOX_COLUMNS = ("shard", "workspace_id", "customer_id", "event_id", "received_at", "journey_id")


@dataclass(frozen=True, slots=True)
class Emitted:
    """An event to be queued; with `journey_id` only that journey hears it."""

    event: Event
    journey_id: UUID | None = None


@port
def emit(tx: Connection, emitted: Sequence[Emitted]) -> None:
    """Store the events and queue them behind what their customers have before them; a later turn works them."""
    if not emitted:
        return
    rows = [(one.event, shard_of(one.event.customer_id), one.journey_id) for one in emitted]
    copy_rows(
        tx,
        "events",
        EVENT_COLUMNS,
        (
            (
                e.id,
                e.workspace_id,
                shard,
                e.customer_id,
                e.name,
                e.occurred_at,
                e.received_at,
                as_json(e.properties),
                "",
                SOURCE,
            )
            for e, shard, _ in rows
        ),
    )
    copy_rows(
        tx,
        "inbox",
        INBOX_COLUMNS,
        ((shard, e.workspace_id, e.customer_id, e.id, e.received_at, journey_id) for e, shard, journey_id in rows),
    )
