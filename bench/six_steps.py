"""B2, six steps: event, condition, wait of a second, condition, message in the outbox, end.

The events are there already. Workers are processes that work turns until nobody waits any more; the time in which
nothing is due, because everybody waits for their second, is not counted.
"""

import json
import subprocess
import sys
import time

from sqlalchemy import event, text

from bench.machine import cpu_us, rss_mb, summary
from journey_engine.clock import now
from journey_engine.ids import uuid7
from journey_engine.pipeline import control
from journey_engine.pipeline.ingest import ingest, make_incoming
from journey_engine.pipeline.tick import turns_due
from journey_engine.pipeline.turn import turn
from journey_engine.store import accounts, journeys, workspaces
from journey_engine.store.session import engine_for, transaction
from journey_engine.store.work import next_wake
from journey_engine.working import collect_rarely

STEPS = 6
BATCH = 1_000


def run(machine, customers, repeat):
    for workers in (1, 2):
        runs = [one_run(machine, customers, workers) for _ in range(repeat)]
        yield {"what": f"B2 six steps, {customers:,} customers, {workers} worker(s)", "figures": summary(runs)}


def one_run(machine, customers, workers):
    with machine.fresh_database() as url:
        fill(url, customers)
        machine.settle()
        team = [Worker(url) for _ in range(workers)]
        try:
            wal, database_cpu, cpu = machine.wal_bytes(), machine.database_cpu_us(), sum(w.cpu_us() for w in team)
            spent = together(team)
            python_us = sum(w.cpu_us() for w in team) - cpu
            database_us = machine.database_cpu_us() - database_cpu
            done = count(url, "SELECT count(*) FROM messages"), count(url, "SELECT count(*) FROM visits")
            assert done == (customers, 2 * customers), f"messages and visits are {done}"
            return {
                "customers/s": customers / spent,
                "steps/s": STEPS * customers / spent,
                "CPU µs per step": (python_us + database_us) / customers / STEPS,
                "CPU µs per customer, Python": python_us / customers,
                "CPU µs per customer, PostgreSQL": database_us / customers,
                "statements per 1,000 customers": sum(w.statements for w in team) * 1000 / customers,
                "WAL bytes per customer": (machine.wal_bytes() - wal) / customers,
                "RSS of a worker, MB": max(w.rss_mb() for w in team),
            }
        finally:
            for worker in team:
                worker.end()


class Worker:
    """A process that works turns each time it is told to, until nothing is due."""

    def __init__(self, url):
        command = [sys.executable, "-m", "bench.six_steps", url]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.statements = 0
        assert self.process.stdout.readline() == "ready\n"

    def begin(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def finish(self):
        """The seconds it was busy."""
        told = json.loads(self.process.stdout.readline())
        self.statements += told["statements"]
        return told["busy_s"]

    def cpu_us(self):
        return cpu_us(self.process.pid)

    def rss_mb(self):
        return rss_mb(self.process.pid)

    def end(self):
        self.process.stdin.close()
        self.process.wait(20)


def together(team):
    """Let all work until everybody is through; the seconds the busiest was busy."""
    for worker in team:
        worker.begin()
    return max([worker.finish() for worker in team])


def fill(url, customers):
    engine = engine_for(url)
    with transaction(engine) as tx:
        workspace = workspaces.add(tx, "Bench", "UTC")
        own = {"workspace_id": workspace, "name": "Hooks", "kind": "webhook", "channel": "webhook"}
        accounts.add(tx, {**own, "settings": {}, "is_default": True})
        journey = uuid7(now())
        journeys.add(tx, workspace, journey, "Six steps", GRAPH)
    control.publish(engine, workspace, journey, 1, "bench", ("127.0.0.1:1",))
    for first in range(0, customers, BATCH):
        ingest(engine, workspace, [added(n) for n in range(first, min(first + BATCH, customers))])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def added(n):
    properties = {"cart_id": f"c{n}", "product": "Jasmine tea 250 g", "price": 68, "currency": "CNY"}
    return make_incoming(f"m{n}", "Product Added", {"external_id": f"customer-{n}"}, None, properties)


def count(url, statement):
    with transaction(engine_for(url)) as tx:
        return tx.scalar(text(statement))


def work(url):
    """What a worker process does."""
    engine, statements = engine_for(url), 0

    def note(*_):
        nonlocal statements
        statements += 1

    event.listen(engine, "before_cursor_execute", note)
    waiting(engine)
    collect_rarely()
    print("ready", flush=True)
    for _ in sys.stdin:
        statements, busy_s = 0, 0.0
        while True:
            began = time.perf_counter()
            worked = turn(engine).worked
            if worked or turns_due(engine):
                busy_s += time.perf_counter() - began
            elif waiting(engine):
                time.sleep(0.01)
            else:
                break
        print(json.dumps({"statements": statements, "busy_s": busy_s}), flush=True)


def waiting(engine):
    with transaction(engine) as tx:
        return next_wake(tx) is not None


DID_NOT_BUY = {"event": "Order Completed", "did": False, "since": "entry"}
GRAPH = {
    "settings": {},
    "nodes": [
        {"id": "added", "kind": "event", "settings": {"event": "Product Added"}},
        {"id": "vip", "kind": "condition", "settings": {"rule": {"attribute": "tier", "op": "is", "value": "gold"}}},
        {"id": "wait", "kind": "wait", "settings": {"duration": {"amount": 1, "unit": "seconds"}}},
        {"id": "bought", "kind": "condition", "settings": {"rule": DID_NOT_BUY}},
        {"id": "hook", "kind": "send_webhook", "settings": {"url": "http://127.0.0.1:1/hook"}},
        {"id": "end", "kind": "exit", "settings": {}},
    ],
    "edges": [
        {"from": "added", "exit": "next", "to": "vip"},
        {"from": "vip", "exit": "yes", "to": "end"},
        {"from": "vip", "exit": "no", "to": "wait"},
        {"from": "wait", "exit": "next", "to": "bought"},
        {"from": "bought", "exit": "yes", "to": "hook"},
        {"from": "bought", "exit": "no", "to": "end"},
        {"from": "hook", "exit": "next", "to": "end"},
    ],
}

if __name__ == "__main__":
    work(sys.argv[1])
