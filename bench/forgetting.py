"""Forgetting: what it costs to remove what is no longer kept, and to find that there is nothing to remove.

Ninety days of enrollments are grown as for B5; then the house is kept as if only 35 days were to be. The pause after
each batch is left out of the figures; in a real worker it is as long as the batch.
"""

import threading
import time
from datetime import timedelta

from bench.growth import grow
from bench.machine import summary
from bench.six_steps import six_step_shop
from journey_engine.config import Keep
from journey_engine.pipeline import forget as forgetting
from journey_engine.store import retention
from journey_engine.store.ingest import database_now
from journey_engine.store.session import transaction

ENROLLMENTS = 200_000
SHORT = Keep(35, 35, 35)


class NoPause(threading.Event):
    """Never stops and never waits."""

    def wait(self, timeout=None):
        return False


def run(machine, sizes):
    with machine.fresh_database() as url:
        shop = six_step_shop(machine, url)
        grow(shop, ENROLLMENTS)
        shop.vacuum()
        machine.settle()
        with transaction(shop.engine) as tx:
            now = database_now(tx)
        yield row("what is older than 35 of 90 days", forget(machine, shop, now))
        yield row("a round of a day later that finds a day's worth", forget(machine, shop, now + timedelta(days=1)))
        yield row("between two rounds", forget(machine, shop, now + timedelta(days=1)))


def row(what, figures):
    return {"what": f"forgetting, {ENROLLMENTS:,} enrollments: {what}", "figures": summary([figures]), "targets": {}}


def forget(machine, shop, now):
    """Rows of all tables that went, what each cost, and the longest that anything was held."""
    before, wal, cpu, began = rows(shop), machine.wal_bytes(), machine.database_cpu_us(), time.monotonic()
    longest = Longest()
    original, retention.remove_some = retention.remove_some, longest.of(retention.remove_some)
    try:
        forgetting.forget(shop.engine, now, SHORT, NoPause())
    finally:
        retention.remove_some = original
    spent = time.monotonic() - began
    cpu, wal, gone = machine.database_cpu_us() - cpu, machine.wal_bytes() - wal, before - rows(shop)
    figures = {"rows removed": gone, "s": spent, "ms of the longest batch": longest.ms}
    if gone:
        figures |= {"CPU µs per row, PostgreSQL": cpu / gone, "WAL bytes per row": wal / gone}
    return figures


class Longest:
    ms = 0.0

    def of(self, act):
        def timed(*told):
            began = time.monotonic()
            done = act(*told)
            self.ms = max(self.ms, 1000 * (time.monotonic() - began))
            return done

        return timed


def rows(shop):
    tables = ("enrollments", "visits", "messages", "events", "event_keys")
    return sum(shop.ask(f"SELECT count(*) FROM {table}") for table in tables)
