"""Absence: the journey starts when something happened and something else did not follow in time.

The first event arms a clock; one of the others with the same key stops it; otherwise it runs out and the customer
enters. The clock counts from when the event happened, so a turn that comes late finds the same customers.
"""

from journey_engine.model.duration import Duration
from journey_engine.setting import setting
from journey_engine.text import Text
from journey_engine.triggers.base import ARM, CANCEL, Match, Trigger


class Absence(Trigger):
    kind, icon = "absence", "alarm-clock-off"
    title = Text("Something did not follow", "未发生后续事件")
    help = Text(
        "Starts when the first event happened and none of the others followed within the time, with the same key.",
        "第一个事件发生后，在规定时间内没有发生后续事件（键相同）时，客户进入旅程。",
    )
    sentence = Text("{event}, then no {not_events} within {within}", "{event} 之后 {within} 内没有 {not_events}")

    event: str = setting("event_name", "After", "发生", required=True)
    not_events: tuple = setting("event_names", "And then not", "之后没有发生", required=True)
    within: Duration = setting("duration", "Within", "时间", default={"amount": 2, "unit": "hours"})
    restart: bool = setting(
        "boolean",
        "A new event restarts the clock",
        "新的事件重新计时",
        default=True,
        help=Text("Off: the first event's clock runs on.", "关闭则以第一次事件的计时为准。"),
    )

    def watches(self):
        return frozenset((self.event, *self.not_events))

    def problems(self):
        if self.event in self.not_events:
            return [Text("the event that starts the clock cannot also stop it", "启动计时的事件不能同时停止计时")]
        return []

    def match(self, arrivals, now):
        matches = [self._match(customer, event) for customer, event in arrivals]
        return [match for match in matches if match is not None]

    def _match(self, customer, event):
        if event.name != self.event:
            key = self.key_of(event)
            return None if key is None else Match(customer, event, CANCEL, key, event.occurred_at)
        admitted = self.admit(customer, event)
        if isinstance(admitted, Match):
            return admitted
        return Match(customer, event, ARM, admitted, event.occurred_at + self.within.span, self._reason(event))

    def _reason(self, event):
        return {
            "why": "absence",
            "event": event.name,
            "not_events": list(self.not_events),
            "armed_at": event.occurred_at.isoformat(),
        }
