"""Wait until a rule is true: hold each customer until a rule holds, or until a maximum has passed.

The rule is judged when they arrive, when something it reads has changed, and when time alone may turn it.
"""

from datetime import datetime, timedelta
from functools import cached_property

from journey_engine.model.decision import Decision, go, hold
from journey_engine.model.duration import Duration
from journey_engine.model.internal import MESSAGE, SEGMENT_JOINED, SEGMENT_LEFT
from journey_engine.model.needs import Needs
from journey_engine.model.rule import Rule
from journey_engine.model.visitor import Visitor
from journey_engine.nodes.base import Exit, Node
from journey_engine.nodes.waiting import ATTRIBUTES_CHANGED, unless_same
from journey_engine.setting import setting
from journey_engine.text import Text

LOOK_AGAIN = timedelta(hours=1)
"""Consents and other journeys change without an event that this journey would hear."""


class WaitUntilRule(Node):
    kind, icon, shelf, holds, recounts = "wait_until_rule", "list-checks", "timing", True, True
    title = Text("Wait until a rule is true", "等到规则成立")
    help = Text(
        "Holds each customer until the rule holds for them; who arrives while it does goes on at once. After the "
        "maximum they leave by “timeout”.",
        "客户停留到规则成立为止；到达时已成立则立即继续。超过最长时间从“超时”离开。",
    )
    sentence = Text("Wait until {rule}[, at most {timeout}]", "等到 {rule}[，最长 {timeout}]")
    exits = (
        Exit("held", Text("it holds", "成立"), "yes"),
        Exit("timeout", Text("timeout", "超时"), "timeout", when="timeout"),
    )

    rule: Rule = setting("rule", "Until", "直到", required=True)
    timeout: Duration | None = setting(
        "duration",
        "At most",
        "最长等待",
        default={"amount": 7, "unit": "days"},
        optional=True,
        help=Text("Empty: for as long as it takes.", "留空则一直等待。"),
    )

    def endless(self):
        return self.timeout is None

    @cached_property
    def reads(self) -> Needs:
        """What the rule reads; asked for with every event of everybody who is held here."""
        return self.rule.needs()

    @cached_property
    def heard(self) -> frozenset[str]:
        names = set(self.reads.events)
        names |= ATTRIBUTES_CHANGED if self.reads.attributes else set()
        names |= {SEGMENT_JOINED, SEGMENT_LEFT} if self.reads.segments else set()
        names |= {MESSAGE} if self.reads.messages else set()
        return frozenset(names)

    def needs(self):
        return self.reads

    def hears(self):
        return self.heard

    def visit(self, visitors, now):
        return [self._judge(visitor, now, now) for visitor in visitors]

    def resume(self, visitors, now):
        return [self._judge(visitor, visitor.enrollment.held_since, now) for visitor in visitors]

    def hear(self, visitor, event, now):
        return unless_same(visitor, self._judge(visitor, visitor.enrollment.held_since, now))

    def _judge(self, visitor: Visitor, since: datetime, now: datetime) -> Decision:
        verdict = self.rule.judge(visitor, now)
        if verdict.held:
            return go(visitor, "held", verdict.reason())
        until = since + self.timeout.span if self.timeout else None
        if until is not None and until <= now:
            return go(visitor, "timeout", {**verdict.reason(), "why": "timeout"})
        again = self._again(visitor, until, now)
        told = {"until": until and until.isoformat(), "again": again and again.isoformat()}
        return hold(visitor, again, {"why": "wait", **told, "leaves": verdict.leaves})

    def _again(self, visitor: Visitor, until: datetime | None, now: datetime) -> datetime | None:
        """When to judge again although nothing is heard."""
        flip = self.rule.next_flip(visitor, now)
        unheard = now + LOOK_AGAIN if self.reads.consents or self.reads.journeys else None
        return min((at for at in (until, flip, unheard) if at is not None and at > now), default=None)
