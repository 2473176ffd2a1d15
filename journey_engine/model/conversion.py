"""A conversion: a customer did in time what a journey is for. Once for each enrollment and goal."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from journey_engine.model.enrollment import Enrollment

LARGEST = Decimal(10) ** 15
NUMBER_CHARS = 40
CURRENCY_CHARS = 12


@dataclass(frozen=True, slots=True)
class Attributed:
    """A message of an enrollment that went out, or was held out, and when."""

    at: datetime
    id: UUID
    node_id: str


@dataclass(frozen=True, slots=True)
class Exposure:
    """An enrollment came to an experiment for the first time, and got this arm."""

    enrollment: Enrollment
    node_id: str
    arm: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """`message` is the last one before it, to which it is attributed; `value` is kept by one enrollment per event."""

    enrollment: Enrollment
    goal: str
    occurred_at: datetime
    event_id: UUID | None = None
    message: Attributed | None = None
    value: Decimal | None = None
    currency: str = ""

    @property
    def held_out(self) -> bool:
        return "holdout" in self.enrollment.context


def money(value: Any) -> Decimal | None:
    """A number of an event as a decimal, as it was written; None for what is no number or beyond all prices."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    told = str(value).strip()
    try:
        amount = Decimal(told if len(told) <= NUMBER_CHARS else "")
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < LARGEST else None


def currency_of(value: Any) -> str:
    """A currency as shops write it, such as CNY; empty when the event does not say one."""
    return value.strip().upper()[:CURRENCY_CHARS] if isinstance(value, str) and value.isprintable() else ""
