"""The killer: ends processes in an order that its seed decides, and measures when work of that kind went on."""

import random
import threading
import time
from dataclasses import dataclass

import psycopg
import redis

from tests.crash.engine import wait_for

TARGETS = (
    "turns worker",
    "deliveries worker",
    "web worker",
    "web master",
    "valkey",
    "flushall",
    "database connection",
    "both turns workers",
)
POSTMASTER = "postgres"

LAST_GASP_S = 0.4
"""What was on its way when the signal came is over by then; only what is done later counts as going on."""

GIVEN_UP_AFTER_S = 30

NEEDS = {
    "turns worker": "turns",
    "both turns workers": "turns",
    "deliveries worker": "deliveries",
    "web worker": "web",
    "web master": "web",
    "valkey": "turns",
    "flushall": "turns",
    "database connection": "turns",
    "postgres": "turns",
}
"""The kind of work that each target stands in the way of."""


@dataclass
class Kill:
    target: str
    at: float
    resumed_s: float | None
    """Seconds until work of this kind went on; None when there was none to do."""


class Killer:
    """Kills one thing after another until told to stop."""

    def __init__(self, engine, client, seed, pause_s=(1.5, 3.0), postgres_after=4):
        self.engine, self.client = engine, client
        self.chance, self.pause_s, self.postgres_after = random.Random(seed), pause_s, postgres_after
        self.kills: list[Kill] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="killer", daemon=True)
        self._last: dict[str, float] = {}

    def start(self):
        self._thread.start()

    def stop(self):
        self._ended.set()
        self._thread.join()

    def _run(self):
        order: list[str] = []
        while not self._ended.wait(self.chance.uniform(*self.pause_s)):
            if not order:
                order = self.chance.sample(TARGETS, len(TARGETS))
            target = POSTMASTER if len(self.kills) == self.postgres_after else order.pop()
            if not self._strike(target):
                continue
            at = time.monotonic()
            self._ended.wait(LAST_GASP_S)
            before = self._done(NEEDS[target])
            self.kills.append(Kill(target, at, self._until_resumed(NEEDS[target], at, before)))

    def _strike(self, target):
        engine = self.engine
        try:
            if target == "flushall":
                engine.flush_redis()
            elif target == "database connection":
                engine.cut_a_connection(self.chance)
            else:
                victims = self._victims(target)
                for pid in victims:
                    engine.kill(pid)
                return bool(victims)
        except (ProcessLookupError, psycopg.Error, redis.RedisError):
            return False  # it is still on its way back from the last kill
        return True

    def _victims(self, target):
        engine = self.engine
        if target == "both turns workers":
            return engine.pids("turns")
        if target == "web worker":
            return engine.pids("web")[-1:]
        if target in ("web master", "valkey", POSTMASTER):
            return engine.pids("postgres" if target == POSTMASTER else target.split()[0])[:1]
        return [self.chance.choice(pids)] if (pids := engine.pids(target.split()[0])) else []

    def _until_resumed(self, kind, at, before):
        """Watch the work of this kind; nothing to do after a whole second means that there was none."""

        def went_on():
            done = self._done(kind)
            return done not in (None, before) or (time.monotonic() - at > 1 and not self._pending(kind))

        wait_for(went_on, GIVEN_UP_AFTER_S, every_s=0.05)
        took = time.monotonic() - at
        return took if took >= GIVEN_UP_AFTER_S or self._done(kind) != before else None

    def _done(self, kind):
        """A number that changes with every piece of work of this kind; None while it cannot be read."""
        if kind == "web":
            return self.client.acknowledged
        if kind == "deliveries":
            return self.engine.received_bytes()
        try:
            return self.engine.ask("SELECT coalesce(sum(n), 0) FROM counts WHERE what IN ('entered', 'completed')")[0][
                0
            ]
        except psycopg.Error:
            return None

    def _pending(self, kind):
        if kind == "web":
            return self.client.running
        if kind == "deliveries":
            return self.engine.ask("SELECT EXISTS (SELECT FROM messages WHERE status = 'queued')")[0][0]
        return self.engine.ask(
            "SELECT EXISTS (SELECT FROM inbox) OR EXISTS (SELECT FROM enrollments "
            "WHERE wake_at < now() - interval '1 second')"
        )[0][0]
