"""Time window: hold each customer until it is open, and let those pass who come while it is."""

from journey_engine.model.decision import go
from journey_engine.model.moment import DAY_MINUTES, DAYS, Clock, Weekdays, Window
from journey_engine.model.zone import local
from journey_engine.nodes.waiting import ZonedWaiting, hold_until, unless_same
from journey_engine.setting import setting
from journey_engine.text import Text


class TimeWindow(ZonedWaiting):
    kind, icon = "time_window", "calendar-clock"
    title = Text("Time window", "时间窗口")
    help = Text(
        "Lets customers pass during these hours of these weekdays, and holds the others until then. One that ends "
        "before it begins lasts over midnight.",
        "只在指定星期和时段内放行，其他时间到达的客户停留到窗口打开。结束早于开始表示跨越午夜。",
    )
    sentence = Text("Only {start}–{end}, {weekdays}", "仅限 {start}–{end}（{weekdays}）")

    weekdays: Weekdays = setting("weekdays", "Weekdays", "星期", default=list(DAYS))
    start: Clock = setting("time", "From", "开始", default="09:00")
    end: Clock = setting("time", "Until", "结束", default="18:00", help=Text("24:00: midnight.", "24:00 表示午夜。"))
    skip_holidays: bool = setting(
        "boolean",
        "Not on holidays",
        "节假日除外",
        default=False,
        help=Text("The workspace's list of holidays.", "以工作区的节假日列表为准。"),
    )

    def problems(self):
        if self.start == self.end:
            return [Text("a window that ends when it begins never opens", "开始与结束相同的窗口永远不会打开")]
        if self.start.minutes == DAY_MINUTES:
            return [Text("a window begins before 24:00", "窗口须在 24:00 之前开始")]
        return []

    def plan(self, visitor, since):
        zone = self.zone_for(visitor)
        closed = visitor.customer.calendar.holidays if self.skip_holidays else ()
        opens = Window(self.weekdays, self.start, self.end).opens(since, zone, closed)
        if opens <= since:
            return go(visitor, "next", {"why": "open", "zone": zone.key})
        return hold_until(visitor, local(opens, zone), zone)

    def resume(self, visitors, now):
        return self.visit(visitors, now)

    def hear(self, visitor, event, now):
        return unless_same(visitor, self.plan(visitor, now))
