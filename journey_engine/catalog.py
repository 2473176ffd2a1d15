"""All kinds as JSON: what the editor needs to draw the palette, the cards and the settings forms."""

from typing import Any

from journey_engine.journey_settings import JourneySettings
from journey_engine.model.comparison import OPERATORS
from journey_engine.model.duration import UNITS
from journey_engine.nodes import NODES
from journey_engine.nodes.base import Piece
from journey_engine.text import Text
from journey_engine.triggers import TRIGGERS

KINDS: dict[str, type[Piece]] = {**TRIGGERS, **NODES}

SHELVES = {
    "triggers": Text("Triggers", "触发"),
    "timing": Text("Timing", "时间"),
    "logic": Text("Logic", "逻辑"),
    "message": Text("Messages", "消息"),
    "customer": Text("Customer", "客户"),
    "actions": Text("Other actions", "其他操作"),
    "end": Text("End", "结束"),
}


def catalog() -> dict[str, Any]:
    """The shelves, every kind with its settings and exits, and the words of the rule language."""
    return {
        "shelves": [{"id": id, "title": title.to_json()} for id, title in SHELVES.items()],
        "kinds": [kind.to_catalog() for kind in KINDS.values()],
        "journey": JourneySettings.describe(),
        "operators": [
            {"op": op, "title": one.words.to_json(), "takes_value": one.takes != "none", "value": one.takes}
            | {"filter": one.in_filters}
            for op, one in OPERATORS.items()
        ],
        "units": [
            {"unit": unit, "seconds": s, "one": one.to_json(), "many": many.to_json()}
            for unit, (s, one, many) in UNITS.items()
        ],
    }
