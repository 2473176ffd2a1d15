"""Start a journey: let the customer enter another journey, which has a trigger for that."""

from uuid import UUID

from journey_engine.model.decision import Emit, go
from journey_engine.model.internal import STARTED
from journey_engine.model.source import properties_of
from journey_engine.nodes.base import Node
from journey_engine.nodes.emit_event import Property, property_problems
from journey_engine.setting import setting
from journey_engine.text import Text


class StartJourney(Node):
    kind, icon, shelf = "start_journey", "log-in", "actions"
    title = Text("Start a journey", "启动另一旅程")
    help = Text(
        "Lets the customer enter another live journey through its trigger “From another journey”. Its filters and "
        "re-entry rules hold. This journey goes on.",
        "让客户通过“来自其他旅程”触发器进入另一个正在运行的旅程，其过滤条件和重复进入规则照常生效；本旅程继续。",
    )
    sentence = Text("Start the journey {journey}", "启动旅程 {journey}")

    journey: str = setting("journey", "Journey", "旅程", required=True)
    properties: tuple = setting(
        "list",
        "Hand over",
        "传递的值",
        default=[],
        items=Property,
        help=Text("The other journey reads them as properties of its event.", "另一旅程把它们作为事件属性读取。"),
    )

    def problems(self):
        return property_problems(self.properties)

    def visit(self, visitors, now):
        decisions = []
        for visitor in visitors:
            properties = properties_of(self.properties, visitor)
            told = {"by": by(visitor), "properties": properties}
            reason = {"why": "started_other", "journey": self.journey, "properties": properties}
            decisions.append(go(visitor, "next", reason, effects=[Emit(STARTED, told, UUID(self.journey))]))
        return decisions


def by(visitor) -> dict[str, str]:
    """Which node of which journey says so."""
    return {"journey": str(visitor.enrollment.journey_id), "node": visitor.enrollment.node_id}
