"""Messages: what was sent to whom, why it might go, what the provider said, and how it looked."""

from typing import Any
from uuid import UUID

from flask import current_app
from marshmallow import fields, validate

from api.auth import workspace_id
from api.blueprint import Blueprint, Page
from api.headers import mail_page
from api.masks import for_caller
from api.paging import page, position
from journey_engine.errors import NotFound
from journey_engine.store import messages_read
from journey_engine.store.session import transaction

blueprint = Blueprint("messages", __name__, url_prefix="/api/v1/messages", description="Messages")

STATUSES = ("queued", "sending", "sent", "suppressed", "failed", "unknown")


class MessagePage(Page):
    status = fields.Str(load_default="", validate=validate.OneOf(["", *STATUSES]))
    channel = fields.Str(load_default="", validate=validate.Length(max=50))
    journey_id = fields.UUID(load_default=None)
    customer_id = fields.UUID(load_default=None)


@blueprint.get("")
@blueprint.arguments(MessagePage, location="query")
@blueprint.response(200)
def listed(asked: dict[str, Any]):
    """Messages, the last queued first."""
    before = position(asked["cursor"])
    with transaction(current_app.extensions["engine"]) as tx:
        rows = messages_read.listed(tx, workspace_id(), asked["limit"], before, asked)
    return for_caller(page(rows, asked["limit"], "queued_at", "id"))


@blueprint.get("/<uuid:message_id>")
@blueprint.response(200)
def one(message_id: UUID):
    """One message with its checks, attempts, receipts and content."""
    found = _found(message_id)
    content = found["content"] or {}
    shown = {
        name: content.get(name)
        for name in ("subject", "text", "sign_name", "template_code", "from_name", "url", "body")
    }
    html_url = f"/api/v1/messages/{message_id}/html" if content.get("html") else None
    found["content"] = {name: value for name, value in shown.items() if value} | {"html_url": html_url}
    return for_caller(found)


@blueprint.get("/<uuid:message_id>/html")
@blueprint.response(200)
def html(message_id: UUID):
    """The mail as it was sent, in a page where nothing of it can run."""
    content = _found(message_id)["content"] or {}
    if not content.get("html"):
        raise NotFound()
    return mail_page(content["html"])


def _found(message_id: UUID) -> dict[str, Any]:
    with transaction(current_app.extensions["engine"]) as tx:
        found = messages_read.one(tx, workspace_id(), message_id)
    if found is None:
        raise NotFound()
    return found
