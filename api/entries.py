"""Entries: let customers into a journey by a call, by hand, or by a file, each with its own result.

A 2xx answer means that the request is committed. Whether the customer enters is then for the journey to decide.
"""

import hashlib
from typing import Any
from uuid import UUID

from flask import current_app, request

from api.auth import caller, workspace_id
from api.blueprint import Blueprint
from api.body import parse, read_bytes, refuse_unstorable
from api.errors import to_json
from api.events import refused
from api.lists import read_list
from journey_engine.errors import Invalid, JourneyError, TooLarge, WrongType
from journey_engine.pipeline.entries import ENTRIES, enter, entry_trigger
from journey_engine.pipeline.ingest import Accepted

blueprint = Blueprint("entries", __name__, url_prefix="/api/v1/journeys", description="Journeys")

FILE_BYTES = 5_000_000
ROWS = 20_000
REFUSED_SHOWN = 200


@blueprint.post("/<uuid:journey_id>/entries")
@blueprint.response(200)
def take(journey_id: UUID):
    """Let in one customer, or up to 1,000 as `{"entries": […]}`; 207 when some of a list were refused.

    `{"customer": {"external_id": "ann"} or {"id": …}, "properties": {…}, "message_id": "…"}`: a request with the same
    message id is taken once.
    """
    if not request.is_json:
        raise WrongType()
    body = refuse_unstorable(parse(read_bytes()))
    if not isinstance(body, dict):
        raise Invalid("An entry is {customer, properties, message_id}.", code="entry:shape")
    via = "manual" if caller().operator else "api"
    if "entries" not in body:
        trigger = str(body.pop("trigger", ""))
        (answer,) = _enter(journey_id, trigger, [body], via)
        if isinstance(answer, JourneyError):
            raise answer
        return _taken(answer)
    entries = body["entries"]
    if not body.keys() <= {"entries", "trigger"} or not isinstance(entries, list):
        raise Invalid('A list is {"entries": [entry, …]}.', code="entry:shape", where={"field": "entries"})
    if len(entries) > ENTRIES:
        message = f"A list has at most {ENTRIES} entries; this one has {len(entries)}. Send smaller lists."
        raise TooLarge(message, code="request:too_many_entries", where={"entries": ENTRIES})
    answers = _enter(journey_id, str(body.get("trigger", "")), entries, via)
    results = [_result(answer) for answer in answers]
    mixed = any(result["status"] != 200 for result in results)
    return {"results": results}, 207 if mixed else 200


@blueprint.post("/<uuid:journey_id>/import")
@blueprint.response(200)
def import_file(journey_id: UUID):
    """Let in the customers of a CSV or Excel file, a row each, with the result of each row.

    The first row names the columns: identities such as external_id, email or phone, and the properties of the entry.
    The same file sent again lets nobody in twice.
    """
    raw = read_bytes(FILE_BYTES)
    trigger = entry_trigger(current_app.extensions["engine"], workspace_id(), journey_id)
    rows = read_list(raw, request.mimetype, trigger.payload)
    if len(rows) > ROWS:
        message = f"A file has at most {ROWS:,} rows; this one has {len(rows):,}. Split it."
        raise TooLarge(message, code="request:too_many_entries", where={"rows": ROWS})
    mark = hashlib.sha256(raw).hexdigest()[:32]
    asked = [{**row, "message_id": f"import:{journey_id}:{mark}:{number}"} for number, row in rows]
    answers = _enter(journey_id, trigger.id, asked, "import")
    results = [{"row": number, **_result(answer)} for (number, _), answer in zip(rows, answers, strict=True)]
    wrong = [result for result in results if result["status"] != 200]
    duplicates = sum(result.get("duplicate", False) for result in results)
    counts = {"rows": len(rows), "accepted": len(rows) - len(wrong) - duplicates, "duplicates": duplicates}
    return {**counts, "refused": len(wrong), "problems": wrong[:REFUSED_SHOWN]}


def _enter(journey_id: UUID, trigger_id: str, asked: list[Any], via: str) -> list[Accepted | JourneyError]:
    """Commit the requests and ring whoever works them."""
    engine = current_app.extensions["engine"]
    trigger = entry_trigger(engine, workspace_id(), journey_id, trigger_id)
    answers = enter(engine, workspace_id(), journey_id, trigger, asked, caller().name, via)
    if any(isinstance(one, Accepted) and one.status == "stored" for one in answers):
        current_app.extensions["bell"].ring("turns")
    return [(refused(one) or one) if isinstance(one, Accepted) else one for one in answers]


def _result(answer: Accepted | JourneyError) -> dict[str, Any]:
    if isinstance(answer, JourneyError):
        return {"status": answer.status, **to_json(answer)}
    return {"status": 200, **_taken(answer)}


def _taken(answer: Accepted) -> dict[str, Any]:
    return {"accepted": True, "event_id": answer.event_id, "duplicate": answer.status == "duplicate"}
