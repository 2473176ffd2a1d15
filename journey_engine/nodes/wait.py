"""Wait: hold each customer for a while, then let them go on."""

from datetime import timedelta

from journey_engine.model.decision import hold
from journey_engine.model.duration import Duration
from journey_engine.model.moment import days_later
from journey_engine.nodes.waiting import Waiting, hold_until
from journey_engine.setting import setting
from journey_engine.text import Text


class Wait(Waiting):
    kind, icon = "wait", "hourglass"
    title = Text("Wait", "等待")
    help = Text(
        "Holds each customer for this long, counted from when they arrive. A day is 24 hours, unless calendar days are "
        "asked for.",
        "每位客户到达后停留这么久再继续。一天按 24 小时计算，除非选择按日历日计算。",
    )
    sentence = Text("Wait {duration}", "等待 {duration}")

    duration: Duration = setting("duration", "Wait for", "等待时长", default={"amount": 1, "unit": "days"})
    calendar: bool = setting(
        "boolean",
        "Calendar days",
        "按日历日",
        default=False,
        help=Text(
            "Days by the customer's calendar: so many dates later at the same local time, also over a change of the "
            "clocks.",
            "按客户当地日历计算：若干天后的同一时刻，夏令时切换也不影响。",
        ),
    )

    def problems(self):
        if self.calendar and self.duration.unit != "days":
            return [Text("calendar days are counted in days", "按日历日等待时，单位须为天")]
        return []

    def shortest(self):
        return self.duration.span - timedelta(hours=1) if self.calendar else self.duration.span

    def local(self):
        return self.calendar

    def plan(self, visitor, since):
        if self.calendar:
            zone = visitor.zone
            return hold_until(visitor, days_later(since, self.duration.amount, zone), zone)
        until = since + self.duration.span
        return hold(visitor, until, {"why": "wait", "until": until.isoformat()})
