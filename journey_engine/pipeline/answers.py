"""Answers: what an address said to a call that a customer is held for, as an event of that journey."""

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row

from journey_engine.channels import Outcome
from journey_engine.guard import Answer
from journey_engine.ids import uuid7
from journey_engine.model.event import Event
from journey_engine.model.internal import ANSWERED
from journey_engine.store.emitting import Emitted

ANSWER_BYTES = 16_384
"""More than this is no answer to one question, and would be carried along with the enrollment."""


def answer_to(row: Row, status: str, outcome: Outcome, now: datetime) -> Emitted:
    """The outcome of a message as an event; it names the visit by the moment at which the message was queued."""
    answer = outcome.answer
    body, problem = _body(answer) if answer is not None else (None, "")
    told = {
        "enrollment": str(row.enrollment_id),
        "node": row.node_id,
        "asked_at": row.queued_at.isoformat(),
        "ok": status == "sent",
        "status": answer.status if answer is not None else None,
        "body": body,
        "detail": (outcome.detail if status != "sent" else problem)[:500],
    }
    event = Event(uuid7(now), row.workspace_id, row.customer_id, ANSWERED, now, now, told)
    return Emitted(event, row.journey_id)


def _body(answer: Answer) -> tuple[Any, str]:
    """The answer as JSON, or why it is none."""
    if answer.cut or len(answer.body) > ANSWER_BYTES:
        return None, f"the answer is longer than {ANSWER_BYTES // 1024} KB"
    if b"\\u0000" in answer.body:
        return None, "the answer contains a character that cannot be stored"
    try:
        return orjson.loads(answer.body), ""
    except ValueError:
        return None, "the answer is not JSON"
