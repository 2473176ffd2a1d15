"""May we send? The checks of a send, in order; the first that says no names the reason, and all are recorded.

1 journey and node, 2 enrollment, 3 exit rule and goals, 4 customer filter, 5 node filter, 6 address, 7 consent,
8 holdout, 13 account. That journey, node and enrollment are live is what brought the visitor here; exit events and
goals were heard before the node was reached. Who is held out passes all other checks like everybody else, so that the
two groups stay comparable; then the message is recorded and not sent. A stopped account stops nobody here: its messages
wait in their lane until it is opened again. What can change between queueing and leaving is checked again when the
message is claimed.
"""

from dataclasses import dataclass, field
from typing import Any

from journey_engine.errors import Invalid
from journey_engine.identity import normalise
from journey_engine.model.decision import Draft
from journey_engine.model.needs import Needs
from journey_engine.model.rule import Rule, Verdict
from journey_engine.model.visitor import Visitor
from journey_engine.nodes.base import Node
from journey_engine.pipeline.routes import Account
from journey_engine.pipeline.scene import Scene

ADDRESS_KINDS = {"sms": "phone", "email": "email"}
"""The identity that a channel reaches; a channel without one takes its address from the node."""


@dataclass(slots=True)
class Answer:
    """What the checks came to: an address and an account, or the check that stopped it.

    `read` is what a filter read, `leaves` the reason when the exit rule ends the enrollment, `held_out` the scope of
    the holdout that keeps the message from being sent.
    """

    checks: list[dict[str, Any]] = field(default_factory=list)
    stopped_by: str = ""
    detail: str = ""
    read: dict[str, Any] = field(default_factory=dict)
    leaves: dict[str, Any] | None = None
    held_out: str = ""
    address: str = ""
    account: Account | None = None

    def passes(self, check: str, ok: bool, detail: str = "", **read: Any) -> bool:
        told = {"detail": detail} if detail else {}
        self.checks.append({"check": check, "verdict": "pass" if ok else "stop", **told, **read})
        if not ok:
            self.stopped_by, self.detail, self.read = check, detail, read
        return ok


def know(scene: Scene, visitors: list[Visitor], *rules: Rule | None) -> None:
    """Fetch what these rules read of all visitors at once."""
    needs = Needs()
    for rule in rules:
        if rule is not None:
            needs.of_rule(rule)
    scene.know(visitors, needs)


def left_by(verdict: Verdict) -> dict[str, Any]:
    """The reason of an end by the exit rule: the leaf that decided it, and all that was read."""
    leaf = next((one for one in reversed(verdict.leaves) if one["held"]), verdict.leaves[-1])
    return {"why": "exit_rule", "leaf": leaf, "leaves": verdict.leaves}


def prepare(scene: Scene, node: Node, visitors: list[Visitor]) -> None:
    """Fetch addresses, refusals and what the filters read, of the whole party at once."""
    settings = visitors[0].graph.settings
    if settings.exit_rule or settings.customer_filter or node.only_when:
        know(scene, visitors, settings.exit_rule, settings.customer_filter, node.only_when)
    channel = node.channel
    asking = [v.customer for v in visitors if channel not in v.customer.reach]
    if not asking:
        return
    ids = [customer.id for customer in asking]
    kind = ADDRESS_KINDS.get(channel)
    addresses = scene.world.addresses(ids, kind) if kind else {}
    withdrawn = scene.world.withdrawn(ids, channel)
    for customer in asking:
        said = {state for (where, _), state in customer.said.items() if where == channel}
        no = "withdrawn" in said or ("granted" not in said and customer.id in withdrawn)
        customer.reach[channel] = (addresses.get(customer.id, ""), no)


def may_send(scene: Scene, node: Node, visitor: Visitor, draft: Draft) -> Answer:
    """Run the checks for one visitor."""
    answer = Answer()
    answer.passes("journey", True)
    answer.passes("enrollment", True)
    if not _stays(scene, visitor, answer) or not _is_meant(scene, node, visitor, answer):
        return answer
    address, withdrawn = visitor.customer.reach[draft.channel]
    address = _address(node, visitor, draft, address)
    account = scene.routes.account_for(visitor.enrollment.workspace_id, draft.channel, draft.account)
    if not answer.passes("address", bool(address), "" if address else ADDRESS_KINDS.get(draft.channel, "url")):
        return answer
    if draft.message_class == "marketing" and not answer.passes("consent", not withdrawn):
        return answer
    if draft.message_class == "marketing":
        _hold_out(visitor, answer)
    if not answer.passes("account", account is not None, draft.account):
        return answer
    answer.address, answer.account = address, account
    return answer


def _stays(scene: Scene, visitor: Visitor, answer: Answer) -> bool:
    """The exit rule, judged as on the way here: who was held may have changed meanwhile."""
    settings = visitor.graph.settings
    if settings.exit_rule is not None:
        verdict = settings.exit_rule.judge(visitor, scene.now)
        if not answer.passes("exit_rule", not verdict.held):
            answer.leaves = left_by(verdict)
            return False
    if settings.goals:
        answer.passes("goal", True)
    return True


def _is_meant(scene: Scene, node: Node, visitor: Visitor, answer: Answer) -> bool:
    """The customer filter of the journey, then the filter of the node."""
    for check, rule in (("customer_filter", visitor.graph.settings.customer_filter), ("node_filter", node.only_when)):
        if rule is not None:
            verdict = rule.judge(visitor, scene.now)
            if not answer.passes(check, verdict.held, leaves=verdict.leaves):
                return False
    return True


def _hold_out(visitor: Visitor, answer: Answer) -> None:
    """Who is held out goes on as if the message were sent."""
    answer.held_out = visitor.enrollment.context.get("holdout", "")
    if answer.held_out:
        answer.checks.append({"check": "holdout", "verdict": "held out", "detail": answer.held_out})
    elif visitor.graph.settings.holdout.percent:
        answer.passes("holdout", True)


def _address(node: Node, visitor: Visitor, draft: Draft, identity: str) -> str:
    """The node's own address where it has one, else the identity, else the attribute of the same name when it reads
    as one."""
    if getattr(draft, "address", ""):
        return draft.address
    kind = ADDRESS_KINDS.get(draft.channel)
    if kind is None:
        return getattr(node, "url", "")
    if identity:
        return identity
    try:
        return normalise(kind, visitor.attributes.get(kind))
    except Invalid:
        return ""
