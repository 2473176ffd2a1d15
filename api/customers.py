"""Customers: found by any identity, with everything that happened to them and why."""

from typing import Any
from uuid import UUID

from flask import current_app
from marshmallow import fields, validate

from api.auth import caller, workspace_id
from api.blueprint import Blueprint, Fields, Page
from api.masks import for_caller
from api.paging import page, position
from journey_engine.channels import CHANNELS
from journey_engine.errors import Invalid, NotFound
from journey_engine.identity import normalise
from journey_engine.pipeline.consent import withdraw
from journey_engine.pipeline.erase import erase as erase_customer
from journey_engine.reasons import sentence
from journey_engine.store import customers_read, workspaces
from journey_engine.store import history as store
from journey_engine.store.retention import kept_since
from journey_engine.store.session import transaction

blueprint = Blueprint("customers", __name__, url_prefix="/api/v1/customers", description="Customers")

REACHED = sorted({channel.reaches for channel in CHANNELS.values()})


class CustomerPage(Page):
    search = fields.Str(load_default="", validate=validate.Length(max=255))


class Channel(Fields):
    channel = fields.Str(required=True, validate=validate.OneOf(REACHED))


@blueprint.get("")
@blueprint.arguments(CustomerPage, location="query")
@blueprint.response(200)
def listed(asked: dict[str, Any]):
    """Customers, the newest first; `search` is any identity or its beginning."""
    before = position(asked["cursor"])
    with _transaction() as tx:
        rows = customers_read.found(tx, workspace_id(), _spellings(asked["search"].strip()), asked["limit"], before)
    return for_caller(page(rows, asked["limit"], "id"))


@blueprint.get("/<uuid:customer_id>")
@blueprint.response(200)
def one(customer_id: UUID):
    """What is known of a customer: attributes, identities, consents, activity, and who was merged into them.

    `kept_since`: what is older of their history was removed, because it is no longer kept; null when nothing was.
    """
    with _transaction() as tx:
        found = customers_read.profile(tx, workspace_id(), customer_id)
        since = kept_since(tx)
    if found is None:
        raise NotFound()
    return for_caller(found | {"kept_since": since if since and found["created_at"] < since else None})


@blueprint.get("/<uuid:customer_id>/history")
@blueprint.arguments(Page, location="query")
@blueprint.response(200)
def history(asked: dict[str, Any], customer_id: UUID):
    """Everything that happened, the latest first: events, entries, decisions with their reasons, messages, receipts."""
    before = position(asked["cursor"])
    with _transaction() as tx:
        if customers_read.one(tx, workspace_id(), customer_id) is None:
            raise NotFound()
        rows = store.of_customer(tx, workspace_id(), customer_id, asked["limit"], before)
        zone = workspaces.timezone(tx, workspace_id())
    answer = page(rows, asked["limit"], "at", "rank", "key")
    for row in rows:
        del row["rank"], row["key"]
        for told in [row, *(row.get("path") or ())]:
            _say_why(told, zone)
    return for_caller(answer)


@blueprint.post("/<uuid:customer_id>/unsubscribe")
@blueprint.arguments(Channel)
@blueprint.response(200)
def unsubscribe(given: dict[str, str], customer_id: UUID):
    """End marketing to this customer on a channel; answered when nothing can leave any more."""
    evidence = {"by": caller().name}
    if not withdraw(_engine(), workspace_id(), customer_id, given["channel"], "operator", evidence=evidence):
        raise NotFound()
    return {"channel": given["channel"], "state": "withdrawn"}


@blueprint.delete("/<uuid:customer_id>")
@blueprint.response(200)
def erase(customer_id: UUID):
    """Erase a customer; answered when nothing of the person is left."""
    if not erase_customer(_engine(), workspace_id(), customer_id):
        raise NotFound()
    return {}


def _say_why(told: dict[str, Any], zone: str) -> None:
    """Puts the sentence of a reason beside it; how an enrollment ended is kept as a word, or as `word: event`."""
    reason = told.get("reason")
    if isinstance(reason, str) and reason:
        word, _, event = reason.partition(": ")
        reason = {"why": word, "event": event}
    if isinstance(reason, dict) and "why" in reason:
        told["said"] = sentence(reason, zone).to_json()


def _engine():
    return current_app.extensions["engine"]


def _transaction():
    return transaction(_engine())


def _spellings(search: str) -> list[str]:
    """The search as typed, and as it would be stored if it is an e-mail address or a phone number."""
    found = [search] if search else []
    for kind in ("email", "phone"):
        try:
            found.append(normalise(kind, search))
        except Invalid:
            continue
    return found
