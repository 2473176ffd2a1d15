"""Enroll: who enters a journey, whose clock starts or stops, and who is refused with which reason."""

from typing import Any
from uuid import UUID

from journey_engine.journey_settings import NEVER, ONE_PER_KEY
from journey_engine.model.customer import Customer
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.event import Event
from journey_engine.model.history import Refusal
from journey_engine.model.holdout import held_out
from journey_engine.model.internal import CHAIN_KEY
from journey_engine.model.visitor import Visitor
from journey_engine.pipeline.advance import finish, step
from journey_engine.pipeline.routes import LiveJourney
from journey_engine.pipeline.scene import Entry, Scene
from journey_engine.triggers.base import ARM, CANCEL, FIRE, Match, Trigger

Matched = tuple[LiveJourney, Trigger, Match]


def enroll(scene: Scene, matched: list[Matched]) -> list[Visitor]:
    """Carry out what the triggers said; the visitors who entered stand at the first node of their way."""
    scene.know_entries((m.customer.id, journey.id) for journey, _, m in matched if m.kind in (FIRE, ARM))
    entered = []
    for journey, trigger, one in matched:
        if one.kind == FIRE:
            entered.append(_fire(scene, journey, trigger, one))
        elif one.kind == ARM:
            _arm(scene, journey, trigger, one)
        elif one.kind == CANCEL:
            _cancel(scene, journey, trigger, one)
        else:
            _refuse(scene, journey, one.customer.id, one.event.id, one.reason)
    return [visitor for visitor in entered if visitor is not None]


def ring_out(scene: Scene, enrollments: list[Enrollment]) -> list[Visitor]:
    """Armed enrollments whose clock ran out: they enter now, unless re-entry forbids it."""
    scene.know_entries((e.customer_id, e.journey_id) for e in enrollments)
    entered = []
    for enrollment in enrollments:
        due, enrollment.wake_at = enrollment.wake_at, None
        enrollment.fired_at = due
        journey = scene.routes.journeys[enrollment.journey_id]
        graph = scene.routes.graphs[enrollment.version_id]
        visitor = Visitor(enrollment, scene.customers[enrollment.customer_id], graph, {"why": "wake"})
        scene.count(enrollment, "", "armed", -1)
        refused = _forbidden(scene, journey, visitor.customer, enrollment.key)
        if refused:
            _refuse(scene, journey, enrollment.customer_id, enrollment.event_id, refused)
            finish(scene, visitor, "exited", refused, counted=False)
        else:
            reason = enrollment.context.get("armed", {"why": "absence"})
            enrollment.retell(enrollment.event_id, {k: v for k, v in enrollment.context.items() if k != "armed"})
            entered.append(_enter(scene, visitor, reason))
    return [visitor for visitor in entered if visitor is not None]


def _fire(scene: Scene, journey: LiveJourney, trigger: Trigger, one: Match) -> Visitor | None:
    refused = _forbidden(scene, journey, one.customer, one.key)
    if refused:
        _refuse(scene, journey, one.customer.id, one.event.id, refused)
        return None
    enrollment = _new(scene, journey, trigger, one)
    cause = {"why": "entry", "event_id": str(one.event.id)}
    visitor = Visitor(enrollment, one.customer, scene.routes.graphs[journey.version_id], cause)
    return _enter(scene, visitor, one.reason)


def _enter(scene: Scene, visitor: Visitor, reason: dict[str, Any]) -> Visitor | None:
    """The enrollment is entered by its trigger's exit."""
    enrollment = visitor.enrollment
    enrollment.status, enrollment.entered_at = "active", scene.now
    _hold_out(scene, visitor)
    entry = scene.entries[(enrollment.customer_id, enrollment.journey_id)].setdefault(enrollment.key, Entry())
    entry.entered = True
    scene.touch(enrollment)
    scene.count(enrollment, "", "entered")
    scene.count(enrollment, enrollment.node_id, "entered")
    return visitor if step(scene, visitor, "next", reason) else None


def _hold_out(scene: Scene, visitor: Visitor) -> None:
    """Mark who is held out, of everything in the workspace or of this journey; they walk like everybody else."""
    enrollment, customer = visitor.enrollment, visitor.customer
    workspace, of_all = enrollment.workspace_id, scene.routes.holdouts.get(enrollment.workspace_id, 0)
    percent = visitor.graph.settings.holdout.percent
    if of_all and held_out(f"workspace/{workspace}", customer.id, of_all):
        scope = "workspace"
    elif percent and held_out(f"journey/{enrollment.journey_id}", customer.id, percent):
        scope = "journey"
    else:
        return
    enrollment.retell(enrollment.event_id, {**enrollment.context, "holdout": scope})
    scene.count(enrollment, "", "held_out")


def _arm(scene: Scene, journey: LiveJourney, trigger: Trigger, one: Match) -> None:
    """Start the clock of this key, or set it forward when a new event restarts it."""
    armed = _armed(one.customer, journey.id, trigger.id, one.key)
    if armed is not None and armed.version_id != journey.version_id and trigger.restart:
        armed = _stop_older(scene, journey, armed, one)
    if armed is None:
        enrollment = _new(scene, journey, trigger, one)
        enrollment.wake_at = one.at
        scene.count(enrollment, "", "armed")
    elif trigger.restart and one.at > armed.wake_at:
        armed.wake_at = one.at
        armed.retell(one.event.id, context_of(trigger, one.event, one.reason))
        scene.touch(armed)


def _stop_older(scene: Scene, journey: LiveJourney, armed: Enrollment, one: Match) -> None:
    """A clock that an older version has set stops, because the new version sets its own."""
    visitor = Visitor(armed, one.customer, scene.routes.graphs[armed.version_id], {"why": "event"})
    finish(scene, visitor, "exited", {"why": "armed anew", "event_id": str(one.event.id)})


def _cancel(scene: Scene, journey: LiveJourney, trigger: Trigger, one: Match) -> None:
    """Stop the clock of this key."""
    armed = _armed(one.customer, journey.id, trigger.id, one.key)
    if armed is None or armed.version_id != journey.version_id:
        return  # older versions' clocks listen by themselves
    stop_clock(scene, trigger, armed, one)


def stop_clock(scene: Scene, trigger: Trigger, armed: Enrollment, one: Match) -> None:
    """A clock stops on what happened after it was set."""
    if one.at < armed.wake_at - trigger.within.span:
        return
    visitor = Visitor(armed, one.customer, scene.routes.graphs[armed.version_id], {"why": "event"})
    scene.count(armed, "", "armed", -1)
    scene.count(armed, "", "cancelled")
    reason = {"why": "cancelled", "event": one.event.name, "event_id": str(one.event.id)}
    finish(scene, visitor, "exited", reason, counted=False)


def _armed(customer: Customer, journey_id: UUID, trigger_id: str, key: str) -> Enrollment | None:
    for enrollment in customer.live:
        same = enrollment.journey_id == journey_id and enrollment.node_id == trigger_id and enrollment.key == key
        if same and enrollment.status == "armed" and enrollment.live:
            return enrollment
    return None


def _new(scene: Scene, journey: LiveJourney, trigger: Trigger, one: Match) -> Enrollment:
    """A new enrollment, armed at its trigger until somebody moves it on."""
    entry = scene.entries[(one.customer.id, journey.id)].setdefault(one.key, Entry())
    entry.highest += 1
    enrollment = Enrollment(
        id=scene.new_id(scene.now),
        workspace_id=journey.workspace_id,
        shard=one.customer.shard,
        customer_id=one.customer.id,
        journey_id=journey.id,
        version_id=journey.version_id,
        key=one.key,
        entry_no=entry.highest,
        status="armed",
        node_id=trigger.id,
        event_id=one.event.id,
        context=context_of(trigger, one.event, one.reason if one.kind == ARM else None),
        fired_at=one.at,
        stored=False,
    )
    one.customer.live.append(enrollment)
    scene.touch(enrollment)
    return enrollment


def context_of(trigger: Trigger, event: Event, armed: dict[str, Any] | None) -> dict[str, Any]:
    """What later nodes and templates may read of the event that started it."""
    context: dict[str, Any] = {"event": trigger.told(event), "name": event.name}
    if chain := event.properties.get(CHAIN_KEY):
        context["chain"] = chain
    if trigger.key:
        context["key"] = trigger.key
    if armed:
        context["armed"] = armed
    return context


def _forbidden(scene: Scene, journey: LiveJourney, customer: Customer, key: str) -> dict[str, Any] | None:
    """Why this customer may not enter now; None when they may."""
    policy = scene.routes.graphs[journey.version_id].settings.reentry.policy
    inside = [
        enrollment
        for enrollment in customer.live
        if enrollment.journey_id == journey.id and enrollment.live and enrollment.entered_at is not None
    ]
    if any(policy != ONE_PER_KEY or enrollment.key == key for enrollment in inside):
        return {"why": "already in", "policy": policy}
    entries = scene.entries[(customer.id, journey.id)]
    if policy == NEVER and any(entry.entered for entry in entries.values()):
        return {"why": "re-entry", "policy": policy}
    return None


def _refuse(
    scene: Scene, journey: LiveJourney, customer_id: UUID, event_id: UUID | None, reason: dict[str, Any]
) -> None:
    scene.refusals.append(Refusal(journey.workspace_id, customer_id, journey.id, journey.version_id, event_id, reason))
    scene.counts[(journey.workspace_id, journey.version_id, "", f"refused:{reason['why']}")] += 1
