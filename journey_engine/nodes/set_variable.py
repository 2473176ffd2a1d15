"""Set variables: remember values for the rest of this journey; what follows reads them as `context`.

A variable has a type. A value that is missing or does not fit its type empties the variable, and the customer leaves by
`failed` where that is wired.
"""

from typing import Any

from journey_engine.model.decision import Remember, go
from journey_engine.model.source import value_of
from journey_engine.model.typed import OPERATIONS, TYPES, as_type, compute
from journey_engine.model.values import MISSING
from journey_engine.nodes.base import NEXT, Exit, Node
from journey_engine.setting import Settings, setting
from journey_engine.text import Text


class Variable(Settings):
    """One variable and where its value comes from; a number may be calculated."""

    name: str = setting("variable", "Name", "名称", required=True)
    type: str = setting("choice", "Type", "类型", default="text", choices=TYPES)
    value: Any = setting("value_from", "Value", "值", required=True)
    op: str = setting(
        "choice",
        "Calculate",
        "计算",
        default="",
        choices={"": Text("nothing", "不计算"), **{op: Text(op, op) for op in OPERATIONS}},
        only_when={"type": ("number",)},
    )
    operand: Any = setting(
        "value_from", "With", "运算值", only_when={"type": ("number",), "op": tuple(OPERATIONS)}, required=True
    )


class SetVariable(Node):
    kind, icon, shelf = "set_variable", "braces", "customer"
    title = Text("Set variables", "设置变量")
    help = Text(
        "Remembers values for the rest of this journey. Rules read them as context, templates as {{ context.name }}.",
        "为本次旅程记住一些值。规则可作为上下文读取，模板中写作 {{ context.name }}。",
    )
    sentence = Text("Set {variables}", "设置 {variables}")
    exits = (NEXT, Exit("failed", Text("value missing", "缺少值"), "failed", required=False))

    variables: tuple = setting("list", "Variables", "变量", required=True, min=1, items=Variable)

    def problems(self):
        names = [one.name for one in self.variables]
        twice = sorted({name for name in names if names.count(name) > 1})
        return [Text(f"{name} is set twice", f"{name} 被设置了两次") for name in twice]

    def visit(self, visitors, now):
        decisions = []
        for visitor in visitors:
            values = {one.name: _value(one, visitor) for one in self.variables}
            missing = sorted(name for name, value in values.items() if value is MISSING)
            kept = {name: None if value is MISSING else value for name, value in values.items()}
            reason = {"why": "remembered", "variables": kept, **({"missing": missing} if missing else {})}
            decisions.append(go(visitor, "failed" if missing else "next", reason, effects=[Remember(kept)]))
        return decisions


def _value(one, visitor):
    value = value_of(one.value, visitor)
    if one.type == "number" and one.op:
        value = compute(value, one.op, value_of(one.operand, visitor))
    return as_type(value, one.type, visitor.customer.calendar.zone)
