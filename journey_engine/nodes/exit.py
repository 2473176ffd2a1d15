"""Exit: the journey is over for whoever arrives."""

from journey_engine.model.decision import end
from journey_engine.nodes.base import Node
from journey_engine.setting import setting
from journey_engine.text import Text


class ExitNode(Node):
    kind, icon, shelf, exits = "exit", "flag", "end", ()
    title = Text("Exit", "结束")
    help = Text("Ends the journey for this customer.", "客户在这里结束旅程。")
    sentence = Text("End of the journey", "旅程结束")

    note: str = setting("text", "Note", "备注", default="", help=Text("Shown in the history.", "显示在历史记录中。"))

    def visit(self, visitors, now):
        reason = {"why": "end", "note": self.note} if self.note else {"why": "end"}
        return [end(visitor, reason) for visitor in visitors]
