"""A length of time as a marketer says it: an amount and a unit. A day is 24 hours."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from journey_engine.text import Text

UNITS: dict[str, tuple[int, Text, Text]] = {
    "seconds": (1, Text("second", "秒"), Text("seconds", "秒")),
    "minutes": (60, Text("minute", "分钟"), Text("minutes", "分钟")),
    "hours": (3600, Text("hour", "小时"), Text("hours", "小时")),
    "days": (86400, Text("day", "天"), Text("days", "天")),
}

LONGEST_S = 730 * 86400
"""Two years; a longer wait is a date, not a duration."""


@dataclass(frozen=True, slots=True)
class Duration:
    """So many units of time."""

    amount: int
    unit: str

    @property
    def span(self) -> timedelta:
        return timedelta(seconds=self.amount * UNITS[self.unit][0])

    def summary(self) -> Text:
        _, one, many = UNITS[self.unit]
        word = one if self.amount == 1 else many
        return Text(f"{self.amount} {word.en}", f"{self.amount} {word.zh}")

    @classmethod
    def parse(cls, raw: Any) -> "Duration":
        """Read ``{"amount": 2, "unit": "hours"}``; raises ValueError with the reason."""
        if not isinstance(raw, dict) or set(raw) != {"amount", "unit"}:
            raise ValueError('a duration is {"amount": number, "unit": "minutes"}')
        amount, unit = raw["amount"], raw["unit"]
        if not isinstance(unit, str) or unit not in UNITS:
            raise ValueError(f"the unit is one of {', '.join(UNITS)}")
        if not isinstance(amount, int) or isinstance(amount, bool) or amount < 1:
            raise ValueError("the amount is a whole number from 1 up")
        if amount * UNITS[unit][0] > LONGEST_S:
            raise ValueError("the longest duration is 730 days")
        return cls(amount, unit)
