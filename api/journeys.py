"""Journeys: list, draft with its revision, and the controls of what runs."""

from typing import Any
from uuid import UUID

from flask import current_app
from marshmallow import fields, validate
from sqlalchemy import Connection

from api.auth import workspace_id
from api.blueprint import Blueprint, Fields, Page
from api.masks import for_caller
from api.paging import page, position
from journey_engine.clock import now
from journey_engine.errors import NotFound
from journey_engine.graph import read_shape
from journey_engine.ids import uuid7
from journey_engine.layout import place
from journey_engine.pipeline import control
from journey_engine.pipeline.late import LATE, NOW
from journey_engine.store import counts_read, enrollments_read
from journey_engine.store import journeys as store
from journey_engine.store.ingest import database_now
from journey_engine.store.session import transaction

blueprint = Blueprint("journeys", __name__, url_prefix="/api/v1/journeys", description="Journeys")

NAME = validate.Length(1, 200)
REVISION = validate.Range(0, 2**31 - 1)
MINUTES = validate.Range(0, 366 * 24 * 60)
STATUSES = ("draft", "live", "paused", "stopped", "archived")


class JourneyPage(Page):
    status = fields.Str(load_default="", validate=validate.OneOf(["", *STATUSES]))


class EnrollmentPage(Page):
    node = fields.Str(load_default="", validate=validate.Length(max=64))
    status = fields.Str(
        load_default="", validate=validate.OneOf(["", "armed", "active", "waiting", "completed", "exited", "failed"])
    )


class NewJourney(Fields):
    name = fields.Str(required=True, validate=NAME)
    graph = fields.Dict(load_default=lambda: {"settings": {}, "nodes": [], "edges": []})


class DraftBody(Fields):
    revision = fields.Int(required=True, strict=True, validate=REVISION)
    graph = fields.Dict(required=True)
    name = fields.Str(validate=NAME)


class OfVersion(Fields):
    version = fields.Int(load_default=None, validate=validate.Range(1, 2**31 - 1))


class Lateness(Fields):
    """Of wakes that came due in a pause: what becomes of them."""

    late = fields.Str(load_default=NOW, validate=validate.OneOf(LATE))
    spread_minutes = fields.Int(load_default=0, strict=True, validate=MINUTES)
    fresh_minutes = fields.Int(load_default=0, strict=True, validate=MINUTES)


class Fresh(Fields):
    fresh_minutes = fields.Int(load_default=60, validate=MINUTES)


class Nothing(Fields):
    """No field at all."""


@blueprint.get("")
@blueprint.arguments(JourneyPage, location="query")
@blueprint.response(200)
def listed(asked: dict[str, Any]):
    """Journeys with their drawing and totals, the last changed first."""
    with _transaction() as tx:
        rows = store.listed(tx, workspace_id(), asked["limit"], position(asked["cursor"]), asked["status"])
        totals = store.totals(tx, workspace_id(), [row["id"] for row in rows])
    for row in rows:
        row["graph"] = _picture(row.pop("draft"))
        row["counts"] = totals[row["id"]]
    return page(rows, asked["limit"], "updated_at", "id")


@blueprint.post("")
@blueprint.arguments(NewJourney)
@blueprint.response(201)
def create(given: dict[str, Any]):
    """A new journey as a draft."""
    journey_id = uuid7(now())
    with _transaction() as tx:
        store.add(tx, workspace_id(), journey_id, given["name"], place(read_shape(given["graph"])))
        return _shown(tx, journey_id)


@blueprint.get("/<uuid:journey_id>")
@blueprint.response(200)
def one(journey_id: UUID):
    """The journey with its draft, the draft's problems, and the versions."""
    with _transaction() as tx:
        return _shown(tx, journey_id)


@blueprint.delete("/<uuid:journey_id>")
@blueprint.response(200)
def delete(journey_id: UUID):
    """Delete a draft that was never published."""
    control.delete_draft(current_app.extensions["engine"], workspace_id(), journey_id)
    return {}


@blueprint.put("/<uuid:journey_id>/draft")
@blueprint.arguments(DraftBody)
@blueprint.response(200)
def save_draft(given: dict[str, Any], journey_id: UUID):
    """Save over the draft of this revision; 409 with the newer draft when there is one."""
    graph = place(read_shape(given["graph"]))
    with _transaction() as tx:
        journey = _found(tx, journey_id)
        revision = store.save_draft(tx, workspace_id(), journey_id, given["revision"], graph, given.get("name"))
        if revision is None:
            raise control.stale(_found(tx, journey["id"]))
        return {"revision": revision, "problems": _problems(tx, graph, journey_id)}


@blueprint.post("/<uuid:journey_id>/pause")
@blueprint.arguments(Nothing)
@blueprint.response(200)
def pause(_: dict, journey_id: UUID):
    """From the answer on nobody enters, moves or is sent anything; nothing is lost."""
    return _control(control.pause, journey_id)


@blueprint.get("/<uuid:journey_id>/pause-state")
@blueprint.arguments(Fresh, location="query")
@blueprint.response(200)
def pause_state(asked: dict[str, int], journey_id: UUID):
    """What a resume would set going: wakes that came due, since when, how many of them are fresh; and kept events."""
    with _transaction() as tx:
        _found(tx, journey_id)
        return store.pause_state(tx, journey_id, database_now(tx), 60 * asked["fresh_minutes"])


@blueprint.post("/<uuid:journey_id>/resume")
@blueprint.arguments(Lateness)
@blueprint.response(200)
def resume(given: dict[str, Any], journey_id: UUID):
    """Go on with everything the pause kept; `late` says what becomes of wakes that came due meanwhile."""
    return _control(control.resume, journey_id, given["late"], given["spread_minutes"], given["fresh_minutes"])


@blueprint.post("/<uuid:journey_id>/stop")
@blueprint.arguments(Nothing)
@blueprint.response(200)
def stop(_: dict, journey_id: UUID):
    """Everybody exits; nothing more is sent."""
    return _control(control.stop, journey_id)


@blueprint.post("/<uuid:journey_id>/archive")
@blueprint.arguments(Nothing)
@blueprint.response(200)
def archive(_: dict, journey_id: UUID):
    """Take a draft or a stopped journey out of the way."""
    return _control(control.archive, journey_id)


@blueprint.get("/<uuid:journey_id>/counts")
@blueprint.arguments(OfVersion, location="query")
@blueprint.response(200)
def counts(asked: dict[str, Any], journey_id: UUID):
    """The numbers on the canvas: of one version, or of all."""
    with _transaction() as tx:
        _found(tx, journey_id)
        return counts_read.of_journey(tx, workspace_id(), journey_id, asked["version"])


@blueprint.get("/<uuid:journey_id>/enrollments")
@blueprint.arguments(EnrollmentPage, location="query")
@blueprint.response(200)
def enrollments(asked: dict[str, Any], journey_id: UUID):
    """Who is or was in this journey, the latest first; at one node, or in one status."""
    before = position(asked["cursor"])
    with _transaction() as tx:
        _found(tx, journey_id)
        rows = enrollments_read.of_journey(
            tx, workspace_id(), journey_id, asked["limit"], before, asked["node"], asked["status"]
        )
    return for_caller(page(rows, asked["limit"], "id"))


def _transaction():
    return transaction(current_app.extensions["engine"])


def _control(change, journey_id: UUID, *more: Any) -> dict[str, Any]:
    answer = change(current_app.extensions["engine"], workspace_id(), journey_id, *more)
    current_app.extensions["bell"].ring("turns")
    return answer


def _found(tx: Connection, journey_id: UUID) -> dict[str, Any]:
    journey = store.one(tx, workspace_id(), journey_id)
    if journey is None:
        raise NotFound()
    return journey


def _problems(tx: Connection, graph: dict[str, Any], journey_id: UUID) -> list[dict[str, Any]]:
    allowed = current_app.config["JOURNEY"].allowed_outgoing
    found = control.problems(tx, workspace_id(), graph, allowed, journey_id)
    return [problem.to_json() for problem in found]


def _shown(tx: Connection, journey_id: UUID) -> dict[str, Any]:
    journey = _found(tx, journey_id)
    versions = store.versions_of(tx, workspace_id(), journey_id)
    live = next((one["number"] for one in versions if one["id"] == journey["live_version_id"]), None)
    draft = {
        "graph": journey["draft"],
        "revision": journey["draft_revision"],
        "updated_at": journey["updated_at"],
        "problems": _problems(tx, journey["draft"], journey_id),
    }
    shown = {name: journey[name] for name in ("id", "name", "status", "created_at", "updated_at")}
    return shown | {
        "draft": draft,
        "live_version": live,
        "versions": [{name: one[name] for name in ("number", "published_at", "published_by")} for one in versions],
    }


def _picture(graph: dict[str, Any]) -> dict[str, Any]:
    """What a thumbnail needs of a graph."""
    nodes = [{name: node.get(name) for name in ("id", "kind", "position")} for node in graph.get("nodes", [])]
    return {"nodes": nodes, "edges": graph.get("edges", [])}
