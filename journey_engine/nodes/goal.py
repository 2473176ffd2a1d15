"""Goal: whoever arrives has reached one of the journey's goals; it is counted once, and they go on."""

from journey_engine.model.decision import Convert, go
from journey_engine.nodes.base import Node
from journey_engine.setting import setting
from journey_engine.text import Text


class GoalNode(Node):
    kind, icon, shelf = "goal", "trophy", "end"
    title = Text("Goal", "目标")
    help = Text(
        "Counts the goal as reached when the customer arrives, once for each time in the journey; then they go on.",
        "客户到达时记为达成目标，每次旅程只计一次，然后继续前进。",
    )
    sentence = Text("Goal reached: {goal}", "达成目标：{goal}")

    goal: str = setting(
        "goal", "Goal", "目标", required=True, help=Text("One of the journey's goals.", "旅程设置中的一个目标。")
    )

    def visit(self, visitors, now):
        reason = {"why": "goal reached", "goal": self.goal}
        return [go(visitor, "next", reason, effects=(Convert(self.goal),)) for visitor in visitors]
