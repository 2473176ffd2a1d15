"""B3, a herd: everybody's wait ends in the same instant, while the shop's events and the operators' pages go on.

The customers entered by real turns; then their wakes are set to one instant. Two real workers, a real web server, and
a client that asks at a steady rate from before the instant until the last customer has moved.
"""

import time

from bench.load import Load
from bench.machine import share, summary
from bench.processes import until, web, workers
from bench.shop import Shop, added, drawing

AHEAD_S = 6.0
SET_PER_S = 5_000
"""How many wakes are set to another instant in a second, with room to spare."""

DRAINED_WITHIN_S = 180
RATE = 20
"""Requests a second of each kind; an open page asks for far less."""

TARGETS = {"s until drained": ("≤", 6), "ms of the API meanwhile, p99": ("≤", 500)}

GRAPH = drawing(
    {
        "added": ("event", {"event": "Product Added"}),
        "wait": ("wait", {"duration": {"amount": 30, "unit": "days"}}),
        "hook": ("send_webhook", {"url": "http://127.0.0.1:1/hook"}),
        "end": ("exit", {}),
    },
    ["added > wait", "wait > hook", "hook > end"],
)

EVENT = (
    '{"message_id": "view-@n", "name": "Product Viewed", "customer": {"external_id": "customer-@n"}, '
    '"properties": {"sku": "TEA-1", "price": 68}}'
)


def run(machine, sizes):
    runs = [one_run(machine, sizes.herd) for _ in range(sizes.repeat)]
    what = f"B3 herd, {sizes.herd:,} wakes due in one instant, 2 workers, {2 * RATE} requests/s beside"
    yield {"what": what, "figures": summary(runs), "targets": TARGETS}


def one_run(machine, customers):
    with machine.fresh_database() as url:
        shop, journey = waiting_shop(machine, url, customers)
        with web(shop.environment) as (server, port), workers("turns", 2, shop.environment) as team:
            load = Load(port, shop.key, 2 * DRAINED_WITHIN_S, streams(journey))
            instant = gather(shop, customers)
            before = used(machine, team, server)
            time.sleep(max(0.0, instant - time.monotonic()))
            until(lambda: drained(shop), DRAINED_WITHIN_S, "nobody is due any more", 0.02)
            spent = time.monotonic() - instant
            after = used(machine, team, server)
            asked = load.finish()
            memory = max(worker.rss_mb() for worker in team)
        done = shop.ask("SELECT count(*) FROM messages")
        assert done == customers, f"{done} messages of {customers} customers"
        return {"s until drained": spent, "customers/s": customers / spent} | figures(
            asked, (instant, instant + spent), before, after, customers, memory
        )


def waiting_shop(machine, url, customers):
    """A shop in which everybody waits, and its journey."""
    shop = Shop(url, machine.redis_url, "127.0.0.1:1")
    shop.add_account("webhook", "webhook", secret={"secret": "bench"})
    journey = shop.publish(GRAPH)
    shop.tell(added, customers)
    shop.work()
    waiting = shop.ask("SELECT count(*) FROM enrollments WHERE status = 'waiting'")
    assert waiting == customers, f"{waiting} of {customers} wait"
    shop.vacuum()
    machine.settle()
    return shop, journey


def gather(shop, customers):
    """Set all wakes to one instant; that instant on this machine's clock."""
    ahead_s = AHEAD_S + customers / SET_PER_S
    shop.do("UPDATE enrollments SET wake_at = now() + :ahead * interval '1 second'", ahead=ahead_s)
    shop.vacuum()
    left = float(shop.ask("SELECT extract(epoch FROM max(wake_at) - clock_timestamp()) FROM enrollments"))
    assert left > 0, f"setting the wakes took {ahead_s - left:.0f} s, longer than they were set ahead"
    return time.monotonic() + left


def drained(shop):
    return not shop.ask("SELECT EXISTS (SELECT FROM enrollments WHERE wake_at IS NOT NULL)")


def streams(journey):
    """What operators' pages ask for, and what a shop tells."""
    return {
        "counts": {"method": "GET", "path": f"/api/v1/journeys/{journey}/counts", "rate": RATE / 2},
        "customers": {"method": "GET", "path": "/api/v1/customers?limit=50", "rate": RATE / 4},
        "overview": {"method": "GET", "path": "/api/v1/overview", "rate": RATE / 4},
        "event": {"method": "POST", "path": "/api/v1/events", "body": EVENT, "rate": RATE},
    }


def used(machine, team, server):
    return sum(w.cpu_us() for w in team), server.cpu_us(), machine.database_cpu_us(), machine.wal_bytes()


def figures(asked, during, before, after, customers, memory):
    meanwhile = [one for one in asked if during[0] <= one[1] <= during[1]]
    quiet = [one for one in asked if one[1] < during[0] - 1]
    refused = [one for one in asked if one[4] not in (200, 201)]
    assert not refused, f"{len(refused)} requests failed, such as {refused[0]}"
    workers_us, _, database_us, wal = (b - a for a, b in zip(before, after, strict=True))
    return {
        "ms of the API meanwhile, p50": 1000 * share([one[3] for one in meanwhile], 0.5),
        "ms of the API meanwhile, p99": 1000 * share([one[3] for one in meanwhile], 0.99),
        "ms of the API before, p99": 1000 * share([one[3] for one in quiet], 0.99),
        "CPU µs per customer, workers": workers_us / customers,
        "CPU µs per customer, PostgreSQL": database_us / customers,
        "WAL bytes per customer": wal / customers,
        "RSS of a worker, MB": memory,
    }
