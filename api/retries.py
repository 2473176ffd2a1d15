"""Retries: what was set aside (an event, a customer at a node, a message) is tried again."""

from uuid import UUID

from flask import current_app

from api.auth import workspace_id
from api.blueprint import Blueprint
from api.journeys import Nothing
from journey_engine.pipeline import retry

blueprint = Blueprint("retries", __name__, url_prefix="/api/v1", description="Trying again what was set aside")


@blueprint.post("/events/<uuid:event_id>/retry")
@blueprint.arguments(Nothing)
@blueprint.response(200)
def event(_: dict, event_id: UUID):
    """Work an event again that was set aside; 409 when it was not."""
    retry.retry_event(current_app.extensions["engine"], workspace_id(), event_id)
    current_app.extensions["bell"].ring("turns")
    return {"id": event_id, "state": "pending"}


@blueprint.post("/enrollments/<uuid:enrollment_id>/retry")
@blueprint.arguments(Nothing)
@blueprint.response(200)
def enrollment(_: dict, enrollment_id: UUID):
    """Let a customer go on at the node where it failed; 409 when that cannot be."""
    retry.retry_enrollment(current_app.extensions["engine"], workspace_id(), enrollment_id)
    current_app.extensions["bell"].ring("turns")
    return {"id": enrollment_id, "status": "waiting"}


@blueprint.post("/messages/<uuid:message_id>/retry")
@blueprint.arguments(Nothing)
@blueprint.response(200)
def message(_: dict, message_id: UUID):
    """Send a message again that failed; 409 for one that may have left."""
    lane = retry.retry_message(current_app.extensions["engine"], workspace_id(), message_id)
    current_app.extensions["bell"].ring("deliveries", lane)
    return {"id": message_id, "status": "queued"}
