"""Condition: send customers for whom a rule holds one way, and everybody else the other."""

from journey_engine.model.decision import go
from journey_engine.model.rule import Rule
from journey_engine.nodes.base import Exit, Needs, Node
from journey_engine.setting import setting
from journey_engine.text import Text


class Condition(Node):
    kind, icon, shelf = "condition", "git-branch", "logic"
    title = Text("Condition", "条件判断")
    help = Text(
        "Judges a rule on each customer: “yes” when it holds, “no” when it does not or a value is missing.",
        "对每位客户判断规则：成立走“是”，不成立或缺少数据走“否”。",
    )
    sentence = Text("If {rule}", "如果 {rule}")
    exits = (Exit("yes", Text("yes", "是"), "yes"), Exit("no", Text("no", "否"), "no"))

    rule: Rule = setting("rule", "When", "当", required=True)

    def needs(self):
        return Needs().of_rule(self.rule)

    def visit(self, visitors, now):
        decisions = []
        for visitor in visitors:
            verdict = self.rule.judge(visitor, now)
            decisions.append(go(visitor, "yes" if verdict.held else "no", verdict.reason()))
        return decisions
