"""Why: one call that answers why something happened to a customer in a journey, and why not, from what was recorded."""

from typing import Any
from uuid import UUID

from flask import current_app
from marshmallow import fields, validate

from api.auth import workspace_id
from api.blueprint import Blueprint, Fields
from api.masks import for_caller
from journey_engine.errors import NotFound
from journey_engine.ids import shard_of
from journey_engine.reasons import NOTHING_ASKED, merged_into
from journey_engine.store import customers_read, journeys
from journey_engine.store import why as store
from journey_engine.store.session import transaction
from journey_engine.why import explain

blueprint = Blueprint("why", __name__, url_prefix="/api/v1/customers", description="Why")


class Asked(Fields):
    journey = fields.UUID(load_default=None)
    node = fields.Str(load_default="", validate=validate.Length(max=64))


@blueprint.get("/<uuid:customer_id>/why")
@blueprint.arguments(Asked, location="query")
@blueprint.response(200)
def answer(asked: dict[str, Any], customer_id: UUID):
    """Why a customer got, or did not get, what a node of a journey does: a sentence, and the recorded steps."""
    own, journey_id = workspace_id(), asked["journey"]
    with transaction(current_app.extensions["engine"]) as tx:
        customer = customers_read.one(tx, own, customer_id)
        survivor = None if customer else customers_read.survivor(tx, own, customer_id)
        journey = journeys.one(tx, own, journey_id) if journey_id else None
        if (customer is None and survivor is None) or (journey_id and journey is None):
            raise NotFound()
        if survivor is not None:
            return _told("merged", merged_into(survivor), survivor=survivor)
        if journey is None:
            return _told("nothing_asked", NOTHING_ASKED)
        found = explain(store.known(tx, own, customer_id, shard_of(customer_id), journey), asked["node"])
    return for_caller(
        found | {"journey": {"id": journey["id"], "name": journey["name"]}, "node": asked["node"] or None}
    )


def _told(word: str, sentence: Any, **more: Any) -> dict[str, Any]:
    return {"answer": word, "sentence": sentence.to_json(), "enrollment_id": None, "steps": [], **more}
