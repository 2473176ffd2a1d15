"""Stop a journey: end whatever the customer is in of another journey."""

from uuid import UUID

from journey_engine.model.decision import Emit, go
from journey_engine.model.internal import STOPPED
from journey_engine.nodes.base import Node
from journey_engine.nodes.start_journey import by
from journey_engine.setting import setting
from journey_engine.text import Text


class StopJourney(Node):
    kind, icon, shelf = "stop_journey", "log-out", "actions"
    title = Text("Stop a journey", "停止另一旅程")
    help = Text(
        "Ends this customer's way through another journey, wherever they are in it. To end this journey, use Exit.",
        "结束该客户在另一旅程中的行程，无论走到哪里。要结束本旅程请使用“结束”。",
    )
    sentence = Text("Stop the journey {journey}", "停止旅程 {journey}")

    journey: str = setting("journey", "Journey", "旅程", required=True)

    def visit(self, visitors, now):
        decisions = []
        for visitor in visitors:
            stop = Emit(STOPPED, {"by": by(visitor)}, UUID(self.journey))
            decisions.append(go(visitor, "next", {"why": "stopped_other", "journey": self.journey}, effects=[stop]))
        return decisions
