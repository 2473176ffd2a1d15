"""Update customer: set, remove or count up attributes; what follows reads the new values."""

from typing import Any

from journey_engine.model.decision import go
from journey_engine.model.source import Source, value_of
from journey_engine.model.typed import compute
from journey_engine.model.values import MISSING, look_up
from journey_engine.nodes.base import Node
from journey_engine.setting import Settings, setting
from journey_engine.text import Text


class Change(Settings):
    """One attribute and what to do with it."""

    attribute: str = setting("attribute", "Attribute", "属性", required=True)
    action: str = setting(
        "choice",
        "Action",
        "操作",
        default="set",
        choices={
            "set": Text("set to", "设为"),
            "unset": Text("remove", "移除"),
            "increment": Text("add", "增加"),
        },
    )
    value: Any = setting(
        "value_from",
        "Value",
        "值",
        help=Text(
            "A constant, or an attribute, a property of the event or a variable. What is missing changes nothing.",
            "固定值，或取自属性、事件属性或变量；缺少该值时不做修改。",
        ),
    )


class UpdateCustomer(Node):
    kind, icon, shelf = "update_customer", "user-pen", "customer"
    title = Text("Update customer", "更新客户")
    help = Text(
        "Changes attributes of the customer. The nodes after this one read the new values.",
        "修改客户的属性，后面的节点会读到新的值。",
    )
    sentence = Text("Change {changes}", "修改 {changes}")

    changes: tuple = setting("list", "Changes", "修改内容", required=True, min=1, items=Change)

    def problems(self):
        found = []
        for change in self.changes:
            if change.action == "set" and change.value in (None, "", []):
                found.append(Text(f"give {change.attribute} a value", f"请为 {change.attribute} 填写值"))
            if change.action == "increment" and not isinstance(change.value, Source) and not _is_number(change.value):
                found.append(Text(f"add a number to {change.attribute}", f"{change.attribute} 只能增加数字"))
        return found

    def visit(self, visitors, now):
        decisions = []
        for visitor in visitors:
            changes = self._changes(visitor)
            decisions.append(go(visitor, "next", {"why": "changed", "attributes": changes}, changes))
        return decisions

    def _changes(self, visitor):
        """The new values by name; each change reads what those before it in the list made."""
        changes = {}
        for change in self.changes:
            value = value_of(change.value, visitor)
            if change.action == "increment":
                before = look_up({**visitor.attributes, **changes}, change.attribute)
                value = compute(before if _is_number(before) else 0, "+", value)
            if change.action == "unset":
                changes[change.attribute] = None
            elif value is not MISSING:
                changes[change.attribute] = value
        return changes


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)
