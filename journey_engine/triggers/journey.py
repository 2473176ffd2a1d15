"""Journey: the journey starts when another one sends somebody here."""

from journey_engine.model.internal import STARTED
from journey_engine.text import Text
from journey_engine.triggers.base import FIRE, Internal, Match


class JourneyTrigger(Internal):
    kind, icon = "journey", "route"
    title = Text("From another journey", "来自其他旅程")
    help = Text(
        "Starts when another journey reaches its “Start a journey” node and names this one.",
        "当其他旅程走到“启动旅程”节点并指定本旅程时，客户进入。",
    )
    sentence = Text("When another journey sends somebody here", "当其他旅程把客户送到这里")
    hears_of = STARTED

    def meet(self, customer, event, now):
        by = event.properties.get("by") or {}
        return Match(customer, event, FIRE, "", event.occurred_at, {"why": "started", "by": by})

    def told(self, event):
        return event.properties.get("properties") or {}
