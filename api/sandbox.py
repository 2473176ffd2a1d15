"""The sandbox's inbox for the editor: what customers would have received, and how the provider shall misbehave."""

from datetime import datetime
from typing import Any
from uuid import UUID

import requests
from flask import current_app
from marshmallow import fields, validate

from api.auth import workspace_id
from api.blueprint import Blueprint, Fields
from api.body import read_json
from api.headers import mail_page
from api.masks import for_caller
from journey_engine.channels.alibaba_sms import PROVIDER_ZONE
from journey_engine.errors import Invalid, NotFound, Unavailable
from journey_engine.store import accounts
from journey_engine.store.session import transaction

blueprint = Blueprint("sandbox", __name__, url_prefix="/api/v1/sandbox", description="The sandbox of a trial")

ANSWER_WITHIN_S = 5
MAIL_FIELDS = ("id", "to", "from", "from_name", "subject", "text", "at")


class Newest(Fields):
    limit = fields.Int(load_default=50, validate=validate.Range(1, 500))


@blueprint.get("/inbox")
@blueprint.arguments(Newest, location="query")
@blueprint.response(200)
def inbox(asked: dict[str, int]):
    """What the sandbox received, the newest first: SMS, mails and webhooks."""
    got = _ask("GET", f"/inbox?limit={asked['limit']}").json()
    for sms in got["sms"]:
        for receipt in sms["receipts"]:
            receipt["at"] = _instant(receipt["at"])
    return for_caller(got | {"mail": [_shown(mail) for mail in got["mail"]]})


@blueprint.get("/mail/<uuid:mail_id>/html")
@blueprint.response(200)
def mail(mail_id):
    """One mail of the sandbox, in a page where nothing of it can run."""
    return mail_page(_ask("GET", f"/inbox/mail/{mail_id.hex}").json().get("html") or "")


@blueprint.post("/faults")
@blueprint.response(200)
def faults():
    """Make the sandbox misbehave; the answer is what is set now, and `{}` changes nothing."""
    return _ask("POST", "/faults", read_json()).json()


def _instant(told: str) -> str:
    """The provider's local time, which names no zone, as an instant."""
    at = datetime.fromisoformat(told)
    return (at if at.tzinfo else at.replace(tzinfo=PROVIDER_ZONE)).isoformat()


def _shown(mail: dict[str, Any]) -> dict[str, Any]:
    html_url = f"/api/v1/sandbox/mail/{UUID(mail['id'])}/html" if mail.get("html") else None
    return {name: mail.get(name) for name in MAIL_FIELDS} | {"html_url": html_url}


def _ask(method: str, path: str, body: Any = None) -> requests.Response:
    """Ask the sandbox of this installation, for a workspace whose messages go there; it keeps them all in one inbox."""
    config = current_app.config["JOURNEY"]
    with transaction(current_app.extensions["engine"]) as tx:
        endpoints = {account["settings"].get("endpoint") for account in accounts.listed(tx, workspace_id())}
    if not config.sandbox_url or config.sandbox_url not in endpoints:
        raise NotFound("No sandbox is connected. `journey up` starts one.", code="sandbox:off")
    headers = {"Authorization": f"Bearer {config.sandbox_token}"}
    url = f"{config.sandbox_url}{path}"
    try:
        answer = requests.request(method, url, json=body, headers=headers, timeout=ANSWER_WITHIN_S)
    except requests.RequestException as error:
        raise Unavailable("The sandbox does not answer. Try again in a moment.", code="sandbox:away") from error
    if answer.status_code == 404:
        raise NotFound()
    if answer.status_code == 422:
        message = f"The sandbox does not know that fault: {answer.json()['error']}"
        raise Invalid(message, code="faults:unknown")
    if not answer.ok:
        raise Unavailable("The sandbox does not answer as it should.", code="sandbox:away")
    return answer
