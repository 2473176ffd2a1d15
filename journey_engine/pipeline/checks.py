"""May we send? The checks of a send, in order; the first that says no names the reason, and all are recorded.

That the journey is live and the enrollment too is what brought the visitor here; exit events have been heard before the
node was reached. A stopped account stops nobody here: its messages wait in their lane until it is opened again. What
can change between queueing and leaving is checked again when the message is claimed.
"""

from dataclasses import dataclass, field
from typing import Any

from journey_engine.errors import Invalid
from journey_engine.identity import normalise
from journey_engine.model.decision import Draft
from journey_engine.model.visitor import Visitor
from journey_engine.nodes.base import Node
from journey_engine.pipeline.routes import Account
from journey_engine.pipeline.scene import Scene

ADDRESS_KINDS = {"sms": "phone", "email": "email"}
"""The identity that a channel reaches; a channel without one takes its address from the node."""


@dataclass(slots=True)
class Verdict:
    """What the checks came to: an address and an account, or the check that stopped it."""

    checks: list[dict[str, Any]] = field(default_factory=list)
    stopped_by: str = ""
    detail: str = ""
    address: str = ""
    account: Account | None = None

    def passes(self, check: str, ok: bool, detail: str = "") -> bool:
        self.checks.append(
            {"check": check, "verdict": "pass" if ok else "stop", **({"detail": detail} if detail else {})}
        )
        if not ok:
            self.stopped_by, self.detail = check, detail
        return ok


def prepare(scene: Scene, node: Node, visitors: list[Visitor]) -> None:
    """Fetch addresses and refusals of the whole party at once."""
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


def may_send(scene: Scene, node: Node, visitor: Visitor, draft: Draft) -> Verdict:
    """Run the checks for one visitor."""
    verdict = Verdict()
    address, withdrawn = visitor.customer.reach[draft.channel]
    address = _address(node, visitor, draft.channel, address)
    account = scene.routes.account_for(visitor.enrollment.workspace_id, draft.channel, draft.account)
    verdict.passes("journey", True)
    if not verdict.passes("address", bool(address), "" if address else ADDRESS_KINDS.get(draft.channel, "url")):
        return verdict
    if draft.message_class == "marketing" and not verdict.passes("consent", not withdrawn):
        return verdict
    if not verdict.passes("account", account is not None, draft.account):
        return verdict
    verdict.address, verdict.account = address, account
    return verdict


def _address(node: Node, visitor: Visitor, channel: str, identity: str) -> str:
    """The identity, else the attribute of the same name when it reads as one; a webhook goes where the node says."""
    kind = ADDRESS_KINDS.get(channel)
    if kind is None:
        return getattr(node, "url", "")
    if identity:
        return identity
    try:
        return normalise(kind, visitor.attributes.get(kind))
    except Invalid:
        return ""
