"""An event: something a customer did, told by a shop."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

CUSTOMER_UPDATED = "Customer Updated"
"""The event whose properties become the customer's attributes; a null removes one."""


@dataclass(frozen=True, slots=True)
class Event:
    """One stored event. `occurred_at` is the shop's word, `received_at` ours; both are UTC."""

    id: UUID
    workspace_id: int
    customer_id: UUID
    name: str
    occurred_at: datetime
    received_at: datetime
    properties: dict[str, Any]

    @property
    def counts_from(self) -> datetime:
        """When it takes its place among wakes: when it happened, but never later than we heard of it."""
        return min(self.occurred_at, self.received_at)


@dataclass(frozen=True, slots=True)
class Activity:
    """What a customer did under one event name: how often, first and last."""

    count: int
    first_at: datetime
    last_at: datetime

    def plus(self, at: datetime) -> "Activity":
        return Activity(self.count + 1, min(self.first_at, at), max(self.last_at, at))
