"""The workspace: what holds for all of its journeys, such as holidays and who is held out of all marketing."""

from typing import Any

from flask import current_app
from marshmallow import fields, validate

from api.auth import workspace_id
from api.blueprint import Blueprint, Fields
from journey_engine.store import workspaces
from journey_engine.store.locks import hold_control
from journey_engine.store.session import transaction

blueprint = Blueprint("workspace", __name__, url_prefix="/api/v1/workspace", description="Workspace")

HOLIDAYS = 1_000


class Holdout(Fields):
    percent = fields.Int(required=True, strict=True, validate=validate.Range(0, 100))


class Change(Fields):
    holdout = fields.Nested(Holdout)
    holidays = fields.List(fields.Date(format="iso"), validate=validate.Length(max=HOLIDAYS))


@blueprint.get("")
@blueprint.response(200)
def show():
    """Name, zone, holidays, and the share of customers who are held out of all marketing."""
    with _transaction() as tx:
        return _shown(workspaces.one(tx, workspace_id()))


@blueprint.patch("")
@blueprint.arguments(Change)
@blueprint.response(200)
def change(given: dict[str, Any]):
    """Change what holds for all journeys; it is so for everybody who enters one from the answer on."""
    settings = {name: value for name, value in given.items() if name == "holdout"}
    if "holidays" in given:
        settings["holidays"] = sorted({day.isoformat() for day in given["holidays"]})
    with _transaction() as tx:
        hold_control(tx)
        workspaces.change_settings(tx, workspace_id(), settings)
        return _shown(workspaces.one(tx, workspace_id()))


def _transaction():
    return transaction(current_app.extensions["engine"])


def _shown(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "timezone": row.timezone,
        "holidays": row.settings.get("holidays", []),
        "holdout": row.settings.get("holdout", {"percent": 0}),
    }
