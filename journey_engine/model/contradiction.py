"""Contradictions: comparisons of one value that can never hold together."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations
from typing import Any, NamedTuple

from journey_engine.model.comparison import Comparison, same
from journey_engine.model.values import exact, number


class Range(NamedTuple):
    """The numbers a comparison lets through; `open` ends are not among them, None has no end."""

    low: Decimal | None = None
    low_open: bool = False
    high: Decimal | None = None
    high_open: bool = False


def contradiction(comparisons: Sequence[Comparison]) -> tuple[Comparison, Comparison] | None:
    """Two of these that exclude each other, as far as that is plain to see; None when there are none."""
    constant = [one for one in comparisons if not isinstance(one.value, dict)]
    return next((pair for pair in combinations(constant, 2) if _exclude(*pair)), None)


def _exclude(one: Comparison, other: Comparison) -> bool:
    if one.name != other.name:
        return False
    if "not_exists" in (one.op, other.op):
        return one.op != other.op
    values, others = _values(one), _values(other)
    if values is not None and others is not None:
        return not any(same(a, b) for a in values for b in others)
    if values is not None or others is not None:
        listed, rest = (values, other) if values is not None else (others, one)
        if rest.op == "is_not":
            return all(same(value, rest.value) for value in listed)
    return _apart(_range(one), _range(other))


def _values(one: Comparison) -> Sequence[Any] | None:
    """The only values that fit, where they are listed."""
    return {"is": [one.value], "one_of": one.value}.get(one.op)


def _range(one: Comparison) -> Range | None:
    if one.op == "between":
        low, high = (_exact(value) for value in one.value)
        return None if low is None or high is None else Range(low, False, high, False)
    value = _exact(one.value)
    if value is None:
        return None
    return {
        "is": Range(value, False, value, False),
        ">": Range(value, True),
        ">=": Range(value),
        "<": Range(high=value, high_open=True),
        "<=": Range(high=value),
    }.get(one.op)


def _exact(value: Any) -> Decimal | None:
    found = number(value)
    return None if found is None else exact(found)


def _apart(one: Range | None, other: Range | None) -> bool:
    return one is not None and other is not None and (_below(one, other) or _below(other, one))


def _below(one: Range, other: Range) -> bool:
    """Whether everything in one range is less than everything in the other."""
    if one.high is None or other.low is None:
        return False
    return one.high < other.low or (one.high == other.low and (one.high_open or other.low_open))
