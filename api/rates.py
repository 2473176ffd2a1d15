"""How often a password or a key may be tried: counted in Redis for all processes, in memory while Redis is away."""

from dataclasses import dataclass

import redis
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter

from journey_engine.clock import monotonic_s, now
from journey_engine.errors import TooMany

AWAY_S = 5.0
"""How long we count in memory after Redis did not answer, instead of waiting for it each time."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many tries a minute under one name."""

    name: str
    per_minute: int

    def count(self, rates: "Rates", who: str) -> None:
        """Count one try; raises TooMany when there were too many."""
        item = RateLimitItemPerMinute(self.per_minute)
        allowed, reset = rates.hit(item, self.name, who)
        if not allowed:
            raise TooMany(retry_after_s=max(1, round(reset - now().timestamp())), code=f"rate:{self.name}")

    def forget(self, rates: "Rates", who: str) -> None:
        """The try was good: begin to count anew."""
        rates.clear(RateLimitItemPerMinute(self.per_minute), self.name, who)


WRONG_PASSWORDS = Rate("password", 10)
LOGINS = Rate("login", 120)
WRONG_KEYS = Rate("key", 60)


class Rates:
    """Counters of this process, shared with others as long as Redis answers."""

    def __init__(self, redis_url: str):
        self.here = FixedWindowRateLimiter(MemoryStorage())
        timeouts = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
        self.shared = FixedWindowRateLimiter(RedisStorage(redis_url, **timeouts)) if redis_url else None
        self.away_until = 0.0

    def hit(self, item: RateLimitItemPerMinute, *who: str) -> tuple[bool, float]:
        """Whether one more is allowed, and when counting begins anew."""
        return self._ask(lambda limiter: (limiter.hit(item, *who), limiter.get_window_stats(item, *who).reset_time))

    def clear(self, item: RateLimitItemPerMinute, *who: str) -> None:
        self._ask(lambda limiter: limiter.clear(item, *who))

    def _ask(self, question):
        if self.shared is not None and monotonic_s() > self.away_until:
            try:
                return question(self.shared)
            except redis.RedisError:
                self.away_until = monotonic_s() + AWAY_S
        return question(self.here)
