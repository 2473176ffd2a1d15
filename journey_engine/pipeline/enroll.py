"""Enroll: who enters a journey, whose clock starts or stops, who waits for a place, and who is refused, and why.

    filters ─► already in? ─► re-entry ─► a place, when there are only so many ─► in

Everybody who matched and did not enter is a refusal, with what was read.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from journey_engine.journey_settings import AFTER_DAYS, ANOTHER, FROM_END, NEVER, ONE_PER_KEY, RESTART, UPDATE
from journey_engine.model.customer import Customer
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.event import Event
from journey_engine.model.history import Refusal
from journey_engine.model.holdout import held_out
from journey_engine.model.internal import CHAIN_KEY
from journey_engine.model.rule import Rule
from journey_engine.model.visitor import Visitor
from journey_engine.pipeline.advance import finish, step
from journey_engine.pipeline.places import Full, take_place
from journey_engine.pipeline.routes import LiveJourney
from journey_engine.pipeline.scene import Entry, Scene
from journey_engine.triggers.base import ARM, CANCEL, FIRE, Match, Trigger

Matched = tuple[LiveJourney, Trigger, Match]
QUEUED = "queued"
"""In the context of an armed enrollment: it has a place, and waits until that one's time has come."""


def enroll(scene: Scene, matched: list[Matched]) -> list[Visitor]:
    """Carry out what the triggers said; the visitors who entered stand at the first node of their way."""
    scene.know_entries((m.customer.id, journey.id) for journey, _, m in matched if m.kind in (FIRE, ARM))
    coming = {id(one): _prospect(scene, journey, trigger, one) for journey, trigger, one in matched if one.kind == FIRE}
    _know_filters(scene, list(coming.values()))
    entered = []
    for journey, trigger, one in matched:
        if one.kind == FIRE:
            entered.append(_fire(scene, journey, one, coming[id(one)]))
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
    visitors = [_rung(scene, enrollment) for enrollment in enrollments]
    _know_filters(scene, visitors)
    entered = []
    for visitor in visitors:
        enrollment, journey = visitor.enrollment, scene.routes.journeys[visitor.enrollment.journey_id]
        queued = enrollment.context.get(QUEUED)
        reason = queued or enrollment.context.get("armed", {"why": "absence"})
        kept = {name: value for name, value in enrollment.context.items() if name not in ("armed", QUEUED)}
        enrollment.retell(enrollment.event_id, kept)
        scene.count(enrollment, "", "armed", -1)
        refused = _refused(scene, journey, visitor)
        if refused is None and queued is None:
            refused = _wait_for_place(scene, journey, visitor, reason)
        if refused:
            _refuse(scene, journey, enrollment.customer_id, enrollment.event_id, refused)
            finish(scene, visitor, "exited", refused, counted=False)
        elif enrollment.wake_at is None:
            entered.append(_enter(scene, visitor, reason))
    return [visitor for visitor in entered if visitor is not None]


def _rung(scene: Scene, enrollment: Enrollment) -> Visitor:
    """An absence is complete when its clock runs out; who waited for a place is still about what made them come."""
    due, enrollment.wake_at = enrollment.wake_at, None
    if QUEUED not in enrollment.context:
        enrollment.fired_at = due
    graph = scene.routes.graphs[enrollment.version_id]
    return Visitor(enrollment, scene.customers[enrollment.customer_id], graph, {"why": "wake"})


def _fire(scene: Scene, journey: LiveJourney, one: Match, visitor: Visitor) -> Visitor | None:
    refused = _refused(scene, journey, visitor)
    if refused is None:
        refused = _wait_for_place(scene, journey, visitor, one.reason)
    if refused:
        _refuse(scene, journey, one.customer.id, one.event.id, refused)
        return None
    _add(scene, visitor.enrollment, one.customer)
    return None if visitor.enrollment.wake_at else _enter(scene, visitor, one.reason)


def _know_filters(scene: Scene, visitors: list[Visitor]) -> None:
    """Have at hand what the filters of those who come read, asked for once per rule."""
    by_rule: dict[int, tuple[Rule, list[Visitor]]] = {}
    for visitor in visitors:
        for rule in _filters(visitor):
            by_rule.setdefault(id(rule), (rule, []))[1].append(visitor)
    for rule, coming in by_rule.values():
        scene.know(coming, rule.needs())


def _filters(visitor: Visitor) -> list[Rule]:
    """Rules about the customer that have to hold at entry: the journey's, and the audience of the trigger."""
    trigger, customer_filter = (
        visitor.graph.triggers[visitor.enrollment.node_id],
        visitor.graph.settings.customer_filter,
    )
    if customer_filter is None and trigger.audience is None:
        return []
    return [rule for rule in (customer_filter, trigger.audience) if rule is not None]


def _refused(scene: Scene, journey: LiveJourney, visitor: Visitor) -> dict[str, Any] | None:
    """Why this visitor does not enter; None when they do. One who is live here ends then, if that was set."""
    for rule in _filters(visitor):
        verdict = rule.judge(visitor, scene.now)
        if not verdict.held:
            return {"why": "filter", "leaves": verdict.leaves}
    reentry = scene.routes.graphs[journey.version_id].settings.reentry
    forbidden = _forbidden(scene, journey, visitor.customer, visitor.enrollment.key)
    if reentry.again not in (RESTART, UPDATE) or not visitor.customer.live:
        return forbidden
    same = _same(_inside(journey, visitor.customer), reentry.policy, visitor.enrollment.key)
    if forbidden is None and reentry.again == RESTART:
        for one in same:
            _end_for_another(scene, visitor, one)
    if forbidden and forbidden["why"] == "already in" and reentry.again == UPDATE and same:
        return _go_on(scene, visitor, same[-1])
    return forbidden


def _end_for_another(scene: Scene, visitor: Visitor, live: Enrollment) -> None:
    """The customer starts anew."""
    old = Visitor(live, visitor.customer, scene.routes.graphs[live.version_id], {"why": "event"})
    finish(scene, old, "exited", {"why": "restarted", "event_id": str(visitor.enrollment.event_id)})


def _go_on(scene: Scene, visitor: Visitor, live: Enrollment) -> dict[str, Any]:
    """The customer goes on where they are, about what has just happened."""
    told = visitor.enrollment.context
    live.retell(visitor.enrollment.event_id, {**live.context, "event": told["event"], "name": told["name"]})
    scene.touch(live)
    return {"why": "updated", "enrollment": str(live.id)}


def _wait_for_place(
    scene: Scene, journey: LiveJourney, visitor: Visitor, reason: dict[str, Any]
) -> dict[str, Any] | None:
    """Take one of the journey's places when there are only so many; the refusal when there is none and nobody waits.

    Whose place is a later one stays armed until then.
    """
    volume, enrollment = visitor.graph.settings.volume, visitor.enrollment
    if volume.at_most is None:
        return None
    try:
        later = take_place(scene, journey, volume)
    except Full:
        return {"why": "volume", "at_most": volume.at_most, "per": volume.per}
    if later is not None:
        enrollment.wake_at = later
        enrollment.retell(enrollment.event_id, {**enrollment.context, QUEUED: reason})
        scene.touch(enrollment)
        scene.count(enrollment, "", "armed")
        scene.count(enrollment, "", "volume:waited")
    return None


def _enter(scene: Scene, visitor: Visitor, reason: dict[str, Any]) -> Visitor | None:
    """The enrollment is entered by its trigger's exit."""
    enrollment = visitor.enrollment
    enrollment.status, enrollment.entered_at = "active", scene.now
    _hold_out(scene, visitor)
    entry = scene.entries[(enrollment.customer_id, enrollment.journey_id)].setdefault(enrollment.key, Entry())
    entry.entered, entry.last_entered_at = True, scene.now
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
        enrollment = _prospect(scene, journey, trigger, one).enrollment
        enrollment.wake_at = one.at
        _add(scene, enrollment, one.customer)
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
    """A clock stops on what happened after it was set; who waits for a place is past it."""
    if QUEUED in armed.context or one.at < armed.wake_at - trigger.within.span:
        return
    visitor = Visitor(armed, one.customer, scene.routes.graphs[armed.version_id], {"why": "event"})
    scene.count(armed, "", "armed", -1)
    scene.count(armed, "", "cancelled")
    reason = {"why": "cancelled", "event": one.event.name, "event_id": str(one.event.id)}
    finish(scene, visitor, "exited", reason, counted=False)


def _armed(customer: Customer, journey_id: UUID, trigger_id: str, key: str) -> Enrollment | None:
    for enrollment in customer.live:
        same = enrollment.journey_id == journey_id and enrollment.node_id == trigger_id and enrollment.key == key
        if same and enrollment.status == "armed" and enrollment.live and QUEUED not in enrollment.context:
            return enrollment
    return None


def _prospect(scene: Scene, journey: LiveJourney, trigger: Trigger, one: Match) -> Visitor:
    """Somebody who comes, with an enrollment that is not added yet: armed at its trigger until somebody moves it on."""
    context = context_of(trigger, one.event, one.reason if one.kind == ARM else None)
    if one.told is not None:
        context["event"] = one.told
    enrollment = Enrollment(
        id=scene.new_id(scene.now),
        workspace_id=journey.workspace_id,
        shard=one.customer.shard,
        customer_id=one.customer.id,
        journey_id=journey.id,
        version_id=journey.version_id,
        key=one.key,
        entry_no=0,
        status="armed",
        node_id=trigger.id,
        event_id=one.event.id,
        context=context,
        fired_at=one.at,
        stored=False,
    )
    cause = {"why": "entry", "event_id": str(one.event.id)}
    return Visitor(enrollment, one.customer, scene.routes.graphs[journey.version_id], cause)


def _add(scene: Scene, enrollment: Enrollment, customer: Customer) -> None:
    """The enrollment is one of the customer's from now on."""
    entry = scene.entries[(customer.id, enrollment.journey_id)].setdefault(enrollment.key, Entry())
    entry.highest += 1
    enrollment.entry_no = entry.highest
    customer.live.append(enrollment)
    scene.touch(enrollment)


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
    reentry, inside = scene.routes.graphs[journey.version_id].settings.reentry, _inside(journey, customer)
    same = _same(inside, reentry.policy, key)
    if same and reentry.again not in (RESTART, ANOTHER):
        return {"why": "already in", "policy": reentry.policy}
    beside = len(inside) - (len(same) if reentry.again == RESTART else 0)
    if reentry.policy == ONE_PER_KEY and reentry.max is not None and beside >= reentry.max:
        return {"why": "already in", "policy": reentry.policy, "max": reentry.max}
    entries = scene.entries[(customer.id, journey.id)]
    if reentry.policy == NEVER and any(entry.entered for entry in entries.values()):
        return {"why": "re-entry", "policy": reentry.policy}
    if reentry.policy == AFTER_DAYS:
        return _too_soon(scene, journey, customer, reentry)
    return None


def _inside(journey: LiveJourney, customer: Customer) -> list[Enrollment]:
    """Where the customer is live in this journey, or has a place in it; the latest last."""
    if not customer.live:
        return []
    own = [one for one in customer.live if one.journey_id == journey.id and one.live]
    own = [one for one in own if one.entered_at is not None or QUEUED in one.context]
    return sorted(own, key=lambda one: one.fired_at)


def _same(inside: list[Enrollment], policy: str, key: str) -> list[Enrollment]:
    """Those that are in the way of another with this key."""
    return [one for one in inside if policy != ONE_PER_KEY or one.key == key]


def _too_soon(scene: Scene, journey: LiveJourney, customer: Customer, reentry: Any) -> dict[str, Any] | None:
    """Whether the last entry, or its end, is not long enough ago."""
    entries = scene.entries[(customer.id, journey.id)].values()
    if reentry.since == FROM_END:
        known = [entry.last_ended_at for entry in entries]
        known += [one.ended_at for one in customer.live if one.journey_id == journey.id and one.entered_at]
    else:
        known = [entry.last_entered_at for entry in entries]
    last = max((at for at in known if at is not None), default=None)
    if last is None or last + timedelta(days=reentry.days) <= scene.now:
        return None
    return {"why": "re-entry", "policy": reentry.policy, "last": last.isoformat(), "days": reentry.days}


def _refuse(
    scene: Scene, journey: LiveJourney, customer_id: UUID, event_id: UUID | None, reason: dict[str, Any]
) -> None:
    scene.refusals.append(Refusal(journey.workspace_id, customer_id, journey.id, journey.version_id, event_id, reason))
    scene.counts[(journey.workspace_id, journey.version_id, "", f"refused:{reason['why']}")] += 1
