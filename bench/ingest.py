"""B1, ingest over HTTP: batches of 500, and single events over 16 connections. An answer means committed."""

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor

from bench.machine import share, summary
from bench.processes import web
from bench.shop import Shop

BATCH, SENDERS, CONNECTIONS = 500, 4, 16
SINGLE_SHARE = 20

BATCH_TARGETS = {"events/s": ("≥", 25_000)}
SINGLE_TARGETS = {"events/s": ("≥", 1_000), "ms to the answer, p99": ("≤", 100)}


def run(machine, sizes):
    batches = [one_run(machine, sizes.events, BATCH, SENDERS) for _ in range(sizes.repeat)]
    what = f"B1a ingest, {sizes.events:,} events in batches of {BATCH}, {SENDERS} connections"
    yield {"what": what, "figures": summary(batches), "targets": BATCH_TARGETS}
    single = sizes.events // SINGLE_SHARE
    singles = [one_run(machine, single, 1, CONNECTIONS) for _ in range(sizes.repeat)]
    what = f"B1b ingest, {single:,} single events, {CONNECTIONS} connections"
    yield {"what": what, "figures": summary(singles), "targets": SINGLE_TARGETS}


def one_run(machine, events, size, connections):
    with machine.fresh_database() as url:
        shop = Shop(url, machine.redis_url)
        bodies = [body(first, size) for first in range(0, events, size)]
        with web(shop.environment) as (server, port):
            machine.settle()
            send(port, shop.key, [body(-size, size)])
            before = machine.database_cpu_us(), server.cpu_us(), machine.wal_bytes()
            began = time.perf_counter()
            with ThreadPoolExecutor(connections) as pool:
                shares = [bodies[n::connections] for n in range(connections)]
                waits = [w for found in pool.map(lambda share: send(port, shop.key, share), shares) for w in found]
            spent = time.perf_counter() - began
            after = machine.database_cpu_us(), server.cpu_us(), machine.wal_bytes()
            memory = server.rss_mb()
        stored = shop.ask("SELECT count(*) FROM events")
        assert stored == events + size, f"{stored} of {events + size} events are stored"
        database_us, web_us, wal = (b - a for a, b in zip(before, after, strict=True))
        return {
            "events/s": events / spent,
            "ms to the answer, p50": 1000 * share(waits, 0.5),
            "ms to the answer, p99": 1000 * share(waits, 0.99),
            "CPU µs per event, web": web_us / events,
            "CPU µs per event, PostgreSQL": database_us / events,
            "WAL bytes per event": wal / events,
            "RSS of web, MB": memory,
        }


def send(port, key, bodies):
    """Post each body on one connection; how long each answer took."""
    connection, waits = http.client.HTTPConnection("127.0.0.1", port, timeout=60), []
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    for one in bodies:
        began = time.perf_counter()
        connection.request("POST", "/api/v1/events", one, headers)
        answer = connection.getresponse()
        told = answer.read()
        waits.append(time.perf_counter() - began)
        assert answer.status == 200, told[:500]
    connection.close()
    return waits


def body(first, size):
    events = [one_event(first + n) for n in range(size)]
    return json.dumps(events[0] if size == 1 else {"events": events}).encode()


def one_event(n):
    """About 300 bytes, as shops send them; every customer does three things."""
    properties = {
        "cart_id": f"cart-{n // 3}",
        "product": "Jasmine tea, spring harvest",
        "sku": f"TEA-{n % 97}",
        "price": 68,
    }
    return {
        "message_id": f"bench-{n}-{'x' * 12}",
        "name": ("Product Viewed", "Product Added", "Order Completed")[n % 3],
        "customer": {"external_id": f"customer-{n // 3}", "email": f"customer-{n // 3}@mail.example"},
        "properties": properties,
    }
