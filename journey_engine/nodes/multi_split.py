"""Multi-split: several rules in order; each customer leaves by the first that holds, else by `else`."""

from journey_engine.model.decision import go
from journey_engine.model.needs import Needs
from journey_engine.model.rule import Rule
from journey_engine.nodes.base import Each, Exit, Node
from journey_engine.setting import Settings, setting
from journey_engine.text import Text

ELSE = Exit("else", Text("else", "其他"), "no")


class Branch(Settings):
    """One rule with an exit of its own."""

    id: str = setting("text", "Exit id", "出口编号", required=True, max_length=32)
    name: str = setting("text", "Name", "名称", default="")
    rule: Rule = setting("rule", "When", "当", required=True)


class MultiSplit(Node):
    kind, icon, shelf = "multi_split", "list-tree", "logic"
    title = Text("Split by rules", "按规则分流")
    help = Text(
        "Judges rules from the top: each customer leaves by the first that holds, and by “else” when none does.",
        "从上到下判断规则：客户从第一个成立的出口离开，都不成立则走“其他”。",
    )
    sentence = Text("Split: {branches}, else", "分流：{branches}，其他")
    exits = (Each("branches", "yes"), ELSE)

    branches: tuple = setting("list", "Branches", "分支", required=True, min=1, items=Branch)

    def problems(self):
        if any(branch.id == ELSE.id for branch in self.branches):
            return [Text("a branch cannot have the id “else”", "分支的编号不能是 else")]
        return []

    def needs(self):
        needs = Needs()
        for branch in self.branches:
            needs.of_rule(branch.rule)
        return needs

    def visit(self, visitors, now):
        return [self._decide(visitor, now) for visitor in visitors]

    def _decide(self, visitor, now):
        leaves = []
        for branch in self.branches:
            verdict = branch.rule.judge(visitor, now)
            leaves += verdict.leaves
            if verdict.held:
                return go(visitor, branch.id, {"why": "rule", "held": True, "branch": branch.id, "leaves": leaves})
        return go(visitor, ELSE.id, {"why": "rule", "held": False, "leaves": leaves})
