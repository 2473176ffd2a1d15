"""Wait until a time: hold each customer until the clock on their wall, or on another, says so."""

from datetime import date, timedelta

from journey_engine.model.decision import go
from journey_engine.model.moment import Clock, Weekdays, days_later, next_time
from journey_engine.model.zone import at
from journey_engine.nodes.waiting import ZonedWaiting, hold_until
from journey_engine.setting import setting
from journey_engine.text import Text

NEXT_TIME, DAYS, WEEKDAYS, DATE = "next", "days", "weekdays", "date"


class WaitUntilTime(ZonedWaiting):
    kind, icon = "wait_until_time", "clock"
    title = Text("Wait until a time", "等到某个时间")
    help = Text(
        "Holds each customer until a time of day: the next one, some days later, on the next of certain weekdays, or "
        "on a fixed date. A fixed date that has passed holds nobody.",
        "让客户停留到某个时刻：下一次到点、若干天后、指定的星期几，或固定日期。固定日期已过则不停留。",
    )
    sentence = Text("Wait until {time}", "等到 {time}")
    sentences = (
        "when",
        {
            NEXT_TIME: Text("Wait until {time}", "等到 {time}"),
            DAYS: Text("Wait until {time}, {days} days later", "等到 {days} 天后的 {time}"),
            WEEKDAYS: Text("Wait until {weekdays}, {time}", "等到{weekdays} {time}"),
            DATE: Text("Wait until {day}, {time}", "等到 {day} {time}"),
        },
    )

    when: str = setting(
        "choice",
        "Until",
        "等到",
        default=NEXT_TIME,
        choices={
            NEXT_TIME: Text("the next time it is", "下一次到点"),
            DAYS: Text("some days later at", "若干天后的"),
            WEEKDAYS: Text("the next of these weekdays at", "指定的星期几"),
            DATE: Text("this date at", "固定日期"),
        },
    )
    days: int = setting("number", "Days later", "天数", default=1, min=1, max=730, only_when={"when": (DAYS,)})
    weekdays: Weekdays = setting("weekdays", "Weekdays", "星期", required=True, only_when={"when": (WEEKDAYS,)})
    day: date = setting("date", "Date", "日期", required=True, only_when={"when": (DATE,)})
    time: Clock = setting("time", "At", "时刻", default="09:00")

    def shortest(self):
        return timedelta(days=self.days - 1) if self.when == DAYS else timedelta()

    def plan(self, visitor, since):
        zone = self.zone_for(visitor)
        if self.when == DATE:
            return self._on_date(visitor, since, zone)
        if self.when == DAYS:
            return hold_until(visitor, days_later(since, self.days, zone, self.time), zone)
        weekdays = {"weekdays": self.weekdays} if self.when == WEEKDAYS else {}
        return hold_until(visitor, next_time(since, self.time, zone, **weekdays), zone)

    def _on_date(self, visitor, since, zone):
        wall = self.time.on(self.day)
        if at(wall, zone) <= since:
            return go(
                visitor, "next", {"why": "already past", "wall": wall.isoformat(" ", "minutes"), "zone": zone.key}
            )
        return hold_until(visitor, wall, zone)
