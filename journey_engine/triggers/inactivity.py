"""Inactivity: the journey starts when the customer's last event of these kinds becomes older than some days.

Only who did it at least once can become inactive. A customer who was active again in the meantime does not enter.
"""

from datetime import timedelta

from journey_engine.model.internal import INACTIVE
from journey_engine.model.needs import Needs
from journey_engine.setting import setting
from journey_engine.text import Text
from journey_engine.triggers.base import FIRE, REFUSE, Dues, Internal, Match, Passing


class Inactivity(Internal):
    kind, icon = "inactivity", "moon"
    title = Text("Inactivity", "客户沉默")
    help = Text(
        "Starts when the last of these events becomes older than so many days. Customers who never did it stay out.",
        "当客户最近一次该事件距今超过指定天数时进入旅程；从未发生过该事件的客户不会进入。",
    )
    sentence = Text("No {events} for {days} days", "{days} 天没有 {events}")
    hears_of = INACTIVE
    extends = True

    events: tuple = setting("event_names", "None of", "没有发生", required=True)
    days: int = setting(
        "number",
        "For days",
        "天数",
        required=True,
        default=90,
        min=1,
        max=730,
        help=Text("A day is 24 hours, counted from the last event.", "一天为 24 小时，从最近一次事件起算。"),
    )

    @property
    def span(self):
        return timedelta(days=self.days)

    def needs(self):
        return Needs(activity=set(self.events))

    def rereads(self):
        return frozenset(self.events)

    def dues(self, customer, event, now):
        """The clock starts anew with each event, unless it is told so late that it has run out already."""
        due = event.occurred_at + self.span
        if event.occurred_at < self._last_at(customer) or due <= event.received_at:
            return None
        return Dues({"": due})

    def pass_at(self, after, since, home, place=""):
        """Once, when it begins to count: those who are active already."""
        return None if place else (since, "all")

    def passing(self):
        return Passing(names=frozenset(self.events))

    def timing(self):
        return f"{sorted(self.events)} {self.days}"

    def first_dues(self, customer, since, place):
        last_at = self._last_at(customer)
        return {"": last_at + self.span} if last_at and last_at + self.span > since else {}

    def meet(self, customer, event, now):
        last_at = self._last_at(customer)
        read = {"last_at": last_at.isoformat() if last_at else None, "days": self.days}
        if last_at is None or last_at + self.span > event.occurred_at:
            return Match(customer, event, REFUSE, reason={"why": "active again", **read})
        reason = {"why": "inactive", "events": list(self.events), **read}
        return Match(customer, event, FIRE, "", event.occurred_at, reason, {"last_at": read["last_at"]})

    def _last_at(self, customer):
        return max((customer.activity[name].last_at for name in self.events if name in customer.activity), default=None)
