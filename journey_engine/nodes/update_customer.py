"""Update customer: set, remove or count up attributes; what follows reads the new values."""

from typing import Any

from journey_engine.model.comparison import look_up
from journey_engine.model.decision import go
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
    value: Any = setting("any", "Value", "值")


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
            number = isinstance(change.value, int | float) and not isinstance(change.value, bool)
            if change.action == "set" and not isinstance(change.value, str | int | float | bool):
                found.append(Text(f"give {change.attribute} a value", f"请为 {change.attribute} 填写值"))
            if change.action == "increment" and not number:
                found.append(Text(f"add a number to {change.attribute}", f"{change.attribute} 只能增加数字"))
        return found

    def visit(self, visitors, now):
        decisions = []
        for visitor in visitors:
            changes = self._changes(visitor.attributes)
            decisions.append(go(visitor, "next", {"why": "changed", "attributes": changes}, changes))
        return decisions

    def _changes(self, attributes):
        """The new values by name; each change reads what those before it in the list made."""
        changes = {}
        for change in self.changes:
            value = change.value
            if change.action == "increment":
                before = look_up({**attributes, **changes}, change.attribute)
                value += before if isinstance(before, int | float) and not isinstance(before, bool) else 0
            changes[change.attribute] = None if change.action == "unset" else value
        return changes
