"""Playbooks: ready journeys to begin from, in the language of whoever asks."""

from flask import request

from api.auth import caller
from api.blueprint import Blueprint
from journey_engine import playbooks

blueprint = Blueprint("playbooks", __name__, url_prefix="/api/v1/playbooks", description="Playbooks")


@blueprint.get("")
@blueprint.response(200)
def listed():
    """Every playbook with its graph; post a graph to `/journeys` to make it yours."""
    language = _language()
    return {
        "items": [
            {
                "id": one["id"],
                "title": one["name"],
                "description": one["description"],
                "needs": one["needs"],
                "graph": playbooks.load(one["id"], language),
            }
            for one in playbooks.listed()
        ]
    }


def _language() -> str:
    """The operator's own language; a program says it with Accept-Language."""
    operator = caller().operator
    own = operator.language if operator else ""
    return own or request.accept_languages.best_match(playbooks.LANGUAGES, default="en")
