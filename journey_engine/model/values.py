"""Values as rules read them: found by name in JSON, and understood as a number, a date or an instant.

The database understands them the same way (`store/functions.py`): what changes here changes there.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

MISSING = object()

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")
NUMBER_CHARS = 40
SPACES = " \t\r\n"
EXACT = 2**53
"""Up to here every whole number is a float of its own."""

INSTANT = re.compile(
    r"([1-8][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"(?:[T ]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,9}))?)?"
    r"(?:(Z)|([+-])(0[0-9]|1[0-5]):?([0-5][0-9]))?)?"
)


def look_up(tree: dict[str, Any], path: str) -> Any:
    """The value under a name, or under a dotted path into nested objects; MISSING when there is none or it is null."""
    value = tree.get(path, MISSING)
    if value is MISSING and "." in path:
        value = tree
        for part in path.split("."):
            value = value.get(part, MISSING) if isinstance(value, dict) else MISSING
    return MISSING if value is None else value


def number(value: Any) -> int | float | Decimal | None:
    """A number, also out of a decimal string, because shop platforms send prices as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and len(value) <= NUMBER_CHARS:
        trimmed = value.strip(SPACES)
        return Decimal(trimmed) if NUMBER.fullmatch(trimmed) else None
    return None


def exact(value: int | float | Decimal) -> Decimal:
    """The number that was written: 0.1 is a tenth, not the nearest float."""
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def order(left: int | float | Decimal, right: int | float | Decimal) -> int:
    """-1, 0 or 1, as `left` is less than, equal to or more than `right`."""
    plain = type(left) is type(right) or (type(left) is not Decimal and type(right) is not Decimal)
    if not plain or (type(left) is not type(right) and max(abs(left), abs(right)) >= EXACT):
        left, right = exact(left), exact(right)
    return (left > right) - (left < right)


def moment(value: Any, zone: str) -> tuple[datetime, bool] | None:
    """The instant that a text names, and whether it is a whole day; None when it names none.

    A text without an offset is meant in the zone. A local time that the clock passes twice is the first; one that it
    skips is as long after midnight as if it had not been moved.
    """
    return _moment(value, zone) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _moment(text: str, zone: str) -> tuple[datetime, bool] | None:
    found = INSTANT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, utc, sign, offset_h, offset_m = found.groups()
    micros = int((fraction or "0").ljust(6, "0")[:6])
    try:
        local = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), micros)
    except ValueError:  # the 31st of a short month
        return None
    if utc:
        return local.replace(tzinfo=UTC), False
    if sign:
        offset = timedelta(hours=int(offset_h), minutes=int(offset_m)) * (1 if sign == "+" else -1)
        return local.replace(tzinfo=timezone(offset)).astimezone(UTC), False
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), hour is None


def day(value: Any, zone: str) -> date | None:
    """The calendar day, in the zone, that a text names."""
    found = moment(value, zone)
    if found is None:
        return None
    return date.fromisoformat(value[:10]) if found[1] else local_day(found[0], zone)


def local_day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def midnight(on: date, zone: str) -> datetime:
    """The instant at which a calendar day begins in a zone."""
    return datetime(on.year, on.month, on.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def anniversary(of: date, year: int) -> date:
    """The anniversary in a year; of 29 February it is the 28th where there is no 29th."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return date(year, of.month, 28 if (of.month, of.day) == (2, 29) and not leap else of.day)


def next_anniversary(of: date, today: date) -> date:
    """The first anniversary from today on."""
    this_year = anniversary(of, today.year)
    return this_year if this_year >= today else anniversary(of, today.year + 1)
