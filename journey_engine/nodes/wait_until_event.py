"""Wait until an event: hold each customer until one of several events happens, or until a maximum has passed."""

from journey_engine.model.comparison import all_hold, look_up
from journey_engine.model.decision import go, hold
from journey_engine.model.duration import Duration
from journey_engine.nodes.base import Each, Exit, Node
from journey_engine.setting import Settings, setting
from journey_engine.text import Text


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
    where: tuple = setting("filters", "Only when", "仅当", default=[])


class WaitUntilEvent(Node):
    kind, icon, shelf, holds = "wait_until_event", "bell-ring", "timing", True
    recounts = True
    title = Text("Wait until an event", "等待事件")
    help = Text(
        "Holds each customer until one of these events happens. The first one decides the exit; after the maximum they "
        "leave by “timeout”.",
        "客户停留到其中一个事件发生为止，先发生的事件决定出口；超过最长时间则从“超时”离开。",
    )
    sentence = Text("Wait until {events}, at most {timeout}", "等到 {events}，最长 {timeout}")
    exits = (Each("events", "yes"), Exit("timeout", Text("timeout", "超时"), "timeout"))

    events: tuple = setting("list", "Events", "事件", required=True, min=1, items=AwaitedEvent)
    timeout: Duration = setting("duration", "At most", "最长等待", default={"amount": 1, "unit": "days"})

    def hears(self):
        return frozenset(awaited.event for awaited in self.events)

    def visit(self, visitors, now):
        until = now + self.timeout.span
        reason = {"why": "wait", "until": until.isoformat(), "events": sorted(self.hears())}
        return [hold(visitor, until, reason) for visitor in visitors]

    def resume(self, visitors, now):
        return [go(visitor, "timeout", {"why": "timeout"}) for visitor in visitors]

    def hear(self, visitor, event, now):
        for awaited in self.events:
            if awaited.event != event.name or not all_hold(awaited.where, event.properties):
                continue
            if awaited.same_key and not self._same_key(visitor, event):
                continue
            return go(visitor, awaited.id, {"why": "event", "event": event.name, "event_id": str(event.id)})
        return None

    @staticmethod
    def _same_key(visitor, event):
        key = visitor.enrollment.context.get("key")
        return not key or str(look_up(event.properties, key)) == visitor.enrollment.key
