"""Approval: hold each customer until a person of the shop releases or refuses them, in the editor or by the API."""

from journey_engine.model.decision import Ask, go, hold
from journey_engine.model.duration import Duration
from journey_engine.model.internal import APPROVED, REFUSED, answers
from journey_engine.nodes.base import Exit, Node
from journey_engine.setting import setting
from journey_engine.text import Text


class Approval(Node):
    kind, icon, shelf, holds = "approval", "user-check", "actions", True
    title = Text("Approval", "人工审批")
    help = Text(
        "Holds each customer until a colleague releases or refuses them on the page Approvals.",
        "客户停留在此，直到同事在“审批”页面放行或拒绝。",
    )
    sentence = Text("Approval: {question}[, at most {timeout}]", "审批：{question}[，最长 {timeout}]")
    exits = (
        Exit("released", Text("released", "放行"), "yes"),
        Exit("refused", Text("refused", "拒绝"), "no"),
        Exit("timeout", Text("timeout", "超时"), "timeout", when="timeout"),
    )

    question: str = setting("text", "Question", "问题", required=True)
    details: str = setting(
        "template",
        "Details",
        "说明",
        default="",
        max_length=2_000,
        help=Text(
            "What the colleague should know, such as {{ customer.name }} or {{ event.value }}.",
            "同事需要了解的信息，例如 {{ customer.name }}、{{ event.value }}。",
        ),
    )
    timeout: Duration = setting("duration", "At most", "最长等待", help=Text("Empty: no limit.", "留空则不限时。"))

    def endless(self):
        return self.timeout is None

    def hears(self):
        return frozenset((APPROVED, REFUSED))

    def templates(self):
        return {"details": self.details}

    def visit(self, visitors, now):
        until = now + self.timeout.span if self.timeout else None
        reason = {"why": "approval", "question": self.question, "until": until and until.isoformat()}
        return [hold(visitor, until, reason, effects=[Ask(until)]) for visitor in visitors]

    def resume(self, visitors, now):
        return [go(visitor, "timeout", {"why": "timeout"}) for visitor in visitors]

    def hear(self, visitor, event, now):
        if not answers(event, visitor.enrollment):
            return None
        released = event.name == APPROVED
        told = {name: event.properties[name] for name in ("by", "note") if event.properties.get(name)}
        reason = {"why": "approved" if released else "refused", **told, "event_id": str(event.id)}
        return go(visitor, "released" if released else "refused", reason)
