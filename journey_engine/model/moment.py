"""Moments: times of day, days of the week and stored dates, and the instants they come to in a zone."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from journey_engine.model.values import INSTANT
from journey_engine.model.zone import at, local
from journey_engine.text import Text, Unfit

DAYS = {
    "mon": Text("Mon", "周一"),
    "tue": Text("Tue", "周二"),
    "wed": Text("Wed", "周三"),
    "thu": Text("Thu", "周四"),
    "fri": Text("Fri", "周五"),
    "sat": Text("Sat", "周六"),
    "sun": Text("Sun", "周日"),
}
"""In the order in which `date.weekday` counts them."""

CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")
DAY_MINUTES = 24 * 60
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""A date outside of these is a mistake in the data, and adding a span to it could leave the calendar."""

LONGEST_SEARCH_DAYS = 400
"""A window that stays closed for longer, a year of holidays, is as good as never open."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day; 24:00 is the end of it."""

    minutes: int

    def on(self, day: date) -> datetime:
        """That time of a day, on the wall."""
        return datetime.combine(day, time()) + timedelta(minutes=self.minutes)

    def summary(self) -> Text:
        said = f"{self.minutes // 60:02}:{self.minutes % 60:02}"
        return Text(said, said)

    @classmethod
    def parse(cls, raw: Any) -> "Clock":
        """Read ``"07:30"``; raises ValueError with the reason."""
        found = CLOCK.fullmatch(raw) if isinstance(raw, str) else None
        minutes = int(found[1]) * 60 + int(found[2]) if found else DAY_MINUTES + 1
        if minutes > DAY_MINUTES:
            raise Unfit("a time is hours and minutes, such as 07:30", "时刻写作 时:分，例如 07:30")
        return cls(minutes)


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Some days of the week, as `date.weekday` counts them."""

    days: frozenset[int]

    def __contains__(self, day: date) -> bool:
        return day.weekday() in self.days

    def summary(self) -> Text:
        if len(self.days) == len(DAYS):
            return Text("any day", "每天")
        names = [name for n, name in enumerate(DAYS.values()) if n in self.days]
        return Text(", ".join(name.en for name in names), "、".join(name.zh for name in names))

    @classmethod
    def parse(cls, raw: Any) -> "Weekdays":
        """Read ``["mon", "tue"]``; raises ValueError with the reason."""
        if not isinstance(raw, list) or not raw or not all(isinstance(one, str) and one in DAYS for one in raw):
            raise Unfit(f"choose at least one of {', '.join(DAYS)}", "至少选择一个星期几")
        order = list(DAYS)
        return cls(frozenset(order.index(one) for one in raw))


ANY_DAY = Weekdays(frozenset(range(len(DAYS))))


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of some weekdays. One that ends before it begins lasts over midnight and belongs to the day it begins."""

    weekdays: Weekdays
    start: Clock
    end: Clock

    def span(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The instants between which it is open when it opens on this day; the same twice when the night in which the
        clocks go forward has swallowed it."""
        closing_day = day if self.end.minutes > self.start.minutes else day + timedelta(days=1)
        return at(self.start.on(day), zone), at(self.end.on(closing_day), zone)

    def opens(self, now: datetime, zone: ZoneInfo, closed: Collection[date] = ()) -> datetime:
        """The instant at which it is open next: `now` when it is open; raises ValueError when that is too far away."""
        today = local(now, zone).date()
        for ahead in range(-1, LONGEST_SEARCH_DAYS):
            day = today + timedelta(days=ahead)
            if day in closed or day not in self.weekdays:
                continue
            opening, closing = self.span(day, zone)
            if now < closing and opening < closing:
                return max(now, opening)
        raise ValueError(f"the window does not open within {LONGEST_SEARCH_DAYS} days; look at the holidays")


def next_time(now: datetime, clock: Clock, zone: ZoneInfo, weekdays: Weekdays = ANY_DAY) -> datetime:
    """The wall time at which the clock next says this on one of the weekdays; never now."""
    day = local(now, zone).date()
    while day not in weekdays or at(clock.on(day), zone) <= now:
        day += timedelta(days=1)
    return clock.on(day)


def days_later(now: datetime, days: int, zone: ZoneInfo, clock: Clock | None = None) -> datetime:
    """The wall time so many local dates later, at the same time of day or at another."""
    wall = local(now, zone) + timedelta(days=days)
    return wall if clock is None else clock.on(wall.date())


def read_date(value: Any, zone: ZoneInfo) -> datetime | None:
    """A stored date as an instant: a day is its beginning in the zone, a time without an offset is one in the zone, a
    number counts seconds (or milliseconds) since 1970. None when it is no date."""
    try:
        if isinstance(value, str):
            if not INSTANT.fullmatch(value.strip()):
                return None
            said = datetime.fromisoformat(value.strip())
            instant = said.astimezone(UTC) if said.tzinfo else at(said, zone)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            instant = datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return instant if EARLIEST <= instant <= LATEST else None
