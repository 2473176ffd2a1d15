"""How groups of customers did side by side: the arms of an experiment, or everybody beside those who are held out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from journey_engine.model import statistics


@dataclass(slots=True)
class Group:
    """So many came, so many of them reached the goal, and what that was worth by currency."""

    n: int = 0
    reached: int = 0
    value: Counter[str] = field(default_factory=Counter)

    def add_value(self, currency: str, value: Decimal | None) -> None:
        if value is not None:
            self.value[currency] += value

    def told(self) -> dict[str, Any]:
        """The group as numbers; `value` is the sum when all of it is in one currency."""
        low, high = statistics.interval_of_rate(self.reached, self.n)
        sums = [{"currency": currency, "value": str(value)} for currency, value in sorted(self.value.items())]
        one = sums[0] if len(sums) == 1 else {"currency": None, "value": None}
        return {
            "conversions": self.reached,
            "rate": self.reached / self.n if self.n else None,
            "rate_interval": [low, high] if self.n else None,
            "value": one["value"],
            "currency": one["currency"] or None,
            "values": sums,
        }


def beside(group: Group, other: Group) -> dict[str, Any]:
    """How a group did compared with another: lift, and the difference of the rates with its interval and its p."""
    sides = (group.reached, group.n, other.reached, other.n)
    both = group.n > 0 and other.n > 0
    return {
        "lift": statistics.lift(*sides),
        "difference": group.reached / group.n - other.reached / other.n if both else None,
        "interval": list(statistics.interval_of_difference(*sides)) if both else None,
        "p": statistics.chance_of_difference(*sides),
    }


NOT_COMPARED = {"lift": None, "difference": None, "interval": None, "p": None}


def side_by_side(arms: Sequence[dict[str, Any]], groups: dict[str, Group]) -> list[dict[str, Any]]:
    """Each arm with its numbers, compared with the control: the arm that is said to be it, else the first."""
    control = next((arm for arm in arms if arm.get("control")), arms[0])
    base = groups.get(control["id"], Group())
    found = []
    for arm in arms:
        group = groups.get(arm["id"], Group())
        compared = NOT_COMPARED if arm is control else beside(group, base)
        named = {"id": arm["id"], "name": arm.get("name") or arm["id"], "weight": arm.get("weight", 50)}
        found.append({**named, "control": arm is control, "n": group.n, **group.told(), **compared})
    return found


def ratio(drawn: Sequence[dict[str, int]], came: Sequence[dict[str, int]]) -> dict[str, Any]:
    """Whether as many came to each arm as the weights say, over all versions: weights and arrivals of each.

    `ok` is false when so uneven a split comes by chance less than once in a thousand times; then something in front of
    the split, or in what is counted, treats the arms unequally, and the comparison is not to be trusted.
    """
    expected: Counter[str] = Counter()
    observed: Counter[str] = Counter()
    for weights, arrivals in zip(drawn, came, strict=True):
        total, n = sum(weights.values()), sum(arrivals.values())
        observed.update(arrivals)
        for arm, weight in weights.items():
            expected[arm] += n * weight / total if total else 0
    arms = sorted(expected.keys() | observed.keys())
    p = statistics.chance_of_split([observed[arm] for arm in arms], [expected[arm] for arm in arms])
    return {
        "p": p,
        "ok": p is None or p >= statistics.SUSPICIOUS,
        "expected": {arm: expected[arm] for arm in arms},
        "observed": {arm: observed[arm] for arm in arms},
    }
