"""Typed values: what a context variable may be, and how a value that was read becomes one.

A value that does not fit its type becomes MISSING, never something that only looks like it.
"""

from decimal import Decimal, DecimalException
from typing import Any

from journey_engine.model.values import EXACT, MISSING, exact, moment, number
from journey_engine.text import Text

TYPES = {
    "text": Text("text", "文本"),
    "number": Text("number", "数字"),
    "boolean": Text("true or false", "真或假"),
    "date": Text("date", "日期"),
    "list": Text("list", "列表"),
}
TRUTHS = {"true": True, "false": False}


def as_type(value: Any, type: str, zone: str) -> Any:
    """The value as this type, MISSING when it is none; a date without an offset is meant in the zone."""
    if value is MISSING or value is None or isinstance(value, dict):
        return MISSING
    return READERS[type](value, zone)


def compute(left: Any, operation: str, right: Any) -> Any:
    """Two numbers made one; MISSING when either is none, or the result is no number."""
    numbers = [number(one) for one in (left, right)]
    if None in numbers:
        return MISSING
    try:
        return plain(OPERATIONS[operation](*map(exact, numbers)))
    except DecimalException:
        return MISSING


def plain(value: int | float | Decimal) -> Any:
    """A number as JSON has it, whole ones without a point while they are exact; MISSING beyond what a float holds."""
    found = exact(value)
    if not abs(found) < Decimal("1e300"):
        return MISSING
    return int(found) if abs(found) < EXACT and found == found.to_integral_value() else float(found)


OPERATIONS = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
}


def _text(value: Any, _: str) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else MISSING


def _number(value: Any, _: str) -> Any:
    found = number(value)
    return MISSING if found is None else plain(found)


def _boolean(value: Any, _: str) -> Any:
    if isinstance(value, bool):
        return value
    return TRUTHS.get(value.strip().lower(), MISSING) if isinstance(value, str) else MISSING


def _date(value: Any, zone: str) -> Any:
    found = moment(value, zone)
    if found is None:
        return MISSING
    at, whole_day = found
    return value[:10] if whole_day else at.isoformat()


def _list(value: Any, _: str) -> Any:
    return value if isinstance(value, list) else [value]


READERS = {"text": _text, "number": _number, "boolean": _boolean, "date": _date, "list": _list}
