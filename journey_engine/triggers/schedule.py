"""Schedule: the journey starts for an audience at a time: once, or again and again by a cron expression.

Times are on the wall, in one zone or in each customer's own. One that the clocks swallow when they go forward is the
first instant after; one that exists twice when they go back is the first of the two, and comes once. What was missed
while nothing ran is made up for once.
"""

from datetime import UTC, date, datetime, time, timedelta

from croniter import CroniterError, croniter

from journey_engine.model.internal import SCHEDULED
from journey_engine.model.needs import Needs
from journey_engine.model.rule import Rule
from journey_engine.model.zone import at, local, named_zone, zone_of
from journey_engine.setting import setting
from journey_engine.text import Text
from journey_engine.triggers.base import FIRE, Internal, Match, Passing

ONCE, CRON = "once", "cron"
WORKSPACE, NAMED, OWN = "workspace", "named", "own"
FIRST_ZONE, LAST_ZONE = timedelta(hours=14), timedelta(hours=12)
"""How far ahead of UTC the first zone of the world is, and how far behind it the last."""

LONG_AGO = timedelta(days=3)
"""What was missed before is not even looked at, unless it is the last."""

OVERLAP = timedelta(hours=3)
"""Clocks go back by less than this."""


class Schedule(Internal):
    kind, icon = "schedule", "calendar-clock"
    title = Text("Schedule", "定时")
    help = Text(
        "Starts for everybody in the audience at a time you set: once, or again and again.",
        "在设定的时间让目标客户进入旅程：一次或周期性。",
    )
    sentence = Text("At {cron}", "按 {cron}")
    sentences = ("mode", {ONCE: Text("On {at}", "在 {at}"), CRON: Text("At {cron}", "按 {cron}")})
    hears_of = SCHEDULED

    mode: str = setting(
        "choice",
        "How often",
        "频率",
        default=ONCE,
        choices={ONCE: Text("once", "一次"), CRON: Text("again and again", "周期")},
    )
    at: datetime = setting("datetime", "At", "时间", required=True, only_when={"mode": (ONCE,)})
    cron: str = setting(
        "cron",
        "When",
        "周期",
        required=True,
        only_when={"mode": (CRON,)},
        help=Text(
            "Minute, hour, day, month, weekday: “0 10 * * 1” is Mondays at 10:00.",
            "分 时 日 月 星期：“0 10 * * 1”表示每周一 10:00。",
        ),
    )
    times: str = setting(
        "choice",
        "Times are in",
        "时间按",
        default=WORKSPACE,
        choices={
            WORKSPACE: Text("the workspace's zone", "工作区时区"),
            OWN: Text("each customer's own zone", "客户各自的时区"),
            NAMED: Text("a zone I name", "指定时区"),
        },
    )
    zone: str = setting("zone", "Zone", "时区", required=True, only_when={"times": (NAMED,)})
    audience: Rule = setting(
        "rule",
        "For whom",
        "目标客户",
        about="customer",
        help=Text("Empty: all customers.", "留空表示全部客户。"),
    )
    start: date = setting("date", "Not before", "开始日期", only_when={"mode": (CRON,)})
    end: date = setting("date", "Not after", "结束日期", only_when={"mode": (CRON,)})

    def problems(self):
        found = []
        if self.mode == CRON and self.start and self.end and self.end < self.start:
            found.append(Text("the end is before the start", "结束日期早于开始日期"))
        elif self.mode == CRON and self.cron and self.end and self._next(self._first()) is None:
            found.append(Text("no time fits between start and end", "开始与结束日期之间没有符合的时间"))
        return found

    def needs(self):
        needs = Needs(zone=self.times == OWN)
        return needs if self.audience is None else needs.of_rule(self.audience)

    def passing(self):
        return Passing(audience=self.audience)

    def timing(self):
        when = self.at if self.mode == ONCE else (self.cron, self.start, self.end)
        return f"{self.mode} {when} {self.times} {self.zone}"

    def pass_at(self, after, since, home, place=""):
        """The next time that has not wholly passed; of several that were missed the last one."""
        wall = self._next(datetime.fromisoformat(place)) if place else self._coming(since, home)
        missed = after.astimezone(UTC).replace(tzinfo=None) - LONG_AGO
        if wall is not None and wall < missed:
            wall = self._next(missed) or wall
        while wall is not None and (following := self._next(wall)) and self._begins(following, home) <= after:
            wall = following
        return None if wall is None else (self._begins(wall, home), wall.isoformat())

    def first_dues(self, customer, since, place):
        wall = datetime.fromisoformat(place)
        zone = zone_of(customer.attributes, customer.calendar.zone, customer.phone or "")
        instant = at(wall, zone if self.times == OWN else self._zone(customer.calendar.zone))
        return {place: instant} if instant > since else {}

    def meet(self, customer, event, now):
        wall = event.properties.get("key", "")
        return Match(customer, event, FIRE, "", event.occurred_at, {"why": "schedule", "time": wall}, {"time": wall})

    def _coming(self, since, home):
        """The first time that comes for anybody after an instant."""
        if self.times == OWN:
            return self._next(max(since.astimezone(UTC).replace(tzinfo=None) - LAST_ZONE, self._first()))
        zone = self._zone(home)
        wall = self._next(max(local(since, zone) - OVERLAP, self._first()))
        while wall is not None and at(wall, zone) <= since:
            wall = self._next(wall)
        return wall

    def _first(self):
        return datetime.combine(self.start, time()) - timedelta(minutes=1) if self.start else datetime(1990, 1, 1)

    def _next(self, wall):
        """The next time on the wall; None when there is none any more."""
        if self.mode == ONCE:
            return self.at if self.at > wall else None
        try:
            found = croniter(self.cron, wall).get_next(datetime)
        except CroniterError:
            return None
        return None if self.end and found.date() > self.end else found

    def _begins(self, wall, home):
        """When it comes for the first customers."""
        return wall.replace(tzinfo=UTC) - FIRST_ZONE if self.times == OWN else at(wall, self._zone(home))

    def _zone(self, home):
        return named_zone(self.zone if self.times == NAMED else home) or named_zone("UTC")
