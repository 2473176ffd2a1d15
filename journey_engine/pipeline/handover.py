"""Hand over: those who stand in versions that were published anew stand where the newer version puts them.

It comes first in every turn, so whoever is worked after the publication was answered is handed over before anything
else happens to them. A wait goes on from when it began, as the new version draws it; a clock runs on from its event.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from journey_engine.model.customer import Customer
from journey_engine.model.decision import hold
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.event import Event
from journey_engine.model.handover import Place, place_of
from journey_engine.model.visitor import Visitor
from journey_engine.nodes.base import Node
from journey_engine.pipeline.advance import advance, carry_out, decide, finish, leave_hold, note, record
from journey_engine.pipeline.enroll import context_of, enroll
from journey_engine.pipeline.scene import Scene
from journey_engine.store import handovers
from journey_engine.store.session import transaction
from journey_engine.triggers.base import ARM, Match, Trigger

GATHER = 50_000
"""Enrollments looked through in one transaction for those who have to be handed over: about a tenth of a second."""


def see_to_handovers(engine: Engine) -> bool:
    """Find those who have to be handed over and whom nobody touches; whether there were any to look for."""
    found = False
    while _gather(engine):
        found = True
    with transaction(engine) as tx:
        handovers.settle(tx)
        return found or handovers.moves_due(tx)


def _gather(engine: Engine) -> bool:
    with transaction(engine) as tx:
        return handovers.gather(tx, GATHER)


def hand_over(scene: Scene) -> None:
    """Everybody on the scene stands where the versions published over theirs put them."""
    clocks: list[tuple[Enrollment, Place]] = []
    for enrollment, place in _standing(scene):
        if place.node_id is None or enrollment.status == "waiting":
            _move(scene, enrollment, place)
        else:
            clocks.append((enrollment, place))
    _know_what_stops(scene, clocks)
    for enrollment, place in clocks:
        _set_clock(scene, enrollment, place)


def _standing(scene: Scene) -> list[tuple[Enrollment, Place]]:
    """Who stands in a version over which another was published that does not let them finish there."""
    moving = scene.routes.moving
    found = []
    for customer in scene.customers.values() if moving else ():
        for enrollment in customer.live:
            handed = moving.get(enrollment.journey_id)
            place = place_of(handed, enrollment.version_id, enrollment.node_id) if handed else None
            if place is not None and enrollment.live:
                found.append((enrollment, place))
    return found


def _move(scene: Scene, enrollment: Enrollment, place: Place) -> None:
    """Somebody who waits at a node, or whose way ends."""
    was, customer = scene.routes.graphs[enrollment.version_id], scene.customers[enrollment.customer_id]
    visitor = Visitor(enrollment, customer, was, _cause(place))
    if place.node_id not in scene.routes.graphs[place.handover.version_id].nodes:
        _end(scene, visitor, place)
        return
    before, until = was.nodes.get(enrollment.node_id), enrollment.wake_at
    leave_hold(scene, enrollment)
    node = _arrive(scene, visitor, place)
    if node.disabled or not _holds_on(before, node):
        enrollment.held_since = None
        advance(scene, [visitor])
    elif node.recounts:
        since = enrollment.held_since or scene.now
        decisions = decide(scene, node, [visitor], lambda party, _: node.visit(party, since))
        advance(scene, carry_out(scene, node, decisions))
    else:
        reason = {"why": "still held", "until": until.isoformat() if until else None}
        advance(scene, carry_out(scene, node, [hold(visitor, until, reason)]))


def _holds_on(before: Node | None, node: Node) -> bool:
    """Whether a hold goes on at the new node: a wait after a wait, or the same node, whatever it waits for."""
    if before is None:
        return False
    return (before.recounts and node.recounts) or (before.id == node.id and before.kind == node.kind)


def _arrive(scene: Scene, visitor: Visitor, place: Place) -> Node:
    """The enrollment belongs to the new version; the path says who moved it, from where to where."""
    enrollment, handover = visitor.enrollment, place.handover
    origin = {"version": handover.older[enrollment.version_id], "node": enrollment.node_id}
    armed = enrollment.status == "armed"
    _count(scene, enrollment, "moved_out", armed)
    enrollment.version_id, enrollment.node_id = handover.version_id, place.node_id
    visitor.graph = scene.routes.graphs[handover.version_id]
    _count(scene, enrollment, "moved_in", armed)
    target = {"version": handover.number, "node": place.node_id}
    note(visitor, None, {"why": "moved", "from": origin, "to": target, "by": handover.by})
    return visitor.graph.nodes.get(place.node_id)


def _count(scene: Scene, enrollment: Enrollment, what: str, armed: bool) -> None:
    if armed:
        scene.count(enrollment, "", "armed", 1 if what == "moved_in" else -1)
        return
    scene.count(enrollment, "", what)
    scene.count(enrollment, enrollment.node_id, what)


def _know_what_stops(scene: Scene, clocks: list[tuple[Enrollment, Place]]) -> None:
    """Have at hand what these customers did of the events that stop their clocks in the new version."""
    for enrollment, place in clocks:
        trigger = scene.routes.graphs[place.handover.version_id].triggers.get(place.node_id)
        names = set(trigger.watches()) if trigger else set()
        scene.know_history([scene.customers[enrollment.customer_id]], names)


def _set_clock(scene: Scene, enrollment: Enrollment, place: Place) -> None:
    """A clock runs on as the new version's trigger would have set it; it stops when the trigger would have set none."""
    graph, customer = scene.routes.graphs[place.handover.version_id], scene.customers[enrollment.customer_id]
    visitor = Visitor(enrollment, customer, scene.routes.graphs[enrollment.version_id], _cause(place))
    if "queued" in enrollment.context and place.node_id in graph.triggers:  # it waits for a place, not for its clock
        _arrive(scene, visitor, place)
        record(scene, visitor)
        return
    trigger, armed = graph.triggers.get(place.node_id), _armed_by(enrollment)
    match = _match(trigger, customer, armed, scene.now) if trigger and not trigger.disabled else None
    if match is None:
        _end(scene, visitor, place)
    elif stopped := _stopped_by(trigger, visitor, match):
        finish(scene, visitor, "exited", {"why": "cancelled", "event": stopped.name, "event_id": str(stopped.id)})
    elif match.key == enrollment.key:
        _arrive(scene, visitor, place)
        enrollment.wake_at = match.at
        enrollment.retell(enrollment.event_id, context_of(trigger, armed, match.reason))
        record(scene, visitor)
    else:
        finish(scene, visitor, "exited", {"why": "armed anew", "version": place.handover.number})
        journey = scene.routes.journeys[enrollment.journey_id]
        if journey.version_id == place.handover.version_id:
            enroll(scene, [(journey, trigger, match)])


def _end(scene: Scene, visitor: Visitor, place: Place) -> None:
    reason = {"why": "moved out", "version": place.handover.number, "by": place.handover.by}
    finish(scene, visitor, "exited", reason)


def _cause(place: Place) -> dict[str, Any]:
    return {"why": "published", "version": place.handover.number}


def _armed_by(enrollment: Enrollment) -> Event:
    """The event that set a clock, as the enrollment remembers it."""
    at = datetime.fromisoformat(enrollment.context["armed"]["armed_at"])
    name, properties = enrollment.context["name"], enrollment.context["event"]
    return Event(enrollment.event_id, enrollment.workspace_id, enrollment.customer_id, name, at, at, properties)


def _match(trigger: Trigger, customer: Customer, event: Event, now: datetime) -> Match | None:
    """What the event means to the new version's trigger, if it sets a clock there too."""
    if event.name not in trigger.watches():
        return None
    return next((one for one in trigger.match([(customer, event)], now) if one.kind == ARM), None)


def _stopped_by(trigger: Trigger, visitor: Visitor, match: Match) -> Event | None:
    """The first event since that stops such a clock, if there was one in time."""
    for name in sorted(trigger.watches() - {match.event.name}):
        for event in visitor.events(name):
            in_time = match.event.occurred_at <= event.occurred_at <= match.at
            if in_time and trigger.key_of(event) == match.key:
                return event
    return None
