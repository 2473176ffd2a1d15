"""Event: the journey starts when something happens."""

from journey_engine.model.needs import Needs
from journey_engine.setting import setting
from journey_engine.text import Text
from journey_engine.triggers.base import FIRE, REFUSE, Match, Trigger


class EventTrigger(Trigger):
    kind, icon = "event", "zap"
    title = Text("Event", "事件触发")
    help = Text("Starts when a customer does this.", "客户发生该事件时进入旅程。")
    sentence = Text("When {event} happens", "当发生 {event}")

    event: str = setting("event_name", "Event", "事件", required=True)
    nth: int = setting(
        "number",
        "Only the Nth time",
        "仅第 N 次",
        min=1,
        max=1_000_000,
        help=Text("1: only the first time ever. Empty: every time.", "1 表示仅首次；留空表示每次。"),
    )

    def needs(self):
        return Needs(activity={self.event} if self.nth is not None else set())

    def watches(self):
        return frozenset((self.event,))

    def match(self, arrivals, now):
        return [self._match(customer, event) for customer, event in arrivals]

    def _match(self, customer, event):
        admitted = self.admit(customer, event)
        if isinstance(admitted, Match):
            return admitted
        if self.nth is not None and customer.activity[event.name].count != self.nth:
            return Match(customer, event, REFUSE, reason={"why": "nth", "count": customer.activity[event.name].count})
        return Match(customer, event, FIRE, admitted, event.counts_from, {"why": "event", "event": event.name})
