"""A workspace's calendar: the zone its local times are in, and its holidays."""

import contextlib
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Calendar:
    """`zone` is an IANA name; `holidays` are local dates."""

    zone: str = "Asia/Shanghai"
    holidays: frozenset[date] = frozenset()


def calendar_of(zone: str, settings: dict[str, Any]) -> Calendar:
    """The calendar of a workspace from its zone and its settings, whose `holidays` are texts such as 2026-10-01."""
    holidays = set()
    for told in settings.get("holidays") or ():
        with contextlib.suppress(ValueError, TypeError):
            holidays.add(date.fromisoformat(told))
    return Calendar(zone, frozenset(holidays))
