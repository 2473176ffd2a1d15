"""Wait: hold each customer for a while, then let them go on."""

from journey_engine.model.decision import hold
from journey_engine.model.duration import Duration
from journey_engine.nodes.base import Node
from journey_engine.setting import setting
from journey_engine.text import Text


class Wait(Node):
    kind, icon, shelf, holds = "wait", "hourglass", "timing", True
    recounts = True
    title = Text("Wait", "等待")
    help = Text(
        "Holds each customer for this long, counted from when they arrive. A day is 24 hours.",
        "每位客户到达后停留这么久再继续。一天按 24 小时计算。",
    )
    sentence = Text("Wait {duration}", "等待 {duration}")

    duration: Duration = setting("duration", "Wait for", "等待时长", default={"amount": 1, "unit": "days"})

    def visit(self, visitors, now):
        until = now + self.duration.span
        reason = {"why": "wait", "until": until.isoformat()}
        return [hold(visitor, until, reason) for visitor in visitors]
