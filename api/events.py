"""The events door: shops push what their customers did, one event or a batch; and reading events back.

A 2xx answer means that the event is committed. In a batch each event has its own result and good ones are kept.
"""

from typing import Any
from uuid import UUID

from flask import current_app, request
from marshmallow import fields, validate

from api.auth import workspace_id
from api.blueprint import Blueprint, Page
from api.body import has_suspects, parse, read_bytes, refuse_unstorable
from api.errors import to_json
from api.masks import for_caller
from api.metrics import EVENTS
from api.paging import page, position
from journey_engine.config import EVENT_NAME_CHARS, EVENTS_PER_REQUEST
from journey_engine.errors import Conflict, Invalid, JourneyError, NotFound, TooLarge, WrongType
from journey_engine.pipeline.ingest import Accepted, Incoming, read_event
from journey_engine.store import events_read
from journey_engine.store.session import transaction

blueprint = Blueprint("events", __name__, url_prefix="/api/v1/events", description="Events")

ONE_EVENT = {
    "type": "object",
    "required": ["name", "customer"],
    "properties": {
        "message_id": {"type": "string", "maxLength": 255, "description": "Stored once per id for seven days."},
        "name": {"type": "string", "maxLength": EVENT_NAME_CHARS},
        "customer": {"type": "object", "description": "Identities by kind, such as external_id, email, phone."},
        "occurred_at": {"type": ["string", "number"], "description": "ISO 8601 or Unix seconds; when left out, now."},
        "properties": {"type": "object"},
    },
}
BATCH = {
    "type": "object",
    "required": ["events"],
    "properties": {"events": {"type": "array", "maxItems": EVENTS_PER_REQUEST, "items": ONE_EVENT}},
}
DOCUMENTED = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"oneOf": [ONE_EVENT, BATCH]}}}}
}


class EventPage(Page):
    name = fields.Str(load_default="", validate=validate.Length(max=EVENT_NAME_CHARS))
    customer_id = fields.UUID(load_default=None)
    state = fields.Str(load_default="", validate=validate.OneOf(["", "ignored", "dead_lettered"]))


@blueprint.post("")
@blueprint.doc(**DOCUMENTED)
@blueprint.response(200)
def take():
    """Take one event, or up to 1,000 as `{"events": […]}`; 207 when some of a batch were refused."""
    raw, body = _read()
    if isinstance(body, dict) and "events" in body:
        return _take_batch(body, has_suspects(raw))
    incoming = read_event(refuse_unstorable(body) if has_suspects(raw) else body)
    accepted = store_events([incoming], "api")[0]
    if refusal := refused(accepted):
        raise refusal
    return _taken(incoming, accepted)


@blueprint.get("")
@blueprint.arguments(EventPage, location="query")
@blueprint.response(200)
def listed(asked: dict[str, Any]):
    """Events with what became of them, the latest first."""
    before = position(asked["cursor"])
    with transaction(current_app.extensions["engine"]) as tx:
        rows = events_read.latest(
            tx, workspace_id(), asked["limit"], before, asked["name"], asked["customer_id"], asked["state"]
        )
    return for_caller(page(rows, asked["limit"], "id"))


@blueprint.get("/<uuid:event_id>")
@blueprint.response(200)
def one(event_id: UUID):
    """One event, its final state and why, and what it did."""
    with transaction(current_app.extensions["engine"]) as tx:
        found = events_read.one(tx, workspace_id(), event_id)
    if found is None:
        raise NotFound()
    return for_caller(found)


def store_events(incoming: list[Incoming], source: str) -> list[Accepted]:
    """Commit the events and ring whoever works them."""
    together = current_app.extensions["together"]
    accepted = together.ingest(workspace_id(), incoming, source) if incoming else []
    for status in {one.status for one in accepted}:
        EVENTS.labels(source, status).inc(sum(1 for one in accepted if one.status == status))
    if any(one.status == "stored" for one in accepted):
        current_app.extensions["bell"].ring("turns")
    return accepted


def refused(accepted: Accepted) -> JourneyError | None:
    """Why an event that could be read was not stored."""
    if accepted.status == "conflict":
        message = "Another event has this message_id with other content; the first one stays. Use a new id."
        return Conflict(message, code="event:conflict", where={"field": "message_id", "id": str(accepted.event_id)})
    if accepted.status == "erased":
        return Conflict("This customer is being erased; the event was not stored.", code="event:erased")
    return None


def _read() -> tuple[bytes, Any]:
    if not request.is_json:
        raise WrongType()
    raw = read_bytes()
    return raw, parse(raw)


def _take_batch(body: dict[str, Any], suspect: bool) -> Any:
    """Every event that can be read is stored in one transaction; each gets its own result."""
    events = body["events"]
    if body.keys() != {"events"} or not isinstance(events, list):
        raise Invalid('A batch is {"events": [event, …]}.', code="event:shape", where={"field": "events"})
    if len(events) > EVENTS_PER_REQUEST:
        message = f"A batch has at most {EVENTS_PER_REQUEST} events; this one has {len(events)}. Send smaller batches."
        raise TooLarge(message, code="request:too_many_events", where={"events": EVENTS_PER_REQUEST})
    results: list[dict[str, Any]] = [{}] * len(events)
    readable: list[tuple[int, Incoming]] = []
    for place, event in enumerate(events):
        try:
            readable.append((place, read_event(refuse_unstorable(event) if suspect else event)))
        except JourneyError as error:
            results[place] = _refusal(error)
    accepted = store_events([incoming for _, incoming in readable], "api")
    for (place, incoming), one in zip(readable, accepted, strict=True):
        refusal = refused(one)
        results[place] = _refusal(refusal) if refusal else {"status": 200, **_taken(incoming, one)}
    mixed = any(result["status"] != 200 for result in results)
    return {"results": results}, 207 if mixed else 200


def _taken(incoming: Incoming, accepted: Accepted) -> dict[str, Any]:
    dedupe = "none" if incoming.message_id is None else "message_id"
    return {"id": accepted.event_id, "duplicate": accepted.status == "duplicate", "dedupe": dedupe}


def _refusal(error: JourneyError) -> dict[str, Any]:
    return {"status": error.status, **to_json(error)}
