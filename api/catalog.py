"""What can be drawn and named: the kinds of nodes, and the event names and attributes this shop has."""

from flask import current_app

from api.auth import workspace_id
from api.blueprint import Blueprint
from journey_engine.catalog import catalog
from journey_engine.store import vocabulary
from journey_engine.store.session import transaction

blueprint = Blueprint("catalog", __name__, url_prefix="/api/v1", description="What can be drawn and named")


@blueprint.get("/catalog")
@blueprint.response(200)
def kinds():
    """All kinds of triggers and nodes with their settings, exits and sentences, in both languages."""
    return catalog()


@blueprint.get("/event-names")
@blueprint.response(200)
def event_names():
    """Names of events seen, the most frequent first, with the keys of their properties."""
    with transaction(current_app.extensions["engine"]) as tx:
        return {"items": vocabulary.event_names(tx, workspace_id())}


@blueprint.get("/attributes")
@blueprint.response(200)
def attributes():
    """Attributes that customers have, with examples."""
    with transaction(current_app.extensions["engine"]) as tx:
        return {"items": vocabulary.attributes(tx, workspace_id())}
