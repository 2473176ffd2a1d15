"""A problem: one thing to mend in a drawing, or to look at twice before it is published."""

from dataclasses import dataclass
from typing import Any

from journey_engine.text import Text

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend, with the nodes it concerns and how to mend it. A warning keeps nobody from publishing."""

    code: str
    message: Text
    remedy: Text
    nodes: tuple[str, ...] = ()
    severity: str = ERROR
    setting: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message.to_json(),
            "remedy": self.remedy.to_json(),
            "nodes": list(self.nodes),
            "setting": self.setting or None,
        }
