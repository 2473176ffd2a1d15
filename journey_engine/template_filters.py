"""Filters of our templates beside Liquid's own: money, dates in a zone, JSON; and bounds for some of Liquid's.

No filter reads the clock: `now` is a variable of the rendering like any other.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from liquid import Environment
from liquid.exceptions import FilterArgumentError

SYMBOLS = {
    "CNY": ("¥", 2), "JPY": ("¥", 0), "USD": ("$", 2), "EUR": ("€", 2), "GBP": ("£", 2),
    "HKD": ("HK$", 2), "TWD": ("NT$", 0), "KRW": ("₩", 0), "SGD": ("S$", 2), "AUD": ("A$", 2),
}  # fmt: skip

UNIQ_ITEMS = 1_000
"""Finding duplicates compares every item with every other."""

REMOVED = ("safe", "escapejs")
"""They would let a customer's name into a page unescaped."""

_TAG = re.compile(r"<[^<>]*>")
_DATE_FORMAT = re.compile(r"(?:[^%]|%[-]?[aAbBcdeFHIjklmMpPsSTuwxXyYzZDR%])*")


class Json(str):
    """A text that is a whole JSON value."""

    __slots__ = ()


def install(environment: Environment) -> None:
    """Give an environment our filters and take away the unsafe ones."""
    for name in REMOVED:
        environment.filters.pop(name, None)
    for name, function in (("money", money), ("date", date_), ("json", json), ("strip_html", strip_html)):
        environment.add_filter(name, function)


def growth(name: str, left: Any, args: tuple[Any, ...]) -> int:
    """How many characters beyond its inputs a filter is about to write, for those that can multiply."""
    if name in ("replace", "remove") and args:
        text, old = str(left), str(args[0])
        return text.count(old) * len(str(args[1])) if len(args) > 1 else 0
    if name == "join" and args and isinstance(left, (list, tuple, range)):
        return len(left) * len(str(args[0]))
    if name == "uniq" and isinstance(left, (list, tuple, range)):
        return len(left) ** 2 if len(left) > UNIQ_ITEMS else 0
    return 0


def money(value: Any, currency: str = "CNY") -> str:
    """`1299.5 | money: "CNY"` → ¥1,299.50; what is no number gives an empty text."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return ""
    if not amount.is_finite() or abs(amount) >= 10**18:
        return ""
    symbol, places = SYMBOLS.get(str(currency), (f"{currency} ", 2))
    return f"{'-' if amount < 0 else ''}{symbol}{abs(amount):,.{places}f}"


def date_(value: Any, pattern: str = "%Y-%m-%d", zone: str = "") -> str:
    """`event.received_at | date: "%m-%d %H:%M", "Asia/Shanghai"`; what is no date gives an empty text."""
    moment = _moment(value)
    if moment is None:
        return ""
    if zone:
        try:
            moment = moment.astimezone(ZoneInfo(str(zone)))
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise FilterArgumentError(f"there is no time zone '{zone}'", token=None) from error
    if len(pattern) > 100 or not _DATE_FORMAT.fullmatch(str(pattern)):
        raise FilterArgumentError(f"'{pattern[:40]}' is no date format", token=None)
    return moment.strftime(str(pattern))


def json(value: Any) -> Json:
    """Any value as JSON, with its quotes."""
    if isinstance(value, range):
        value = list(value)
    return Json(orjson.dumps(value, default=str).decode())


def strip_html(value: Any) -> str:
    """The text between the tags."""
    return _TAG.sub("", str(value))


def _moment(value: Any) -> datetime | None:
    try:
        if isinstance(value, datetime):
            moment = value
        elif isinstance(value, date):
            moment = datetime(value.year, value.month, value.day)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value, UTC)
        else:
            moment = datetime.fromisoformat(str(value).strip())
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
