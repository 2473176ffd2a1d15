"""Accounts of channels, as everybody may see them: without a single secret."""

from typing import Any

from flask import current_app
from marshmallow import fields, validate
from sqlalchemy import Connection

from api.auth import workspace_id
from api.blueprint import Blueprint, Fields
from journey_engine.channels import CHANNELS
from journey_engine.errors import NotFound
from journey_engine.store import accounts
from journey_engine.store.session import transaction

blueprint = Blueprint("accounts", __name__, url_prefix="/api/v1/accounts", description="Accounts of channels")


class Pace(Fields):
    """How fast an account may send; what is left out stays as it is."""

    at_once = fields.Int(strict=True, validate=validate.Range(0, 200))
    rate_per_s = fields.Int(strict=True, validate=validate.Range(0, 100_000))
    rate_per_minute = fields.Int(strict=True, validate=validate.Range(0, 10**6))
    rate_per_day = fields.Int(strict=True, validate=validate.Range(0, 10**8))
    burst = fields.Int(strict=True, validate=validate.Range(1, 100_000))


@blueprint.get("")
@blueprint.response(200)
def listed():
    """The accounts that messages leave through."""
    with transaction(current_app.extensions["engine"]) as tx:
        return {"items": [_shown(row) for row in accounts.listed(tx, workspace_id())]}


@blueprint.post("/<int:account_id>/open")
@blueprint.response(200)
def open_again(account_id: int):
    """Let an account that its provider had refused send again, once what was wrong with it is mended."""
    with transaction(current_app.extensions["engine"]) as tx:
        if not accounts.open_again(tx, workspace_id(), account_id):
            raise NotFound()
        mine = _mine(tx, account_id)
    current_app.extensions["bell"].ring("deliveries", account_id)
    return _shown(mine)


@blueprint.patch("/<int:account_id>")
@blueprint.arguments(Pace)
@blueprint.response(200)
def change(given: dict[str, int], account_id: int):
    """Change how fast an account sends: messages per second, minute or day (0: no limit), its burst, calls at once."""
    with transaction(current_app.extensions["engine"]) as tx:
        mine = _mine(tx, account_id)
        if mine is None:
            raise NotFound()
        accounts.change(tx, workspace_id(), account_id, {"settings": mine["settings"] | given})
        mine = _mine(tx, account_id)
    current_app.extensions["bell"].ring("deliveries", account_id)
    return _shown(mine)


def _mine(tx: Connection, account_id: int) -> dict[str, Any] | None:
    return next((row for row in accounts.listed(tx, workspace_id()) if row["id"] == account_id), None)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    kind = CHANNELS.get(row["kind"])
    open_settings = {name for name, one in kind.settings.items() if not one.secret} if kind else set()
    row["settings"] = {name: value for name, value in row["settings"].items() if name in open_settings}
    return row | {"id": str(row["id"]), "title": kind.title.to_json() if kind else None}
