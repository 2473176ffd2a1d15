"""Wait until a date of theirs: hold each customer until a date stored with them, or some time before or after it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from journey_engine.model.decision import go, hold
from journey_engine.model.duration import Duration
from journey_engine.model.moment import Clock, read_date
from journey_engine.model.needs import Needs
from journey_engine.model.source import Source
from journey_engine.model.values import MISSING, anniversary
from journey_engine.model.zone import at, local
from journey_engine.nodes.base import NEXT, Exit
from journey_engine.nodes.waiting import ATTRIBUTES_CHANGED, ZonedWaiting, unless_same
from journey_engine.setting import setting
from journey_engine.text import Text

ON, BEFORE, AFTER = "on", "before", "after"
READ_CHARS = 100


class WaitUntilDate(ZonedWaiting):
    kind, icon = "wait_until_date", "calendar"
    title = Text("Wait until a date of theirs", "等到客户的日期")
    help = Text(
        "Holds each customer until a date in their attributes, in the event that started it, or in what the journey "
        "remembers. A date without a time is the beginning of that day, or the time given here.",
        "停留到客户属性、触发事件或旅程变量中的某个日期。没有时刻的日期从当天零点算起，或使用这里填写的时刻。",
    )
    sentence = Text("Wait until {date}[, {time}]", "等到 {date}[ {time}]")
    sentences = (
        "shift",
        {
            ON: Text("Wait until {date}[, {time}]", "等到 {date}[ {time}]"),
            BEFORE: Text("Wait until {offset} before {date}[, {time}]", "等到 {date} 前 {offset}[ {time}]"),
            AFTER: Text("Wait until {offset} after {date}[, {time}]", "等到 {date} 后 {offset}[ {time}]"),
        },
    )
    exits = (
        NEXT,
        Exit("past", Text("already past", "日期已过"), "skipped"),
        Exit("no_date", Text("no date", "没有日期"), "no"),
    )

    date: Source = setting("source", "Date", "日期", required=True)
    shift: str = setting(
        "choice",
        "When",
        "时机",
        default=ON,
        choices={ON: Text("on it", "当时"), BEFORE: Text("before it", "之前"), AFTER: Text("after it", "之后")},
    )
    offset: Duration = setting("duration", "By", "提前/延后", required=True, only_when={"shift": (BEFORE, AFTER)})
    time: Clock = setting(
        "time", "At", "时刻", help=Text("Empty: the time of the date itself.", "留空则使用日期本身的时刻。")
    )
    yearly: bool = setting(
        "boolean",
        "Every year",
        "每年",
        default=False,
        help=Text("The next anniversary, such as a birthday.", "下一个周年日，例如生日。"),
    )

    def needs(self):
        own = {self.date.name, self.date.name.split(".")[0]} if self.date.noun == "attribute" else set()
        return super().needs().add(Needs(attributes=own))

    def hears(self):
        return ATTRIBUTES_CHANGED if self.local() or self.date.noun == "attribute" else frozenset()

    def hear(self, visitor, event, now):
        return unless_same(visitor, self.plan(visitor, now))

    def plan(self, visitor, since):
        zone, value = self.zone_for(visitor), self.date.read(visitor)
        found = None if value is MISSING else read_date(value, zone)
        read = {"date": None if value is MISSING else str(value)[:READ_CHARS]}
        if found is None:
            return go(visitor, "no_date", {"why": "no date", "name": self.date.name, **read})
        until = self._next(found, since, zone) if self.yearly else self._instant(found, zone)
        reason = {"until": until.isoformat(), "wall": local(until, zone).isoformat(" ", "seconds"), "zone": zone.key}
        if until < since:
            return go(visitor, "past", {"why": "already past", **reason, **read})
        return hold(visitor, until, {"why": "wait", **reason, **read})

    def _next(self, found: datetime, since: datetime, zone: ZoneInfo) -> datetime:
        """The first anniversary that is still to come."""
        wall, year = local(found, zone), local(since, zone).year
        days = (anniversary(wall.date(), year + n) for n in range(-3, 5))  # an offset is two years at most
        comings = (self._instant(at(datetime.combine(day, wall.time()), zone), zone) for day in days)
        return next(until for until in comings if until >= since)

    def _instant(self, found: datetime, zone: ZoneInfo) -> datetime:
        """The date moved by the offset and set to the time of day; days are moved on the calendar."""
        way = {ON: 0, BEFORE: -1, AFTER: 1}[self.shift]
        if way and self.offset.unit == "days":
            found = at(local(found, zone) + way * self.offset.span, zone)
        elif way:
            found += way * self.offset.span
        return found if self.time is None else at(self.time.on(local(found, zone).date()), zone)
