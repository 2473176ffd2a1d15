"""B1, ingest over HTTP: batches of 500, and single events over 16 connections. An answer means committed."""

import hashlib
import http.client
import json
import os
import secrets
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from bench.machine import cpu_us, rss_mb, summary
from journey_engine.clock import now
from journey_engine.embedded import free_port
from journey_engine.ids import uuid7
from journey_engine.store import api_keys, workspaces
from journey_engine.store.session import engine_for, transaction

BATCH, CONNECTIONS = 500, 16
SENDERS = 4
SINGLE_SHARE = 20


def run(machine, events, repeat):
    batches = [one_run(machine, events, BATCH, SENDERS) for _ in range(repeat)]
    yield {"what": f"B1a ingest, {events:,} events in batches of {BATCH}", "figures": summary(batches)}
    single = events // SINGLE_SHARE
    singles = [one_run(machine, single, 1, CONNECTIONS) for _ in range(repeat)]
    yield {"what": f"B1b ingest, {single:,} single events, {CONNECTIONS} connections", "figures": summary(singles)}


def one_run(machine, events, size, connections):
    with machine.fresh_database() as url, serving(machine, url) as (port, key, pid):
        machine.settle()
        bodies = [body(first, size) for first in range(0, events, size)]
        send(port, key, [body(-size, size)])
        before = machine.database_cpu_us(), cpu_us(pid), machine.wal_bytes()
        began = time.perf_counter()
        with ThreadPoolExecutor(connections) as pool:
            shares = [bodies[n::connections] for n in range(connections)]
            waits = sorted(w for found in pool.map(lambda share: send(port, key, share), shares) for w in found)
        spent = time.perf_counter() - began
        return {
            "events/s": events / spent,
            "ms to the answer, p50": 1000 * waits[len(waits) // 2],
            "ms to the answer, p99": 1000 * waits[int(len(waits) * 0.99)],
            "CPU µs per event, web": (cpu_us(pid) - before[1]) / events,
            "CPU µs per event, PostgreSQL": (machine.database_cpu_us() - before[0]) / events,
            "WAL bytes per event": (machine.wal_bytes() - before[2]) / events,
            "RSS of web, MB": rss_mb(pid),
        }


@contextmanager
def serving(machine, url):
    """The real application under gunicorn, with a key that may push events."""
    key, port = secrets.token_urlsafe(24), free_port()
    with transaction(engine_for(url)) as tx:
        own = {
            "id": uuid7(now()),
            "workspace_id": workspaces.add(tx, "Bench", "UTC"),
            "name": "Bench",
            "scope": "ingest",
        }
        api_keys.add(tx, own | {"key_hash": hashlib.sha256(key.encode()).digest(), "hint": key[-4:]})
    told = {"DATABASE_URL": url, "REDIS_URL": machine.redis_url, "SECRET_KEY": "bench" * 8, "PORT": str(port)}
    command = [sys.executable, "-m", "gunicorn", "-c", "python:api.server", "--log-level", "warning"]
    process = subprocess.Popen(command, env={**os.environ, **told, "HOST": "127.0.0.1"}, stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield port, key, process.pid
    finally:
        process.terminate()
        process.wait(20)


def wait_for(port, within_s=30):
    until = time.monotonic() + within_s
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            return connection.getresponse().read()
        except OSError:
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.1)


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
