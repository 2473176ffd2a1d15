"""A customer: one person of a shop, known under one or more identities."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from journey_engine.model.calendar import Calendar
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.event import Activity, Event
from journey_engine.model.standing import Standing

IDENTITY_KINDS = ("external_id", "anonymous_id", "email", "phone", "wecom_external_userid", "wechat_unionid")
"""The kinds every shop has; any other name is a custom kind."""


@dataclass(slots=True)
class Customer:
    """What a turn knows of one customer; it changes as events and nodes are worked.

    `activity` holds the event names that some rule or trigger reads, `history` the events of those names whose
    properties are compared, `reach` per channel the address and whether marketing was withdrawn; they are filled
    before a party needs them. `live` holds the enrollments that may be moved. `calendar` is the workspace's; `before`
    has what the attributes that the present event changed were, null for those that are new; `said` the consents that
    changed in this turn, by channel and topic. `standing` is fetched where a rule reads it. `altered` are attributes
    that nodes changed, `chain` how many journeys one after another led to that. `phone` is known where a node needs
    it to tell the zone.
    """

    id: UUID
    workspace_id: int
    shard: int
    attributes: dict[str, Any] = field(default_factory=dict)
    activity: dict[str, Activity] = field(default_factory=dict)
    history: dict[str, list[Event]] = field(default_factory=dict)
    reach: dict[str, tuple[str, bool]] = field(default_factory=dict)
    phone: str | None = None
    calendar: Calendar = field(default_factory=Calendar)
    before: dict[str, Any] = field(default_factory=dict)
    said: dict[tuple[str, str], str] = field(default_factory=dict)
    standing: Standing | None = None
    created_at: datetime | None = None
    altered: set[str] | None = None
    chain: int = 0
    changed: bool = False
    live: list[Enrollment] = field(default_factory=list)


def apply_changes(attributes: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The attributes after setting each name to its value; null removes a name."""
    merged = {**attributes, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def united(lost: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """The attributes of two customers who are one: the second's win, tags are those of both."""
    merged = {**lost, **kept}
    if isinstance(lost.get("tags"), list) and isinstance(kept.get("tags"), list):
        merged["tags"] = sorted({tag for tag in lost["tags"] + kept["tags"] if isinstance(tag, str)})
    return merged


def what_changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The attributes that differ, each with what it was before; null for one that is new."""
    names = before.keys() | after.keys()
    return {name: before.get(name) for name in names if before.get(name) != after.get(name)}


@dataclass(frozen=True, slots=True)
class Consent:
    """Whether a customer may be written to on a channel about a topic, and since when."""

    channel: str
    topic: str
    state: str
    at: datetime
    source: str
