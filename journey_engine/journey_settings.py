"""What is set for a journey as a whole: who may come again, and which events end it at once."""

from typing import Any

from journey_engine.setting import Settings, setting
from journey_engine.text import Text

NEVER, AFTER_END, ONE_PER_KEY = "never", "after_end", "one_per_key"


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
            ONE_PER_KEY: Text("one live per key", "每个键同时一个"),
        },
    )


class ExitEvent(Settings):
    """An event that ends the enrollment wherever it stands."""

    event: str = setting("event_name", "Event", "事件", required=True)
    same_key: bool = setting("boolean", "Only with the same key", "仅限相同的键", default=False)


class JourneySettings(Settings):
    """Settings of the journey; the editor shows them when no node is selected."""

    reentry: Any = setting("object", "Re-entry", "再次进入", items=Reentry, default={})
    exit_events: tuple = setting("list", "Leave at once when", "发生以下事件立即退出", items=ExitEvent, default=[])
