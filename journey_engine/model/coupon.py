"""A coupon: one code of a pool, which one customer is given once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Coupon:
    """`expires_at` is the code's own, else its pool's; null when it never does."""

    pool_id: UUID
    code: str
    expires_at: datetime | None = None
