"""Advance: move visitors, party by party, until everybody holds or has ended.

A party is all visitors at one node of one version. The node decides for the whole party; each decision is carried out
on the scene, with its reason on the visitor's path.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
import structlog

from journey_engine.config import CHAIN, CONTEXT_BYTES, MAX_MOVES
from journey_engine.ids import message_id
from journey_engine.model.conversion import Conversion, Exposure
from journey_engine.model.customer import apply_changes, what_changed
from journey_engine.model.decision import (
    END,
    GO,
    HOLD,
    SEND,
    Ask,
    ChangeConsent,
    Convert,
    Decision,
    Emit,
    Grant,
    Remember,
    go,
    hold,
)
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.history import PathRow
from journey_engine.model.internal import CHAIN_KEY, CHANGED
from journey_engine.model.message import Message
from journey_engine.model.visitor import Visitor
from journey_engine.nodes.base import Node
from journey_engine.pipeline.checks import know, left_by, may_send, prepare
from journey_engine.pipeline.scene import Asked, ConsentChange, Granted, Scene

log = structlog.get_logger()


def advance(scene: Scene, visitors: Iterable[Visitor]) -> None:
    """Let visitors visit the node they stand at, and go on until they hold or end."""
    standing = list(visitors)
    while standing:
        parties: dict[tuple[int, str], list[Visitor]] = defaultdict(list)
        for visitor in standing:
            parties[(visitor.enrollment.version_id, visitor.enrollment.node_id)].append(visitor)
        standing = []
        for (version_id, node_id), party in parties.items():
            node = scene.routes.graphs[version_id].nodes[node_id]
            scene.count(party[0].enrollment, node_id, "entered", len(party))
            staying = leave_by_rule(scene, party)
            if staying:
                standing += carry_out(scene, node, decide(scene, node, staying))


def leave_by_rule(scene: Scene, party: list[Visitor]) -> list[Visitor]:
    """Judge the journey's exit rule, as at every move; those for whom it holds end, the others stay."""
    rule = party[0].graph.settings.exit_rule
    if rule is None:
        return party
    know(scene, party, rule)
    staying = []
    for visitor in party:
        verdict = rule.judge(visitor, scene.now)
        if verdict.held:
            finish(scene, visitor, "exited", left_by(verdict))
        else:
            staying.append(visitor)
    return staying


def resume(scene: Scene, enrollments: Iterable[Enrollment]) -> None:
    """Held visitors whose instant has come: the node decides, and they go on.

    Who failed at a node and is tried again was not held there, and visits it anew.
    """
    parties: dict[tuple[int, str], list[Visitor]] = defaultdict(list)
    anew: list[Visitor] = []
    for enrollment in enrollments:
        leave_hold(scene, enrollment)
        customer, graph = scene.customers[enrollment.customer_id], scene.routes.graphs[enrollment.version_id]
        if enrollment.held_since is None:
            anew.append(Visitor(enrollment, customer, graph, {"why": "retried"}))
            continue
        visitor = Visitor(enrollment, customer, graph, {"why": "wake"})
        parties[(enrollment.version_id, enrollment.node_id)].append(visitor)
    for (version_id, node_id), party in parties.items():
        node = scene.routes.graphs[version_id].nodes[node_id]
        scene.know(party, node.needs())
        advance(scene, carry_out(scene, node, _ask(scene, node, party, node.resume)))
    advance(scene, anew)


def let_go(scene: Scene, decisions: list[Decision]) -> None:
    """Visitors whose node heard what it waited for go on."""
    standing = []
    for decision in decisions:
        enrollment = decision.visitor.enrollment
        node = decision.visitor.graph.nodes[enrollment.node_id]
        standing += carry_out(scene, node, [decision])
    advance(scene, standing)


def decide(scene: Scene, node: Node, party: list[Visitor], moment: Any = None) -> list[Decision]:
    """What the node wants for its party, after fetching what it needs. `moment`: asked something else than `visit`."""
    if node.disabled:
        exits = [exit.id for exit in node.exit_list()]
        passing = "next" if "next" in exits or not exits else exits[0]
        return [go(visitor, passing, {"why": "disabled"}) for visitor in party]
    needs = node.needs()
    scene.know(party, needs)
    for pool in needs.coupons:
        scene.hold_coupons(party, pool)
    return _ask(scene, node, party, moment or node.visit)


def _ask(scene: Scene, node: Node, party: list[Visitor], moment: Any) -> list[Decision]:
    """Ask for the party; if the node cannot answer for all, ask singly, so that one odd customer fails alone."""
    try:
        return moment(party, scene.now)
    except Exception as error:
        if len(party) > 1:
            return [decision for visitor in party for decision in _ask(scene, node, [visitor], moment)]
        cannot_say(scene, node, party[0], error)
        return []


def cannot_say(scene: Scene, node: Node, visitor: Visitor, error: Exception) -> None:
    """The node has no answer for this visitor, who fails there, readably."""
    log.warning("node failed", node=node.id, kind=node.kind, error=type(error).__name__)
    fail(scene, visitor, f"{type(error).__name__}: {error}")


def carry_out(scene: Scene, node: Node, decisions: list[Decision]) -> list[Visitor]:
    """Do what was decided; the visitors who now stand at another node."""
    if any(decision.kind == SEND for decision in decisions):
        prepare(scene, node, [decision.visitor for decision in decisions])
    acting = [decision for decision in decisions if decision.effects]
    if any(isinstance(effect, Convert) for decision in acting for effect in decision.effects):
        scene.know_goals(decision.visitor.enrollment for decision in acting)
    exposed = node.kind == "random_split" and not node.disabled
    standing = []
    for decision in decisions:
        visitor = decision.visitor
        if decision.kind == SEND:
            decision = _send(scene, node, decision)
        if decision is None or not take_effect(scene, visitor, decision):
            if visitor.coupon is not None:
                scene.give_back(visitor.coupon)
            continue
        if decision.kind == GO:
            if exposed and visitor.graph.settings.goals and "holdout" not in visitor.enrollment.context:
                scene.exposures.append(Exposure(visitor.enrollment, node.id, decision.exit))
            if step(scene, visitor, decision.exit, decision.reason):
                standing.append(visitor)
        elif decision.kind == HOLD:
            _hold(scene, visitor, decision.until, decision.reason)
        elif decision.kind == END:
            finish(scene, visitor, "completed", decision.reason)
    return standing


def step(scene: Scene, visitor: Visitor, exit: str, reason: dict[str, Any]) -> bool:
    """Take the visitor through an exit; False when the way ends there."""
    enrollment = visitor.enrollment
    note(visitor, exit, reason)
    scene.count(enrollment, enrollment.node_id, f"exit:{exit}")
    target = visitor.graph.target(enrollment.node_id, exit)
    if len(visitor.path) > MAX_MOVES:
        fail(scene, visitor, f"more than {MAX_MOVES} nodes without a wait")
        return False
    if target is None:
        finish(scene, visitor, "completed", {"why": "end"}, noted=False)
        return False
    enrollment.node_id, enrollment.held_since = target, None
    return True


def take_effect(scene: Scene, visitor: Visitor, decision: Decision) -> bool:
    """Do what a decision does besides moving the visitor; False when that could not be done, and they have failed."""
    if decision.changes:
        _change(scene, visitor, decision.changes)
    for effect in decision.effects:
        if isinstance(effect, Remember):
            if not remember(scene, visitor, effect.values):
                return False
        elif isinstance(effect, ChangeConsent):
            _change_consent(scene, visitor, effect)
        elif isinstance(effect, Convert):
            _convert(scene, visitor, effect.goal)
        elif isinstance(effect, Grant):
            enrollment, visitor.coupon = visitor.enrollment, None
            scene.granted.append(Granted(effect.coupon, enrollment, enrollment.node_id, enrollment.visits + 1))
        elif isinstance(effect, Ask):
            scene.asked.append(Asked(visitor.enrollment, visitor.enrollment.node_id, effect.until))
        elif not _emit(scene, visitor, effect):
            return False
    return True


def _change(scene: Scene, visitor: Visitor, changes: dict[str, Any]) -> None:
    customer, before = visitor.customer, visitor.customer.attributes
    customer.attributes = apply_changes(before, changes)
    customer.changed = True
    different = what_changed(before, customer.attributes)
    chain = visitor.enrollment.context.get("chain", 0) + 1
    if different:
        customer.altered = (customer.altered or set()) | different.keys()
        customer.chain = max(customer.chain, chain)
    if not scene.routes.attributes.isdisjoint(different):
        after = {name: customer.attributes.get(name) for name in different}
        if chain <= CHAIN:
            scene.emit(customer, CHANGED, {"before": different, "after": after, CHAIN_KEY: chain})


def remember(scene: Scene, visitor: Visitor, values: dict[str, Any]) -> bool:
    """Keep context variables; False when they are too many, and the visitor has failed."""
    enrollment = visitor.enrollment
    kept = apply_changes(visitor.variables, values)
    if len(orjson.dumps(kept, default=str)) > CONTEXT_BYTES:
        fail(scene, visitor, f"the context variables exceed {CONTEXT_BYTES // 1024} KB")
        return False
    enrollment.retell(enrollment.event_id, {**enrollment.context, "vars": kept})
    return True


def _convert(scene: Scene, visitor: Visitor, reached: str) -> None:
    goal = next((one for one in visitor.graph.settings.goals if one.id == reached), None)
    if goal is not None and reached not in scene.converted[visitor.enrollment.id]:
        message = scene.last_message(visitor.enrollment, scene.now, goal.within.span)
        scene.convert(Conversion(visitor.enrollment, reached, scene.now, message=message))


def _change_consent(scene: Scene, visitor: Visitor, effect: ChangeConsent) -> None:
    evidence = {"journey": str(visitor.enrollment.journey_id), "node": visitor.enrollment.node_id}
    customer = visitor.customer
    scene.consents.append(ConsentChange(customer, effect.channel, effect.topic, effect.state, evidence))
    customer.reach.pop(effect.channel, None)
    customer.said[(effect.channel, effect.topic)] = effect.state


def _emit(scene: Scene, visitor: Visitor, effect: Emit) -> bool:
    chain = visitor.enrollment.context.get("chain", 0) + 1
    if chain > CHAIN:
        fail(scene, visitor, f"more than {CHAIN} journeys led to each other")
        return False
    scene.emit(visitor.customer, effect.name, {**effect.properties, CHAIN_KEY: chain}, effect.journey_id)
    return True


def _hold(scene: Scene, visitor: Visitor, until: datetime | None, reason: dict[str, Any]) -> None:
    """Keep them at their node; who was held there already has been since then, however often the instant changes."""
    enrollment = visitor.enrollment
    note(visitor, None, reason)
    enrollment.status, enrollment.wake_at = "waiting", until
    enrollment.held_since = enrollment.held_since or scene.now
    scene.count(enrollment, enrollment.node_id, "waiting")
    scene.count(enrollment, "", "waiting")
    record(scene, visitor)


def leave_hold(scene: Scene, enrollment: Enrollment) -> None:
    """The visitor is no longer held; the caller moves them on."""
    enrollment.status, enrollment.wake_at = "active", None
    scene.count(enrollment, enrollment.node_id, "waiting", -1)
    scene.count(enrollment, "", "waiting", -1)


def finish(
    scene: Scene,
    visitor: Visitor,
    status: str,
    reason: dict[str, Any],
    *,
    counted: bool = True,
    noted: bool = True,
) -> None:
    """End the enrollment. `counted` False: it was armed only, so it is not among those who entered."""
    enrollment = visitor.enrollment
    if noted:
        note(visitor, None, reason)
    if enrollment.status == "waiting":
        leave_hold(scene, enrollment)
    elif enrollment.status == "armed" and counted:
        counted = False
        scene.count(enrollment, "", "armed", -1)
        scene.count(enrollment, "", "cancelled")
    enrollment.status, enrollment.ended_at, enrollment.wake_at = status, scene.now, None
    enrollment.end_reason = f"{reason['why']}: {reason['event']}" if "event" in reason else reason["why"]
    if counted:
        scene.count(enrollment, "", status)
    record(scene, visitor)


def fail(scene: Scene, visitor: Visitor, detail: str) -> None:
    """The visitor cannot go on; someone can read why."""
    scene.count(visitor.enrollment, visitor.enrollment.node_id, "failed")
    finish(scene, visitor, "failed", {"why": "failed", "detail": detail[:500]})


def note(visitor: Visitor, exit: str | None, reason: dict[str, Any]) -> None:
    """Write on the visitor's path that they were at this node."""
    enrollment = visitor.enrollment
    enrollment.visits += 1
    visitor.path.append({"n": enrollment.visits, "node": enrollment.node_id, "exit": exit, "reason": reason})


def record(scene: Scene, visitor: Visitor) -> None:
    """The path is complete: it is written as one row."""
    scene.touch(visitor.enrollment)
    first = visitor.path[0]["n"] if visitor.path else visitor.enrollment.visits + 1
    scene.paths.append(PathRow(visitor.enrollment, first, visitor.cause, visitor.path))
    visitor.path = []


def _send(scene: Scene, node: Node, decision: Decision) -> Decision | None:
    """Queue the message if it may go; what the visitor does next follows from that. None: the exit rule ended it."""
    visitor, enrollment, draft = decision.visitor, decision.visitor.enrollment, decision.draft
    verdict = may_send(scene, node, visitor, draft)
    if verdict.leaves is not None:
        finish(scene, visitor, "exited", verdict.leaves)
        return None
    if verdict.stopped_by:
        scene.count(enrollment, node.id, f"skipped:{verdict.stopped_by}")
        exit = "skipped" if visitor.graph.wired(node.id, "skipped") else "next"
        reason = {"why": "skipped", "check": verdict.stopped_by, "detail": verdict.detail, **verdict.read}
        return go(visitor, exit, reason)
    visit = enrollment.visits + 1
    message = Message(
        id=message_id(enrollment.id, node.id, visit, draft.channel),
        workspace_id=enrollment.workspace_id,
        shard=enrollment.shard,
        customer_id=enrollment.customer_id,
        enrollment_id=enrollment.id,
        journey_id=enrollment.journey_id,
        version_id=enrollment.version_id,
        node_id=node.id,
        visit=visit,
        channel=draft.channel,
        account_id=verdict.account.id,
        address=verdict.address,
        message_class=draft.message_class,
        queued_at=scene.now,
        checks=verdict.checks,
        status="suppressed" if verdict.held_out else "queued",
        reason="holdout" if verdict.held_out else "",
    )
    scene.queue(message)
    if verdict.held_out:
        scene.count(enrollment, node.id, "message:held_out")
        return go(visitor, "next", {"why": "held out", "message_id": str(message.id), "scope": verdict.held_out})
    scene.count(enrollment, node.id, "message:queued")
    reason = {"why": "sent", "message_id": str(message.id)}
    if decision.until is not None:
        return hold(visitor, decision.until, {**reason, "until": decision.until.isoformat()})
    return go(visitor, "next", reason)
