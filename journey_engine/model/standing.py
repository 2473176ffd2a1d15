"""Where a customer stands with consents, segments, journeys and messages, as rules read it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class SentMessage(NamedTuple):
    """A message that left, and when the provider first said each thing of it."""

    journey_id: str
    node_id: str
    channel: str
    sent_at: datetime | None
    receipts: dict[str, datetime]


@dataclass(slots=True)
class Entered:
    """A customer's entry into a journey: whether they are still in it, and the nodes they reached."""

    journey_id: str
    live: bool
    nodes: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Standing:
    """What is known of one customer; `fetched` says which parts of it. Consents are by channel and topic, entries by
    enrollment, segments are ids as text."""

    consents: dict[tuple[str, str], str] = field(default_factory=dict)
    segments: set[str] = field(default_factory=set)
    messages: list[SentMessage] = field(default_factory=list)
    entries: dict[UUID, Entered] = field(default_factory=dict)
    fetched: set[str] = field(default_factory=set)


NOTHING = Standing()
"""Of whom nothing was asked."""
