"""Wait until an event: hold each customer until one of several events happens, or until a maximum has passed."""

from collections.abc import Iterator
from datetime import datetime

from journey_engine.model.comparison import When, all_hold, look_up
from journey_engine.model.decision import Decision, Remember, go, hold
from journey_engine.model.duration import Duration
from journey_engine.model.event import Event
from journey_engine.model.needs import Needs
from journey_engine.model.rules.base import Scope
from journey_engine.model.visitor import Visitor
from journey_engine.nodes.base import Each, Exit, Node
from journey_engine.setting import Settings, setting
from journey_engine.text import Text

FIRST, HIGHEST = "first", "highest"


class AwaitedEvent(Settings):
    """One event that ends the wait by an exit of its own."""

    id: str = setting("text", "Exit id", "出口编号", required=True, max_length=32)
    name: str = setting("text", "Exit label", "出口名称", default="")
    event: str = setting("event_name", "Event", "事件", required=True)
    same_key: bool = setting(
        "boolean",
        "Only with the same key",
        "仅限相同的键",
        default=False,
        help=Text(
            "Counts only when the key property (cart, order, coupon …) has the value it had at entry.",
            "仅当键属性（购物车、订单、优惠券……）与进入时相同才算。",
        ),
    )
    where: tuple = setting(
        "filters",
        "Only when",
        "仅当",
        default=[],
        references=True,
        help=Text(
            "A property of this event may be compared with one of the event that started the journey, or with what the "
            "journey remembers.",
            "可以把该事件的属性与触发事件的属性或旅程变量进行比较。",
        ),
    )


class WaitUntilEvent(Node):
    kind, icon, shelf, holds, recounts = "wait_until_event", "bell-ring", "timing", True, True
    title = Text("Wait until an event", "等待事件")
    help = Text(
        "Holds each customer until one of these events happens. The first one decides the exit, or the highest of the "
        "list when the maximum has passed; without any they leave by “timeout”.",
        "客户停留到其中一个事件发生为止：由最先发生的事件决定出口，或在最长时间到时取列表中最靠前的一个；都没有发生则从“超时”离开。",
    )
    sentence = Text("Wait until {events}[, at most {timeout}]", "等到 {events}[，最长 {timeout}]")
    exits = (Each("events", "yes"), Exit("timeout", Text("timeout", "超时"), "timeout", when="timeout"))

    events: tuple = setting("list", "Events", "事件", required=True, min=1, items=AwaitedEvent)
    timeout: Duration | None = setting(
        "duration",
        "At most",
        "最长等待",
        default={"amount": 1, "unit": "days"},
        optional=True,
        help=Text("Empty: for as long as it takes.", "留空则一直等待。"),
    )
    takes: str = setting(
        "choice",
        "Takes",
        "取",
        default=FIRST,
        choices={
            FIRST: Text("the first to happen", "最先发生的"),
            HIGHEST: Text("at the end, the highest in the list", "到时取列表中最靠前的"),
        },
    )
    since: str = setting(
        "node",
        "Counts from",
        "起算节点",
        default="",
        help=Text(
            "An event that happened after this node was reached lets the customer go on at once. Empty: only events "
            "from now on.",
            "到达该节点之后已发生的事件会让客户立即继续；留空则只看之后发生的事件。",
        ),
    )

    def problems(self):
        if self.takes == HIGHEST and self.timeout is None:
            return [Text("the highest of several needs a maximum", "取最靠前的事件时必须填写最长等待时间")]
        return []

    def endless(self):
        return self.timeout is None

    def needs(self):
        return Needs(history=set(self.hears()), nodes={self.since}) if self.since else Needs()

    def hears(self):
        return frozenset(awaited.event for awaited in self.events)

    def visit(self, visitors, now):
        return [self._arrive(visitor, now) for visitor in visitors]

    def resume(self, visitors, now):
        decisions = []
        for visitor in visitors:
            heard = visitor.variables.get(self._heard())
            decisions.append(self._leave(visitor, heard) if heard else go(visitor, "timeout", {"why": "timeout"}))
        return decisions

    def hear(self, visitor, event, now):
        awaited = next((one for one in self.events if self._fits(one, visitor, event)), None)
        if awaited is None:
            return None
        told = {"exit": awaited.id, "event": event.name, "event_id": str(event.id)}
        if self.takes == FIRST or awaited is self.events[0]:
            return self._leave(visitor, told)
        heard = visitor.variables.get(self._heard())
        if heard and self._rank(heard["exit"]) <= self._rank(awaited.id):
            return None
        reason = {"why": "heard", **told}
        return hold(visitor, visitor.enrollment.wake_at, reason, [Remember({self._heard(): told})])

    def _arrive(self, visitor: Visitor, now: datetime) -> Decision:
        """Leave at once on what has happened since the named node, else stay."""
        happened = list(self._happened(visitor))
        best = min(happened, key=lambda told: self._rank(told["exit"]), default=None)
        chosen = best if self.takes == HIGHEST else next(iter(happened), None)
        if chosen and (self.takes == FIRST or chosen["exit"] == self.events[0].id):
            return self._leave(visitor, chosen)
        until = now + self.timeout.span if self.timeout else None
        reason = {"why": "wait", "until": until and until.isoformat(), "events": sorted(self.hears())}
        stale = self._heard() in visitor.variables and visitor.enrollment.held_since is None
        return hold(visitor, until, reason, [Remember({self._heard(): best})] if best or stale else ())

    def _happened(self, visitor: Visitor) -> Iterator[dict[str, str]]:
        """The awaited events since the named node, in the order in which they happened."""
        reached = visitor.reached_at(self.since) if self.since else None
        if reached is None:
            return
        events = sorted((e for name in self.hears() for e in visitor.events(name)), key=lambda e: e.occurred_at)
        for event in events:
            awaited = next((one for one in self.events if self._fits(one, visitor, event)), None)
            if awaited is not None and event.occurred_at > reached:
                yield {"exit": awaited.id, "event": event.name, "event_id": str(event.id)}

    def _leave(self, visitor: Visitor, told: dict[str, str]) -> Decision:
        forget = [Remember({self._heard(): None})] if self._heard() in visitor.variables else ()
        reason = {"why": "event", "event": told["event"], "event_id": told["event_id"]}
        return go(visitor, told["exit"], reason, effects=forget)

    def _heard(self) -> str:
        """The variable that keeps the highest event so far while the wait goes on."""
        return f"heard.{self.id}"

    def _rank(self, exit: str) -> int:
        return next((n for n, awaited in enumerate(self.events) if awaited.id == exit), len(self.events))

    @staticmethod
    def _fits(awaited: AwaitedEvent, visitor: Visitor, event: Event) -> bool:
        if awaited.event != event.name:
            return False
        key = visitor.enrollment.context.get("key") if awaited.same_key else None
        if key and str(look_up(event.properties, key)) != visitor.enrollment.key:
            return False
        if not awaited.where:
            return True
        scope = Scope(visitor, When(event.occurred_at, visitor.home_zone), [])
        return all_hold(awaited.where, event.properties, scope.when, scope.known)
