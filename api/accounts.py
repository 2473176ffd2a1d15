"""Accounts of channels, as everybody may see them: without a single secret."""

from typing import Any

from flask import current_app

from api.auth import workspace_id
from api.blueprint import Blueprint
from journey_engine.channels import CHANNELS
from journey_engine.errors import NotFound
from journey_engine.store import accounts
from journey_engine.store.session import transaction

blueprint = Blueprint("accounts", __name__, url_prefix="/api/v1/accounts", description="Accounts of channels")


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
        mine = next(row for row in accounts.listed(tx, workspace_id()) if row["id"] == account_id)
    current_app.extensions["bell"].ring("deliveries", account_id)
    return _shown(mine)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    kind = CHANNELS.get(row["kind"])
    open_settings = {name for name, one in kind.settings.items() if not one.secret} if kind else set()
    row["settings"] = {name: value for name, value in row["settings"].items() if name in open_settings}
    return row | {"id": str(row["id"]), "title": kind.title.to_json() if kind else None}
