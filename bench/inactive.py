"""B6, inactivity: among many customers, those who become quiet within one day are found and told.

What a look costs when nobody has become quiet, and what it takes to note all who are known when the journey is
published, are told beside it.
"""

import time
from datetime import timedelta

from bench.machine import summary
from bench.shop import Shop, drawing
from journey_engine.clock import now
from journey_engine.pipeline.fall_due import fall_due

PER_SIZE = 20
DAYS = 90
TARGETS = {"s per 10,000 newly inactive": ("≤", 1.0)}

# Everybody bought once within the last hundred days, as many on each.
CUSTOMERS = """
    INSERT INTO customers (id, workspace_id, shard, created_at)
    SELECT id, :workspace, get_byte(uuid_send(id), 15) & 63, now() FROM (
        SELECT gen_random_uuid() AS id FROM generate_series(1, :count)
    ) made
"""
ACTIVITY = """
    INSERT INTO activity (customer_id, name, workspace_id, shard, count, first_at, last_at)
    SELECT id, 'Order Completed', workspace_id, shard, 1, at, at FROM (
        SELECT c.*, now() - interval '100 days' * random() AS at FROM customers c
    ) bought
"""


def run(machine, sizes):
    count = sizes.customers * PER_SIZE
    runs = [one_run(machine, count) for _ in range(sizes.repeat)]
    yield {"what": f"B6 newly inactive among {count:,} customers", "figures": summary(runs), "targets": TARGETS}


def one_run(machine, count):
    with machine.fresh_database() as url:
        shop = Shop(url, machine.redis_url)
        shop.do(CUSTOMERS, workspace=shop.workspace, count=count)
        shop.do(ACTIVITY)
        shop.vacuum()
        quiet = ("inactivity", {"events": ["Order Completed"], "days": DAYS})
        shop.publish(drawing({"quiet": quiet, "end": ("exit", {})}, ["quiet > end"]))
        _, noting_s = rounds(shop, now())
        shop.vacuum()
        machine.settle()
        _, looking_s = rounds(shop, now())
        told, telling_s = rounds(shop, now() + timedelta(days=1))
        return {
            "s per 10,000 newly inactive": telling_s / told * 10_000,
            "newly inactive on the day": told,
            "s until all were told": telling_s,
            "ms of a look that finds nobody": looking_s * 1000,
            "customers noted per s at publish": count * DAYS / 100 / noting_s,
        }


def rounds(shop, at):
    """Tell all that has come by then: how many, and the seconds it took."""
    began, told = time.perf_counter(), 0
    while (fallen := fall_due(shop.engine, at)).more:
        told += fallen.told
    return told + fallen.told, time.perf_counter() - began
