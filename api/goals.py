"""Goals and experiments of a journey: conversions and revenue beside the holdout, and arms side by side."""

from typing import Any
from uuid import UUID

from flask import current_app
from marshmallow import fields, validate

from api.auth import workspace_id
from api.blueprint import Blueprint, Fields
from journey_engine.errors import NotFound
from journey_engine.store import goal_report, journeys
from journey_engine.store.session import transaction

blueprint = Blueprint("goals", __name__, url_prefix="/api/v1/journeys", description="Goals and experiments")

NAME = validate.Length(max=64)


class OfVersion(Fields):
    version = fields.Int(load_default=None, validate=validate.Range(1, 2**31 - 1))


class OfSplit(Fields):
    node = fields.Str(load_default="", validate=NAME)
    goal = fields.Str(load_default="", validate=NAME)


@blueprint.get("/<uuid:journey_id>/goals")
@blueprint.arguments(OfVersion, location="query")
@blueprint.response(200)
def reached(asked: dict[str, Any], journey_id: UUID):
    """Each goal: how many reached it, what it was worth, by which messages, and the same of those held out."""
    return {"items": _report(goal_report.goals, journey_id, asked["version"])}


@blueprint.get("/<uuid:journey_id>/experiments")
@blueprint.arguments(OfSplit, location="query")
@blueprint.response(200)
def experiments(asked: dict[str, Any], journey_id: UUID):
    """Each random split with each goal: the arms with rate, lift, interval and p, and whether the split is as drawn."""
    return {"items": _report(goal_report.experiments, journey_id, asked["node"], asked["goal"])}


def _report(report: Any, journey_id: UUID, *more: Any) -> list[dict[str, Any]]:
    with transaction(current_app.extensions["engine"]) as tx:
        if journeys.one(tx, workspace_id(), journey_id) is None:
            raise NotFound()
        return report(tx, workspace_id(), journey_id, *more)
