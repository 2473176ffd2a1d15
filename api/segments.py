"""Segments: made, changed, deleted; who is in one, and how it grew. And what a rule says before it is saved."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from marshmallow import fields, validate

from api.auth import workspace_id
from api.blueprint import Blueprint, Fields, Page
from api.masks import for_caller
from api.paging import page, position
from journey_engine.clock import now
from journey_engine.errors import Invalid, NotFound
from journey_engine.model.rule import CUSTOMER, parse
from journey_engine.model.values import local_day
from journey_engine.pipeline import segment_editing
from journey_engine.store import customers_read, journeys, segments, workspaces
from journey_engine.store import segments_read as store
from journey_engine.store.session import transaction
from journey_engine.text import Text

blueprint = Blueprint("segments", __name__, url_prefix="/api/v1", description="Segments and rules")

NAME = validate.Length(1, 200)


class NewSegment(Fields):
    name = fields.Str(required=True, validate=NAME)
    rule = fields.Dict(required=True)


class SegmentChanges(Fields):
    name = fields.Str(validate=NAME)
    rule = fields.Dict()


class Days(Fields):
    days = fields.Int(load_default=30, validate=validate.Range(1, 730))


class RuleOnly(Fields):
    rule = fields.Dict(required=True)


class RuleOfOne(RuleOnly):
    customer_id = fields.UUID(required=True)


@blueprint.get("/segments")
@blueprint.arguments(Page, location="query")
@blueprint.response(200)
def listed(asked: dict[str, Any]):
    """Segments with their size, the newest first."""
    with _transaction() as tx:
        rows = store.listed(tx, workspace_id(), asked["limit"], position(asked["cursor"]))
        return page(_shown(tx, rows), asked["limit"], "id")


@blueprint.post("/segments")
@blueprint.arguments(NewSegment)
@blueprint.response(201)
def create(given: dict[str, Any]):
    """A new segment. Its members are found in the background; `state` is `computing` until then."""
    id = segment_editing.create(_engine(), workspace_id(), given["name"], given["rule"])
    return _one(id)


@blueprint.get("/segments/<uuid:segment_id>")
@blueprint.response(200)
def one(segment_id: UUID):
    """One segment."""
    return _one(segment_id)


@blueprint.patch("/segments/<uuid:segment_id>")
@blueprint.arguments(SegmentChanges)
@blueprint.response(200)
def change(given: dict[str, Any], segment_id: UUID):
    """Another name or another rule; who joins or leaves by that is told of."""
    segment_editing.change(_engine(), workspace_id(), segment_id, given)
    return _one(segment_id)


@blueprint.delete("/segments/<uuid:segment_id>")
@blueprint.response(200)
def delete(segment_id: UUID):
    """Delete a segment; refused with 409, naming who uses it, while somebody does."""
    segment_editing.delete(_engine(), workspace_id(), segment_id)
    return {"id": segment_id}


@blueprint.get("/segments/<uuid:segment_id>/members")
@blueprint.arguments(Page, location="query")
@blueprint.response(200)
def members(asked: dict[str, Any], segment_id: UUID):
    """Who is in it, and since when."""
    with _transaction() as tx:
        _found(tx, segment_id)
        rows = store.members(tx, segment_id, asked["limit"], position(asked["cursor"]))
        known = customers_read.several(tx, workspace_id(), [row["customer_id"] for row in rows])
        items = [known[row["customer_id"]] | {"since": row["since"]} for row in rows if row["customer_id"] in known]
    return for_caller(page(items, asked["limit"], "id"))


@blueprint.get("/segments/<uuid:segment_id>/growth")
@blueprint.arguments(Days, location="query")
@blueprint.response(200)
def growth(asked: dict[str, Any], segment_id: UUID):
    """Per day how many joined and left, and the size at its end; days without a change are left out."""
    with _transaction() as tx:
        _found(tx, segment_id)
        today = local_day(now(), workspaces.timezone(tx, workspace_id()))
        return {"items": store.growth(tx, segment_id, today - timedelta(days=asked["days"] - 1))}


@blueprint.post("/rules/preview")
@blueprint.arguments(RuleOnly)
@blueprint.response(200)
def preview(given: dict[str, Any]):
    """A rule about customers as a sentence, how many it means now, and some of them; or what is wrong with it.

    `about`: there are so many customers that a sample was asked.
    """
    try:
        found = segment_editing.preview(_engine(), workspace_id(), given["rule"])
    except Invalid as problem:
        if problem.code != "rule:problem":
            raise
        return {"sentence": None, "size": None, "about": False, "sample": [], "problems": [problem.where]}
    with _transaction() as tx:
        known = customers_read.several(tx, workspace_id(), found["ids"])
        sentence = _named(tx, found["sentence"], given["rule"])
    sample = [known[id] for id in found["ids"] if id in known]
    size = {"size": found["size"], "about": found["about"], "of": found["of"]}
    return for_caller({"sentence": sentence, **size, "sample": sample, "problems": []})


@blueprint.post("/rules/judge")
@blueprint.arguments(RuleOfOne)
@blueprint.response(200)
def judge(given: dict[str, Any]):
    """What a rule says of one customer now, with each value it reads."""
    verdict = segment_editing.judge_one(_engine(), workspace_id(), given["rule"], given["customer_id"])
    return {"held": verdict.held, "leaves": verdict.leaves}


def _engine():
    return current_app.extensions["engine"]


def _transaction():
    return transaction(_engine())


def _found(tx, segment_id: UUID) -> dict[str, Any]:
    segment = store.one(tx, workspace_id(), segment_id)
    if segment is None:
        raise NotFound()
    return segment


def _one(segment_id: UUID) -> dict[str, Any]:
    with _transaction() as tx:
        return _shown(tx, [_found(tx, segment_id)])[0]


def _shown(tx, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    used = store.users(tx, workspace_id(), [row["id"] for row in rows])
    shown = ("id", "name", "rule", "size", "state", "created_at", "updated_at")
    return [
        {name: row[name] for name in shown}
        | {"sentence": _named(tx, parse(row["rule"], CUSTOMER).summary(), row["rule"]), "used_by": used[row["id"]]}
        for row in rows
    ]


def _named(tx, sentence: Text, raw: Any) -> dict[str, str]:
    """The sentence with the names of the segments and journeys it speaks of."""
    needs = parse(raw, CUSTOMER).needs()
    called = segments.names(tx, workspace_id(), map(UUID, needs.segments)) if needs.segments else {}
    if needs.journeys:
        briefs = journeys.briefly(tx, workspace_id(), [UUID(id) for id in needs.journeys])
        called |= {id: brief.name for id, brief in briefs.items()}
    en, zh = sentence
    for id, name in called.items():
        en, zh = en.replace(str(id), f"“{name}”"), zh.replace(str(id), f"“{name}”")
    return {"en": en, "zh": zh}
