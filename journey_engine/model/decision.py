"""A decision: what a node wants to happen to one visitor, and why. Nodes decide, the engine carries out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from journey_engine.model.coupon import Coupon

GO, HOLD, END, SEND = "go", "hold", "end", "send"


@dataclass(frozen=True, slots=True)
class Draft:
    """A message a node wants sent; the engine checks whether it may go and fills in the address, unless it is given."""

    channel: str
    account: str
    message_class: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Emit:
    """An event of this customer, told by the journey; with `journey_id` only that journey hears it."""

    name: str
    properties: dict[str, Any]
    journey_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Remember:
    """Context variables of this enrollment; null forgets one."""

    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChangeConsent:
    """The customer may (`granted`) or may not (`withdrawn`) be written to on a channel about a topic."""

    channel: str
    topic: str
    state: str


@dataclass(frozen=True, slots=True)
class Convert:
    """A goal of the journey is reached."""

    goal: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A code that is held for this visitor becomes theirs."""

    coupon: Coupon


@dataclass(frozen=True, slots=True)
class Ask:
    """A person of the shop is to say whether the visitor, who is held here, may go on."""

    until: datetime | None


Effect = Emit | Remember | ChangeConsent | Convert | Grant | Ask


@dataclass(slots=True)
class Decision:
    """`kind` says which of the other fields matter; `effects` happen before the visitor goes on."""

    visitor: Any
    kind: str
    exit: str = ""
    until: datetime | None = None
    reason: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] | None = None
    draft: Draft | None = None
    effects: Sequence[Effect] = ()


def go(
    visitor: Any,
    exit: str,
    reason: dict[str, Any],
    changes: dict[str, Any] | None = None,
    effects: Sequence[Effect] = (),
) -> Decision:
    """Leave by `exit` now; `changes` are attributes to set on the customer first (null removes)."""
    return Decision(visitor, GO, exit, None, reason, changes, None, effects)


def hold(visitor: Any, until: datetime | None, reason: dict[str, Any], effects: Sequence[Effect] = ()) -> Decision:
    """Stay here until the instant comes or an event is heard; `until` None waits for the event only."""
    return Decision(visitor, HOLD, "", until, reason, None, None, effects)


def end(visitor: Any, reason: dict[str, Any]) -> Decision:
    """The journey is over for this visitor."""
    return Decision(visitor, END, "", None, reason)


def send(visitor: Any, draft: Draft, until: datetime | None = None) -> Decision:
    """Send a message, then leave by `next`; by `skipped` or `failed` when it may not go or cannot.

    With `until` the visitor is held here once the message is queued, until that instant or until an event is heard.
    """
    return Decision(visitor, SEND, "next", until, {}, None, draft)
