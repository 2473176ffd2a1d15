"""What is set for a journey as a whole: who may come, what ends it, what it is for, and who is kept to compare."""

from typing import Any

from journey_engine.model.duration import Duration
from journey_engine.setting import Settings, setting
from journey_engine.text import Text

NEVER, AFTER_END, AFTER_DAYS, ONE_PER_KEY = "never", "after_end", "after_days", "one_per_key"
FROM_END = "end"
IGNORE, RESTART, UPDATE, ANOTHER = "ignore", "restart", "update", "another"
HOUR, DAY = "hour", "day"
WAIT, SKIP = "wait", "skip"
COUNT, LEAVE, GO_TO = "count", "exit", "go_to"
FROM_ENTRY, FROM_MESSAGE = "entry", "message"
MAX_GOALS = 5


class Reentry(Settings):
    """May a customer enter again?"""

    policy: str = setting(
        "choice",
        "Re-entry",
        "再次进入",
        default=AFTER_END,
        choices={
            NEVER: Text("never", "不允许"),
            AFTER_END: Text("after it ended", "上一次结束之后"),
            AFTER_DAYS: Text("after some days", "间隔若干天后"),
            ONE_PER_KEY: Text("one live per key", "每个键同时一个"),
        },
    )
    days: int = setting(
        "number", "After days", "间隔天数", default=90, min=1, max=730, only_when={"policy": (AFTER_DAYS,)}
    )
    since: str = setting(
        "choice",
        "Counted from",
        "起算时间",
        default="entry",
        choices={"entry": Text("the last entry", "上次进入"), FROM_END: Text("the last end", "上次结束")},
        only_when={"policy": (AFTER_DAYS,)},
    )
    max: int = setting(
        "number",
        "At most at once",
        "同时最多",
        min=1,
        max=1_000,
        only_when={"policy": (ONE_PER_KEY,)},
        help=Text(
            "Live enrollments of one customer, over all keys. Empty: no limit.",
            "同一客户在所有键下同时进行的旅程数；留空表示不限。",
        ),
    )
    again: str = setting(
        "choice",
        "When it fires while one is live",
        "进行中再次触发时",
        default=IGNORE,
        choices={
            IGNORE: Text("ignore it", "忽略"),
            RESTART: Text("start anew", "重新开始"),
            UPDATE: Text("go on with the new event", "更新数据后继续"),
            ANOTHER: Text("start another beside it", "另外再开始一个"),
        },
    )


class Volume(Settings):
    """How many may enter within an hour or a day, and what becomes of the others."""

    at_most: int = setting(
        "number", "At most", "最多进入", min=1, max=10_000_000, help=Text("Empty: no limit.", "留空表示不限。")
    )
    per: str = setting(
        "choice",
        "Per",
        "每",
        default=HOUR,
        choices={HOUR: Text("hour", "小时"), DAY: Text("day", "天")},
        help=Text("Hours and days of the calendar, in the workspace's zone.", "按自然小时或工作区时区的自然日计算。"),
    )
    then: str = setting(
        "choice",
        "The others",
        "超出的客户",
        default=WAIT,
        choices={WAIT: Text("wait in order", "按顺序等待"), SKIP: Text("do not enter", "不进入")},
    )


class ExitEvent(Settings):
    """An event that ends the enrollment wherever it stands."""

    event: str = setting("event_name", "Event", "事件", required=True)
    same_key: bool = setting("boolean", "Only with the same key", "仅限相同的键", default=False)


class Goal(Settings):
    """What the journey is for: something customers do, within some time, counted once for each enrollment."""

    id: str = setting("text", "Goal id", "目标编号", required=True, max_length=32)
    name: str = setting("text", "Name", "名称", default="")
    event: str = setting(
        "event_name",
        "Event",
        "事件",
        default="",
        help=Text("Empty: only a Goal node marks it.", "留空则只能由“目标”节点标记。"),
    )
    same_key: bool = setting("boolean", "Only with the same key", "仅限相同的键", default=False)
    where: tuple = setting("filters", "Only when", "仅当", default=[])
    within: Duration = setting("duration", "Within", "时间范围", default={"amount": 7, "unit": "days"})
    counted_from: str = setting(
        "choice",
        "Counted from",
        "起算时间",
        default=FROM_ENTRY,
        choices={FROM_ENTRY: Text("entry", "进入旅程"), FROM_MESSAGE: Text("the last message", "最近一条消息")},
    )
    value: str = setting(
        "property",
        "Value property",
        "金额属性",
        default="",
        help=Text("A number of the event, summed as revenue.", "事件中的数值属性，累计为收入。"),
    )
    currency: str = setting("property", "Currency property", "币种属性", default="")
    verb: str = setting(
        "choice",
        "When reached",
        "达成后",
        default=COUNT,
        choices={
            COUNT: Text("just count", "仅统计"),
            LEAVE: Text("exit", "退出旅程"),
            GO_TO: Text("go to a node", "跳到节点"),
        },
    )
    node: str = setting("node", "Node", "节点", default="", only_when={"verb": (GO_TO,)})


def goal_named(graph: dict[str, Any], id: str) -> str:
    """What a goal is called in a drawing: its name, else its event."""
    goal = next((one for one in graph.get("settings", {}).get("goals", ()) if one["id"] == id), {})
    return goal.get("name") or goal.get("event") or id


class Holdout(Settings):
    """The share of customers who walk this journey without marketing, to compare with."""

    percent: int = setting(
        "number",
        "Percent",
        "百分比",
        default=0,
        min=0,
        max=100,
        help=Text(
            "These customers go through the journey, and marketing messages to them are recorded, never sent. "
            "100 is a dry run.",
            "这些客户照常经过旅程，但发给他们的营销消息只记录、不发送。填 100 即为演练。",
        ),
    )


class JourneySettings(Settings):
    """Settings of the journey; the editor shows them when no node is selected."""

    reentry: Any = setting("object", "Re-entry", "再次进入", items=Reentry, default={})
    volume: Any = setting("object", "Volume limit", "流量限制", items=Volume, default={})
    exit_events: tuple = setting("list", "Leave at once when", "发生以下事件立即退出", items=ExitEvent, default=[])
    exit_rule: Any = setting(
        "rule",
        "Leave when",
        "满足条件即退出",
        help=Text("Judged at every move and before every message.", "在每次移动和每条消息发送前判断。"),
    )
    customer_filter: Any = setting(
        "rule",
        "Only customers for whom",
        "客户条件",
        help=Text("Judged at entry and again before every message.", "在进入时以及每条消息发送前判断。"),
    )
    goals: tuple = setting("list", "Goals", "目标", items=Goal, max=MAX_GOALS, default=[])
    holdout: Any = setting("object", "Holdout", "对照组", items=Holdout, default={})
