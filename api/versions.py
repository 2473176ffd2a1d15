"""Versions of a journey: what publishing would change and for whom, publishing, going back, and comparing two."""

from typing import Any
from uuid import UUID

from flask import current_app
from marshmallow import fields, validate
from sqlalchemy import Connection

from api.auth import caller, workspace_id
from api.blueprint import Blueprint, Fields
from journey_engine.diff import diff
from journey_engine.errors import NotFound
from journey_engine.model.handover import FINISH, STANDING
from journey_engine.pipeline import control
from journey_engine.pipeline.preview import preview
from journey_engine.store import journeys as store
from journey_engine.store.session import transaction

blueprint = Blueprint("versions", __name__, url_prefix="/api/v1/journeys", description="Versions of journeys")

MOST = 2**31 - 1
NUMBER = validate.Range(1, MOST)
NODE = validate.Length(1, 64)


class Handover(Fields):
    """What becomes of customers in older versions; `targets` say where those go whose node was deleted."""

    standing = fields.Str(load_default=FINISH, validate=validate.OneOf(STANDING))
    targets = fields.Dict(
        keys=fields.Str(validate=NODE), values=fields.Str(validate=NODE, allow_none=True), load_default=dict
    )


class Publication(Handover):
    revision = fields.Int(required=True, strict=True, validate=validate.Range(0, MOST))


class Rollback(Handover):
    version = fields.Int(required=True, strict=True, validate=NUMBER)


class OfVersion(Fields):
    version = fields.Int(load_default=None, validate=NUMBER)


@blueprint.get("/<uuid:journey_id>/versions/<int:number>")
@blueprint.response(200)
def one(journey_id: UUID, number: int):
    """One published version with its graph."""
    with _transaction() as tx:
        found = _version(tx, journey_id, number)
    return {name: found[name] for name in ("number", "graph", "published_at", "published_by")}


@blueprint.get("/<uuid:journey_id>/versions/<int:number>/diff/<int:other>")
@blueprint.response(200)
def compared(journey_id: UUID, number: int, other: int):
    """What is different in the other version."""
    with _transaction() as tx:
        return diff(_version(tx, journey_id, number)["graph"], _version(tx, journey_id, other)["graph"])


@blueprint.get("/<uuid:journey_id>/publish-preview")
@blueprint.arguments(OfVersion, location="query")
@blueprint.response(200)
def previewed(asked: dict[str, Any], journey_id: UUID):
    """What publishing the draft (or an older version again) would change, who stands where, and what is in the way."""
    with _transaction() as tx:
        journey = store.one(tx, workspace_id(), journey_id)
        if journey is None:
            raise NotFound()
        graph = _version(tx, journey_id, asked["version"])["graph"] if asked["version"] else journey["draft"]
        found = control.problems(tx, workspace_id(), graph, _allowed(), journey_id)
        return preview(tx, journey, graph) | {"problems": [problem.to_json() for problem in found]}


@blueprint.post("/<uuid:journey_id>/publish")
@blueprint.arguments(Publication)
@blueprint.response(200)
def publish(given: dict[str, Any], journey_id: UUID):
    """Make this revision of the draft the version that new customers enter; 422 names what must be mended first."""
    return _publish(control.publish, journey_id, given["revision"], given)


@blueprint.post("/<uuid:journey_id>/rollback")
@blueprint.arguments(Rollback)
@blueprint.response(200)
def rollback(given: dict[str, Any], journey_id: UUID):
    """Publish an older version again, under a new number; the draft stays as it is."""
    return _publish(control.rollback, journey_id, given["version"], given)


def _publish(change: Any, journey_id: UUID, what: int, given: dict[str, Any]) -> dict[str, Any]:
    engine, by = current_app.extensions["engine"], caller().name
    answer = change(engine, workspace_id(), journey_id, what, by, _allowed(), given["standing"], given["targets"])
    current_app.extensions["bell"].ring("turns")
    return answer


def _allowed() -> tuple[str, ...]:
    return current_app.config["JOURNEY"].allowed_outgoing


def _transaction():
    return transaction(current_app.extensions["engine"])


def _version(tx: Connection, journey_id: UUID, number: int) -> dict[str, Any]:
    found = store.version(tx, workspace_id(), journey_id, min(number, MOST))
    if found is None:
        raise NotFound()
    return found
