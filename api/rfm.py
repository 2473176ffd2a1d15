"""RFM: whether and by what customers are scored, when they last were, and how many are in each group."""

from typing import Any

from flask import current_app
from marshmallow import fields, validate

from api.auth import workspace_id
from api.blueprint import Blueprint, Fields
from journey_engine.config import EVENT_NAME_CHARS, PROPERTY_KEY_CHARS
from journey_engine.pipeline import rfm

blueprint = Blueprint("rfm", __name__, url_prefix="/api/v1/rfm", description="Scores by purchases")


class Plan(Fields):
    on = fields.Bool(truthy={True}, falsy={False})
    event = fields.Str(validate=validate.Length(1, EVENT_NAME_CHARS))
    value = fields.Str(validate=validate.Length(1, PROPERTY_KEY_CHARS))


@blueprint.get("")
@blueprint.response(200)
def show():
    """The event that counts as buying, the property with its amount, the last run, and the groups."""
    return rfm.report(_engine(), workspace_id())


@blueprint.patch("")
@blueprint.arguments(Plan)
@blueprint.response(200)
def change(given: dict[str, Any]):
    """Turn scoring on or off, or score by another event or amount; the next run goes by it."""
    rfm.plan(_engine(), workspace_id(), given)
    return rfm.report(_engine(), workspace_id())


@blueprint.post("/run")
@blueprint.response(202)
def run():
    """Score now instead of tonight."""
    rfm.ask(_engine(), workspace_id())
    return rfm.report(_engine(), workspace_id())


def _engine():
    return current_app.extensions["engine"]
