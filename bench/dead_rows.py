"""Dead rows: six steps and their deliveries without a pause, and how many rows wait for vacuum meanwhile.

Once with the tables' own settings for vacuum, once with the server's. A PostgreSQL of the bench's own has autovacuum
look every few seconds, not every minute, so that minutes show what hours do: in between each table may gather what its
thresholds allow. `in place` is the share of updates that left all indexes alone (HOT), which need no vacuum.
"""

import os
import threading
import time

from sqlalchemy import text

from bench.machine import summary
from bench.processes import until, workers
from bench.shop import Shop
from bench.sink import sink
from bench.six_steps import SECOND, graph
from journey_engine.pipeline.ingest import make_incoming
from journey_engine.store.session import transaction
from journey_engine.store.tables import metadata

WATCHED = ("inbox", "enrollments", "activity", "counts", "messages", "deliveries", "event_keys", "accounts")
CUSTOMERS = 20_000
RATE = 800
"""Events a second; two cores do all of it with room to spare."""

NAP_S = 5
OWN, PLAIN = "own settings", "PostgreSQL's settings"

LOOK = """
    SELECT relname, n_live_tup, n_dead_tup, n_tup_upd, n_tup_hot_upd, autovacuum_count,
        pg_table_size(relid) AS bytes, pg_indexes_size(relid) AS index_bytes
    FROM pg_stat_user_tables WHERE relname = ANY(CAST(:watched AS text[]))
"""


def run(machine, sizes):
    if not os.environ.get("DATABASE_URL"):
        machine.run(f"ALTER SYSTEM SET autovacuum_naptime = '{NAP_S}s'")
        machine.run("SELECT pg_reload_conf()")
    for settings in (OWN, PLAIN):
        for table, figures in one_run(machine, settings, sizes.dead_rows_s).items():
            what = f"dead rows of {table}, {RATE} customers/s for {sizes.dead_rows_s} s, {settings}"
            yield {"what": what, "figures": summary([figures]), "targets": {}}


def one_run(machine, settings, seconds):
    with machine.fresh_database() as url, sink() as receiver:
        shop = Shop(url, machine.redis_url, f"127.0.0.1:{receiver.port}")
        shop.add_account("webhook", "webhook", secret={"secret": "bench"})
        shop.publish(graph("Product Added", SECOND, receiver.url), "Six steps")
        if settings == PLAIN:
            forget_settings(shop)
        with workers("turns", 2, shop.environment), workers("deliveries", 1, shop.environment):
            looks = feed(shop, seconds)
            until(lambda: not shop.ask("SELECT count(*) FROM inbox"), 120, "the inbox is empty", 0.5)
        return {table: told([look[table] for look in looks if table in look]) for table in WATCHED}


def forget_settings(shop):
    for table in metadata.sorted_tables:
        ours = [name for name in table.dialect_options["postgresql"]["with"] or () if "vacuum" in name]
        if ours:
            shop.do(f"ALTER TABLE {table.name} RESET ({', '.join(ours)})")


def feed(shop, seconds):
    """Events at a steady rate, each customer again and again, while another thread looks every second."""
    looks, over = [], threading.Event()

    def look():
        while not over.wait(1):
            with transaction(shop.engine) as tx:
                looks.append({row.relname: row for row in tx.execute(text(LOOK), {"watched": list(WATCHED)})})

    watching = threading.Thread(target=look)
    watching.start()
    began, batch = time.monotonic(), RATE // 4
    try:
        for first in range(0, RATE * seconds, batch):
            time.sleep(max(0.0, began + first / RATE - time.monotonic()))
            shop.tell(lambda n, first=first: seen(first + n), batch)
    finally:
        over.set()
        watching.join()
    return looks


def seen(n):
    properties = {"cart_id": f"c{n}", "product": "Jasmine tea 250 g", "price": 68, "currency": "CNY"}
    who = {"external_id": f"customer-{n % CUSTOMERS}"}
    return make_incoming(f"m{n}", "Product Added", who, None, properties)


def told(looks):
    last, half = looks[-1], looks[len(looks) // 2]
    return {
        "live rows at the end": last.n_live_tup,
        "dead rows at most": max(look.n_dead_tup for look in looks),
        "dead rows at most, second half": max(look.n_dead_tup for look in looks[len(looks) // 2 :]),
        "updates": last.n_tup_upd,
        "in place, %": 100 * last.n_tup_hot_upd / max(1, last.n_tup_upd),
        "vacuums": last.autovacuum_count,
        "MB at half time": half.bytes / 1e6,
        "MB at the end": last.bytes / 1e6,
        "MB of indexes at the end": last.index_bytes / 1e6,
    }
