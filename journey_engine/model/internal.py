"""Internal events: what the engine itself tells of a customer, so that all that starts or moves somebody is an event.

A clock that ran out, a segment joined, another journey's node, an operator's click, the answer of an address: each is
stored and queued like a shop's event. So they keep their order among the customer's other events, wait while a
journey is paused, and can be read in the history. They do not count as something the customer did.
"""

from journey_engine.model.enrollment import Enrollment
from journey_engine.model.event import Event

PREFIX = "je."
"""Names that begin like this are the engine's own; the doors refuse them."""

INACTIVE = "je.inactive"
SCHEDULED = "je.scheduled"
DATE_REACHED = "je.date_reached"
REQUESTED = "je.requested"
STARTED = "je.started"
STOPPED = "je.stopped"
CHANGED = "je.changed"
SEGMENT_JOINED = "je.segment_joined"
SEGMENT_LEFT = "je.segment_left"
ANSWERED = "je.answered"
APPROVED = "je.approved"
REFUSED = "je.refused"
MESSAGE = "je.message"

BY_THE_CLOCK = {INACTIVE, SCHEDULED, DATE_REACHED}
"""Told when a moment has come, however late somebody looks: they take their place by that moment."""

CHAIN_KEY = "je.chain"
"""The property that counts how many journeys one after another led to this event."""


def is_internal(name: str) -> bool:
    return name.startswith(PREFIX)


def answers(event: Event, enrollment: Enrollment) -> bool:
    """Whether an answer is meant for this visit: it names the enrollment, its node, and since when it is held there."""
    told, since = event.properties, enrollment.held_since
    here = (told.get("enrollment"), told.get("node")) == (str(enrollment.id), enrollment.node_id)
    return here and since is not None and told.get("asked_at") == since.isoformat()
