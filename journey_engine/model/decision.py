"""A decision: what a node wants to happen to one visitor, and why. Nodes decide, the engine carries out."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

GO, HOLD, END, SEND = "go", "hold", "end", "send"


@dataclass(frozen=True, slots=True)
class Draft:
    """A message a node wants sent; the engine checks whether it may go and fills in the address."""

    channel: str
    account: str
    message_class: str


@dataclass(slots=True)
class Decision:
    """`kind` says which of the other fields matter."""

    visitor: Any
    kind: str
    exit: str = ""
    until: datetime | None = None
    reason: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] | None = None
    draft: Draft | None = None


def go(visitor: Any, exit: str, reason: dict[str, Any], changes: dict[str, Any] | None = None) -> Decision:
    """Leave by `exit` now; `changes` are attributes to set on the customer first (null removes)."""
    return Decision(visitor, GO, exit, None, reason, changes)


def hold(visitor: Any, until: datetime | None, reason: dict[str, Any]) -> Decision:
    """Stay here until the instant comes or an event is heard; `until` None waits for the event only."""
    return Decision(visitor, HOLD, "", until, reason)


def end(visitor: Any, reason: dict[str, Any]) -> Decision:
    """The journey is over for this visitor."""
    return Decision(visitor, END, "", None, reason)


def send(visitor: Any, draft: Draft) -> Decision:
    """Send a message, then leave by `next`; by `skipped` or `failed` when it may not go or cannot."""
    return Decision(visitor, SEND, "next", None, {}, None, draft)
