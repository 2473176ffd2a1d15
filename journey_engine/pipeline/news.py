"""News of messages: what becomes of one is told as an event of its customer, when a journey or a segment listens."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from journey_engine.ids import uuid7
from journey_engine.model.event import Event
from journey_engine.model.internal import MESSAGE
from journey_engine.pipeline.turn import live_routes
from journey_engine.store.emitting import Emitted, emit


def tell_of_messages(tx: Connection, news: Iterable[tuple[Any, str]], now: datetime) -> None:
    """Rows of messages, each with what happened: sent, delivered, failed, opened, clicked."""
    told = list(news)
    if told and MESSAGE in live_routes(tx).heard:
        emit(tx, [Emitted(_event(row.workspace_id, row.customer_id, _about(row, what), now)) for row, what in told])


def tell_of_unsubscribe(tx: Connection, workspace_id: int, customer_id: UUID, channel: str, now: datetime) -> None:
    """A customer wants no more marketing on a channel."""
    if MESSAGE in live_routes(tx).heard:
        emit(tx, [Emitted(_event(workspace_id, customer_id, {"what": "unsubscribed", "channel": channel}, now))])


def _about(row: Any, what: str) -> dict[str, Any]:
    about = {"what": what, "channel": row.channel, "journey": str(row.journey_id), "node": row.node_id}
    return about | {"message": str(row.id)}


def _event(workspace: int, customer: UUID, about: dict[str, Any], now: datetime) -> Event:
    return Event(uuid7(now), workspace, customer, MESSAGE, now, now, about)
