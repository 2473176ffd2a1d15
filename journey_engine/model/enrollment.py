"""An enrollment: one customer's way through one version of a journey.

    armed ──► active ⇄ waiting ──► completed | exited | failed
      └──► exited (cancelled)

`armed`: the clock of an absence trigger is running, the journey is not entered yet. `active` lasts only inside a turn.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

LIVE = ("armed", "active", "waiting")
ENDED = ("completed", "exited", "failed")


@dataclass(slots=True)
class Enrollment:
    """Where a customer stands. A turn loads it, moves it in memory, and the store writes it back once.

    `fired_at` is the moment the trigger speaks of (when the event happened, when the absence was complete); rules count
    "since entering" from it, so an event that happened after it but was worked in the same turn is seen. `entered_at`
    is when the engine let the customer in; it is empty while armed. `stored`, `touched` and `retold` say what the store
    has to write: a new row, what a move changes, or what it is about as well. `reached` has when it came to the nodes
    since which some rule counts.
    """

    id: UUID
    workspace_id: int
    shard: int
    customer_id: UUID
    journey_id: UUID
    version_id: int
    key: str
    entry_no: int
    status: str
    node_id: str
    event_id: UUID | None
    context: dict[str, Any]
    fired_at: datetime
    entered_at: datetime | None = None
    wake_at: datetime | None = None
    held_since: datetime | None = None
    parked_wake_at: datetime | None = None
    visits: int = 0
    ended_at: datetime | None = None
    end_reason: str = ""
    stored: bool = field(default=True, compare=False)
    touched: bool = field(default=False, compare=False)
    retold: bool = field(default=False, compare=False)
    reached: dict[str, datetime] | None = field(default=None, compare=False)

    def retell(self, event_id: UUID | None, context: dict[str, Any]) -> None:
        """Another event, or other values of it, are what this enrollment is about from now on."""
        self.event_id, self.context, self.retold = event_id, context, True

    @property
    def live(self) -> bool:
        return self.ended_at is None
