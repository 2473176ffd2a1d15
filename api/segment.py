"""The Segment-compatible door: client libraries of Segment and RudderStack, pointed here, work as they are.

Each call becomes an event of ours: `identify` → Customer Updated, `group` → Customer Grouped, `page` → Page Viewed,
`screen` → Screen Viewed, `alias` → Customer Aliased, `track` keeps its name. Fields we do not know are left alone,
because every library sends its own.
"""

from datetime import UTC, datetime
from typing import Any

from flask import current_app, request

from api.auth import workspace_id
from api.blueprint import Blueprint
from api.body import has_suspects, read_bytes, refuse_unstorable
from api.body import parse as parse_json
from api.events import store_events
from journey_engine.clock import now
from journey_engine.config import EVENTS_PER_REQUEST
from journey_engine.errors import BadRequest, Invalid, JourneyError, TooLarge, WrongType
from journey_engine.identity import normalise
from journey_engine.model.event import CUSTOMER_UPDATED
from journey_engine.pipeline.ingest import Incoming, make_incoming
from journey_engine.store import customers_read
from journey_engine.store.session import transaction

blueprint = Blueprint("segment", __name__, url_prefix="/v1", description="Door for Segment's client libraries")

TYPES = ("application/json", "text/plain")
"""Browsers' libraries send JSON as text/plain, which needs no second request; a cookie has no power at this door."""

NAMES = {
    "identify": CUSTOMER_UPDATED,
    "group": "Customer Grouped",
    "page": "Page Viewed",
    "screen": "Screen Viewed",
    "alias": "Customer Aliased",
}
ALSO_IDENTITIES = ("email", "phone")


@blueprint.post("/<any(track, identify, page, screen, alias, group):kind>")
@blueprint.response(200)
def single(kind: str):
    """One call of a library."""
    body, suspect = _body()
    try:
        incoming = read_call(refuse_unstorable(body) if suspect else body, kind, body.get("sentAt"))
    except Invalid as error:
        raise BadRequest(error.message, code=error.code, where=error.where) from error
    store_events([incoming], "segment")
    return {"success": True}


@blueprint.post("/<any(batch, import):door>")
@blueprint.response(200)
def batch(door: str):
    """Many calls at once. A library sends a refused batch no second time, so the good calls of a mixed one are kept."""
    body, suspect = _body()
    calls = body.get("batch")
    if not isinstance(calls, list):
        raise BadRequest("`batch` is a list of calls.", code="event:shape", where={"field": "batch"})
    if len(calls) > EVENTS_PER_REQUEST:
        raise TooLarge(code="request:too_many_events", where={"events": EVENTS_PER_REQUEST})
    incoming, wrong = [], []
    for place, call in enumerate(calls):
        try:
            incoming.append(read_call(refuse_unstorable(call) if suspect else call, "", body.get("sentAt")))
        except JourneyError as error:
            wrong.append({"at": place, "error": error.message, "code": error.code, "where": error.where})
    if wrong and not incoming:
        raise BadRequest(wrong[0]["error"], code=wrong[0]["code"], where={"rejected": wrong})
    store_events(incoming, "segment")
    return {"success": True, "rejected": wrong} if wrong else {"success": True}


def read_call(call: Any, kind: str, sent_at: Any) -> Incoming:
    """One call as an event of ours; raises Invalid naming what is wrong."""
    if not isinstance(call, dict):
        raise Invalid("A call is an object.", code="event:shape")
    kind = kind or call.get("type")
    if not isinstance(kind, str) or (kind != "track" and kind not in NAMES):
        message = "`type` is track, identify, page, screen, alias or group."
        raise Invalid(message, code="event:shape", where={"field": "type"})
    name = call.get("event") if kind == "track" else NAMES[kind]
    occurred_at = _occurred_at(call, call.get("sentAt") or sent_at)
    certain, extra = _identities(call, kind)
    parts = call.get("messageId") or None, name
    properties = _properties(call, kind)
    try:
        incoming = make_incoming(*parts, {**certain, **extra}, occurred_at, properties)
    except Invalid:
        if not extra:
            raise
        incoming = make_incoming(*parts, certain, occurred_at, properties)  # a trait need not be a real address
    if kind == "alias":
        incoming.identities = tuple(sorted({*incoming.identities, _previous(call)}))
    return incoming


def _identities(call: dict[str, Any], kind: str) -> tuple[dict[str, str], dict[str, str]]:
    """Who the call is about, and what may also name them: an address among the traits of an `identify`."""
    certain = {
        identity: str(call[field])
        for field, identity in (("userId", "external_id"), ("anonymousId", "anonymous_id"))
        if call.get(field) not in (None, "")
    }
    traits = _traits(call) if kind == "identify" else {}
    return certain, {one: str(traits[one]) for one in ALSO_IDENTITIES if traits.get(one)}


def _previous(call: dict[str, Any]) -> tuple[str, str]:
    """Whom an alias speaks of: a known customer by that id, else a browser that was not signed in yet."""
    value = call.get("previousId")
    if value in (None, ""):
        message = "An alias names the id used before as `previousId`."
        raise Invalid(message, code="event:customer", where={"field": "previousId"})
    value = normalise("external_id", str(value))
    with transaction(current_app.extensions["engine"]) as tx:
        known = customers_read.is_known(tx, workspace_id(), "external_id", value)
    return ("external_id" if known else "anonymous_id", value)


def _traits(call: dict[str, Any]) -> dict[str, Any]:
    """What the call tells of the customer: RudderStack's libraries put it into the context."""
    context = call.get("context")
    traits = call.get("traits") or (context.get("traits") if isinstance(context, dict) else None) or {}
    if not isinstance(traits, dict):
        raise Invalid("traits: an object.", code="event:properties", where={"field": "traits"})
    return traits


def _properties(call: dict[str, Any], kind: str) -> Any:
    if kind == "track":
        return call.get("properties") or {}
    if kind == "identify":
        return _traits(call)
    if kind == "group":
        return {**_traits(call), "group_id": call.get("groupId")}
    if kind == "alias":
        return {"previous_id": call.get("previousId")}
    properties = call.get("properties") or {}
    named = {name: call[name] for name in ("name", "category") if call.get(name)}
    return {**named, **properties} if isinstance(properties, dict) else properties


def _occurred_at(call: dict[str, Any], sent_at: Any) -> datetime | None:
    """When it happened by our clock: as long ago as the library says that it was when it sent the call."""
    original = _instant(call.get("originalTimestamp") or call.get("timestamp"), "timestamp")
    sent = _instant(sent_at, "sentAt")
    if original is None or sent is None:
        return original
    try:
        return min(now(), now() - (sent - original))
    except OverflowError:
        raise _no_instant("timestamp") from None


def _instant(value: Any, field: str) -> datetime | None:
    if value in (None, ""):
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):  # the first and last day of the calendar have no UTC everywhere
        raise _no_instant(field) from None


def _no_instant(field: str) -> Invalid:
    message = f"{field}: write the time as ISO 8601."
    return Invalid(message, code="event:occurred_at", where={"field": field})


def _body() -> tuple[dict[str, Any], bool]:
    """The call as an object, and whether some of its texts must be looked at."""
    if request.mimetype not in TYPES:
        raise WrongType()
    raw = read_bytes()
    body = parse_json(raw)
    if not isinstance(body, dict):
        raise BadRequest("A call is an object.", code="event:shape")
    return body, has_suspects(raw)
