"""Receipts: what a provider says later of a message, at an address that only it knows."""

import hashlib
from typing import Any

from flask import current_app, jsonify, request

from api.blueprint import Blueprint
from api.body import read_bytes
from journey_engine.bell import connect
from journey_engine.channels import CHANNELS, Channel
from journey_engine.errors import NotFound
from journey_engine.pipeline.receive import receive
from journey_engine.pipeline.report import report
from journey_engine.secrets import unseal
from journey_engine.store import accounts
from journey_engine.store.session import transaction

blueprint = Blueprint("receipts", __name__, url_prefix="/receipts", description="Receipts of providers")


@blueprint.post("/<token>/alibaba")
@blueprint.response(200)
def take(token: str):
    """Store what the provider tells, whether its message is known yet or not; the answer is in the provider's words."""
    engine, config = current_app.extensions["engine"], current_app.config["JOURNEY"]
    with transaction(engine) as tx:
        account = accounts.by_receipts_token(tx, hashlib.sha256(token.encode()).digest())
    if account is None or account["kind"] != "alibaba_sms":
        raise NotFound()
    channel = _channel(account)
    found = channel.read_receipts(request.headers, read_bytes())
    moved = receive(engine, account["workspace_id"], account["id"], found)
    if moved and config.redis_url:
        report(_redis(config.redis_url), moved)
    status, said = channel.receipts_answer()
    return jsonify(said), status


def _channel(account: dict[str, Any]) -> Channel:
    """The account's channel; made once, because it brings threads and connections along."""
    kept = current_app.extensions.setdefault("receipt_channels", {})
    mark = (account["id"], bytes(account["secrets"]), repr(account["settings"]))
    if mark not in kept:
        secrets = unseal(current_app.config["JOURNEY"].secret_key, account["id"], bytes(account["secrets"]))
        kept[mark] = CHANNELS[account["kind"]]({**account["settings"], **secrets})
    return kept[mark]


def _redis(url: str) -> Any:
    if "redis" not in current_app.extensions:
        current_app.extensions["redis"] = connect(url)
    return current_app.extensions["redis"]
