"""Zones: which one a customer lives in, and what its clocks on the wall say.

A local time that does not exist, in the night the clocks go forward, is the first instant after it; one that exists
twice, in the night they go back, is the first of the two.
"""

import csv
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")
COUNTRIES = Path(__file__).with_name("countries.csv")
CALLING_CODE_DIGITS = 3

SAYS_ZONE = frozenset(("timezone", "country", "country_code", "address", "phone"))
"""The attributes that say where a customer lives."""


def zone_of(attributes: Mapping[str, Any], home: str, phone: str | None = None) -> ZoneInfo:
    """The zone a customer lives in: what their attributes say, else what the prefix of their number says, else the
    workspace's."""
    return said_zone(attributes) or phone_zone(phone) or named_zone(home) or ZoneInfo("UTC")


def said_zone(attributes: Mapping[str, Any]) -> ZoneInfo | None:
    """What the attributes say: `timezone`, else the country of the address, else the `phone`."""
    return named_zone(attributes.get("timezone")) or country_zone(attributes) or phone_zone(attributes.get("phone"))


@lru_cache(1024)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not known, not a name, or a folder of names
        return None


def named_zone(name: Any) -> ZoneInfo | None:
    """The zone with this IANA name, such as Asia/Shanghai; None when there is none."""
    return _zone(name) if isinstance(name, str) and len(name) <= 64 and NAME.fullmatch(name) else None


def country_zone(attributes: Mapping[str, Any]) -> ZoneInfo | None:
    """The zone of the country in `country` or in the address, given as two letters."""
    address = attributes.get("address")
    for tree in (attributes, address if isinstance(address, dict) else {}):
        for name in ("country_code", "country"):
            said = tree.get(name)
            if isinstance(said, str) and len(said) == 2:
                return _zone(_by_country().get(said.upper(), ""))
    return None


def phone_zone(phone: Any) -> ZoneInfo | None:
    """The zone of a number with its calling code, such as +8613800138000."""
    if not isinstance(phone, str) or not phone.startswith("+"):
        return None
    codes = _by_calling_code()
    for digits in range(1, CALLING_CODE_DIGITS + 1):
        if zone := codes.get(phone[1 : 1 + digits]):
            return _zone(zone)
    return None


@cache
def _rows() -> list[dict[str, str]]:
    """Countries in which at least nine people of ten live in one zone; the others follow the workspace."""
    with COUNTRIES.open(encoding="ascii", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _by_country() -> dict[str, str]:
    return {row["country"]: row["zone"] for row in _rows()}


@cache
def _by_calling_code() -> dict[str, str]:
    return {row["calling_code"]: row["zone"] for row in _rows() if row["calling_code"]}


def local(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall says at an instant, without a zone."""
    return instant.astimezone(zone).replace(tzinfo=None)


def at(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the clock on the wall says this, in UTC."""
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if local(instant, zone) == wall:
        return instant
    return _end_of_gap(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), instant, zone)


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant between these two at which the clock is put forward, to the second."""
    before, after = before.replace(microsecond=0), after.replace(microsecond=0)
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
