"""Holdout: which customers are left without marketing, so that it shows what the others would have done anyway.

Whether somebody is held out follows from the scope (a journey, or the whole workspace), the customer and the share
alone: the same customer is always on the same side, and a larger share only adds customers to those held out.
"""

import hashlib
from uuid import UUID

_RANGE = 1 << 64


def held_out(scope: str, customer_id: UUID, percent: int) -> bool:
    """Whether this customer is among the `percent` of a scope who are held out."""
    if percent <= 0:
        return False
    seed = f"holdout/{scope}/{customer_id.hex}".encode()
    roll = int.from_bytes(hashlib.blake2b(seed, digest_size=8).digest(), "big")
    return roll * 100 < percent * _RANGE


def percent_of(settings: dict) -> int:
    """The share that a workspace's settings say, 0 when they say none."""
    told = settings.get("holdout")
    percent = told.get("percent") if isinstance(told, dict) else None
    return percent if isinstance(percent, int) and not isinstance(percent, bool) and 0 < percent <= 100 else 0
