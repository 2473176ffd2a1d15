"""Approvals: customers who are held until a person releases or refuses them, and the answer to each."""

from typing import Any
from uuid import UUID

from flask import current_app
from marshmallow import fields, validate
from sqlalchemy import Connection

from api.auth import caller, workspace_id
from api.blueprint import Blueprint, Fields, Page
from api.masks import for_caller
from api.paging import page, position
from journey_engine import templates
from journey_engine.pipeline.approve import REFUSE, RELEASE, approve
from journey_engine.store import approvals as store
from journey_engine.store import journeys
from journey_engine.store.customers_read import labels
from journey_engine.store.session import transaction
from journey_engine.templates import TemplateProblem

blueprint = Blueprint("approvals", __name__, url_prefix="/api/v1/approvals", description="What waits for approval")


class Answer(Fields):
    verdict = fields.Str(required=True, validate=validate.OneOf([RELEASE, REFUSE]))
    note = fields.Str(load_default="", validate=validate.Length(max=500))


@blueprint.get("")
@blueprint.arguments(Page, location="query")
@blueprint.response(200)
def listed(asked: dict[str, Any]):
    """What waits for an answer, the longest waiting first: who it is about, and what the journey asks."""
    with transaction(current_app.extensions["engine"]) as tx:
        rows = store.waiting(tx, workspace_id(), asked["limit"], position(asked["cursor"]))
        shown = page(rows, asked["limit"], "asked_at", "enrollment_id")
        shown["items"] = _shown(tx, shown["items"])
    return for_caller(shown)


@blueprint.post("/<uuid:enrollment_id>")
@blueprint.arguments(Answer)
@blueprint.response(200)
def answer(given: dict[str, str], enrollment_id: UUID):
    """Release or refuse; 409 when somebody was faster or the customer has left."""
    engine = current_app.extensions["engine"]
    done = approve(engine, workspace_id(), enrollment_id, given["verdict"], given["note"], caller().name)
    current_app.extensions["bell"].ring("turns")
    return done


def _shown(tx: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each with the words of its node, as the version that the customer is on has them."""
    versions = journeys.graphs(tx, workspace_id(), {row["version_id"] for row in rows})
    named = labels(tx, workspace_id(), {row["customer_id"] for row in rows})
    return [_one(row, versions[row["version_id"]]["graph"], named[row["customer_id"]]) for row in rows]


def _one(row: dict[str, Any], graph: dict[str, Any], label: str) -> dict[str, Any]:
    settings = next((node["settings"] for node in graph["nodes"] if node["id"] == row["node_id"]), {})
    context = row["context"]
    values = {
        "customer": {**row["attributes"], "id": str(row["customer_id"])},
        "event": context.get("event", {}),
        "context": context.get("vars", {}),
        "journey": {"name": row["journey_name"]},
    }
    return {
        "enrollment_id": row["enrollment_id"],
        "node": row["node_id"],
        "title": settings.get("question", ""),
        "text": _details(settings.get("details") or "", values),
        "journey": {"id": row["journey_id"], "name": row["journey_name"]},
        "customer": {"id": row["customer_id"], "label": label},
        "since": row["asked_at"],
        "until": row["until"],
        "event": {"name": context.get("name", ""), "properties": values["event"]},
        "variables": values["context"],
    }


def _details(source: str, values: dict[str, Any]) -> str:
    """The text with this customer's values; one that does not fit them is shown as it is written."""
    try:
        return templates.render(source, values)
    except TemplateProblem:
        return source
