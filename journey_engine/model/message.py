"""A message: what one visit sends on one channel.

queued ──► sending ──► sent ──► (receipts: delivered, failed, …)
  │           ├──► queued      not sent, tried again later
  │           ├──► failed      the provider or the template refuses it for good
  │           └──► unknown     the provider did not answer after the request left, or the worker died
  └──► suppressed              an unsubscribe, erase or stop came first

A message to somebody who is held out is `suppressed` from the beginning, for the reason `holdout`.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

CLASSES = ("marketing", "transactional", "otp")

PROGRESS = {"sent": 1, "delivered": 2, "opened": 3, "clicked": 4}
"""Receipts only move a message forward along this order; a late `sent` after `delivered` changes nothing."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as a turn queues it; the content is rendered when it leaves."""

    id: UUID
    workspace_id: int
    shard: int
    customer_id: UUID
    enrollment_id: UUID
    journey_id: UUID
    version_id: int
    node_id: str
    visit: int
    channel: str
    account_id: int
    address: str
    message_class: str
    queued_at: datetime
    checks: list[dict]
    status: str = "queued"
    reason: str = ""

    @property
    def due_at(self) -> datetime | None:
        """When it may leave; never, for one that is only recorded."""
        return self.queued_at if self.status == "queued" else None
