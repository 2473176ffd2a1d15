"""Value split: send customers by the value of an attribute, a property or something the journey remembers."""

from journey_engine.model.comparison import same
from journey_engine.model.decision import go
from journey_engine.model.source import Source
from journey_engine.model.values import MISSING
from journey_engine.nodes.base import Each, Node
from journey_engine.nodes.multi_split import ELSE
from journey_engine.setting import Settings, setting
from journey_engine.text import Text

READ_CHARS = 200


class Case(Settings):
    """Some values with an exit of their own."""

    id: str = setting("text", "Exit id", "出口编号", required=True, max_length=32)
    name: str = setting("text", "Name", "名称", default="")
    values: tuple = setting("values", "Values", "取值", required=True)


class ValueSplit(Node):
    kind, icon, shelf = "value_split", "split", "logic"
    title = Text("Split by value", "按取值分流")
    help = Text(
        "Each customer leaves by the first case that lists their value; a list of theirs fits when any of it does. No "
        "value, or another, leaves by “else”.",
        "客户从第一个包含其取值的出口离开；取值为列表时，任意一项相符即可。没有取值或都不相符则走“其他”。",
    )
    sentence = Text("Split by {value}", "按 {value} 分流")
    exits = (Each("cases", "yes"), ELSE)

    value: Source = setting("source", "Value", "取值来源", required=True)
    cases: tuple = setting("list", "Cases", "情形", required=True, min=1, items=Case)

    def problems(self):
        if any(case.id == ELSE.id for case in self.cases):
            return [Text("a case cannot have the id “else”", "情形的编号不能是 else")]
        return []

    def visit(self, visitors, now):
        return [self._decide(visitor) for visitor in visitors]

    def _decide(self, visitor):
        read = self.value.read(visitor)
        exit = ELSE.id if read is MISSING else self._exit_of(read)
        told = None if read is MISSING else str(read)[:READ_CHARS]
        return go(visitor, exit, {"why": "value", "name": self.value.name, "read": told, "exit": exit})

    def _exit_of(self, read):
        theirs = read if isinstance(read, list) else [read]
        for case in self.cases:
            if any(same(one, value) for one in theirs for value in case.values):
                return case.id
        return ELSE.id
