"""API keys for programs: made, listed and revoked; a key itself is shown once."""

import hashlib
import secrets
from typing import Any
from uuid import UUID

from flask import current_app
from marshmallow import fields, validate

from api.auth import forget_keys, workspace_id
from api.blueprint import Blueprint, Fields
from api.policies import SCOPES
from journey_engine.clock import now
from journey_engine.errors import NotFound
from journey_engine.ids import uuid7
from journey_engine.store import api_keys
from journey_engine.store.session import transaction

blueprint = Blueprint("keys", __name__, url_prefix="/api/v1/api-keys", description="API keys")


class NewKey(Fields):
    name = fields.Str(required=True, validate=validate.Length(1, 200))
    scope = fields.Str(required=True, validate=validate.OneOf(SCOPES))


@blueprint.get("")
@blueprint.response(200)
def listed():
    """The keys that work, without the keys themselves."""
    with transaction(current_app.extensions["engine"]) as tx:
        return {"items": api_keys.keys_of(tx, workspace_id())}


@blueprint.post("")
@blueprint.arguments(NewKey)
@blueprint.response(201)
def create(given: dict[str, Any]):
    """A new key; this answer is the only place that ever shows it."""
    key, key_id, at = f"je_{given['scope']}_{secrets.token_urlsafe(24)}", uuid7(now()), now()
    values = {
        "id": key_id,
        "workspace_id": workspace_id(),
        "key_hash": hashlib.sha256(key.encode()).digest(),
        "hint": key[-4:],
        "created_at": at,
        **given,
    }
    with transaction(current_app.extensions["engine"]) as tx:
        api_keys.add(tx, values)
    return {"id": key_id, "key": key, "hint": key[-4:], "created_at": at, "last_used_at": None, **given}


@blueprint.delete("/<uuid:key_id>")
@blueprint.response(200)
def revoke(key_id: UUID):
    """Make a key useless."""
    with transaction(current_app.extensions["engine"]) as tx:
        if not api_keys.revoke(tx, workspace_id(), key_id, now()):
            raise NotFound()
    forget_keys()
    return {}
