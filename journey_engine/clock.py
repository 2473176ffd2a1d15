"""The one place that reads the time. Everything that decides is handed its `now`."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


def monotonic_s() -> float:
    """Seconds on a clock that never goes back, for measuring how long something took."""
    return time.monotonic()
