"""Emit an event: tell of the customer what other journeys, segments and goals can hear, like an event of the shop."""

from typing import Any

from journey_engine.model.decision import Emit, go
from journey_engine.model.event import CUSTOMER_UPDATED
from journey_engine.model.internal import is_internal
from journey_engine.model.source import properties_of
from journey_engine.nodes.base import Node
from journey_engine.setting import Settings, setting
from journey_engine.text import Text


class Property(Settings):
    """One property of the event and its value."""

    name: str = setting("property", "Property", "属性", required=True)
    value: Any = setting(
        "value_from",
        "Value",
        "值",
        required=True,
        help=Text(
            "A constant, or an attribute, a property of the event or a variable. What is missing is left out.",
            "固定值，或取自属性、事件属性或变量；缺少的值不会带上。",
        ),
    )


class EmitEvent(Node):
    kind, icon, shelf = "emit_event", "radio", "actions"
    title = Text("Emit an event", "发出事件")
    help = Text(
        "Tells an event of this customer, as the shop does: it counts, and it can start, move or end journeys.",
        "为该客户发出一个事件，与商店上报的事件相同：会计入客户行为，也能启动、推进或结束旅程。",
    )
    sentence = Text("Emit {event}", "发出 {event}")

    event: str = setting("event_name", "Event", "事件", required=True)
    properties: tuple = setting("list", "Properties", "属性", default=[], items=Property)

    def problems(self):
        found = property_problems(self.properties)
        if is_internal(self.event):
            found.append(Text("names that begin with “je.” are the engine's own", "以“je.”开头的名称由系统保留"))
        if self.event == CUSTOMER_UPDATED:
            found.append(Text("change attributes with “Update customer”", "修改客户属性请使用“更新客户”"))
        return found

    def visit(self, visitors, now):
        decisions = []
        for visitor in visitors:
            properties = properties_of(self.properties, visitor)
            reason = {"why": "emitted", "event": self.event, "properties": properties}
            decisions.append(go(visitor, "next", reason, effects=[Emit(self.event, properties)]))
        return decisions


def property_problems(properties) -> list[Text]:
    """What is wrong with a list of properties beyond their types."""
    names = [one.name for one in properties]
    found = [Text(f"{name} is there twice", f"{name} 重复出现") for name in sorted(set(names)) if names.count(name) > 1]
    if any(is_internal(name) for name in names):
        found.append(Text("names that begin with “je.” are the engine's own", "以“je.”开头的名称由系统保留"))
    return found
