"""B2, six steps: event, condition, wait of a second, condition, message in the outbox, end.

The events are there already. Workers are processes that work turns until nobody waits any more; the time in which
nothing is due, because everybody waits for their second, is not counted.
"""

import json
import subprocess
import sys
import time

import psycopg
from sqlalchemy import event

from bench.machine import summary
from bench.processes import Process
from bench.shop import Shop, added, drawing
from journey_engine.pipeline.tick import turns_due
from journey_engine.pipeline.turn import turn
from journey_engine.store.session import engine_for, transaction
from journey_engine.store.work import next_wake
from journey_engine.working import collect_rarely

STEPS = 6
TARGETS = {"customers/s": ("≥", 15_000), "steps/s": ("≥", 90_000)}

DID_NOT_BUY = {"event": "Order Completed", "did": False, "since": "entry"}


EDGES = ["added > vip", "vip:yes > end", "vip:no > wait", "wait > bought", "bought:yes > hook", "bought:no > end"]


NOWHERE = "http://127.0.0.1:1/hook"


def graph(event_name, wait, url=NOWHERE):
    """The six steps, begun by this event."""
    nodes = {
        "added": ("event", {"event": event_name}),
        "vip": ("condition", {"rule": {"attribute": "tier", "op": "is", "value": "gold"}}),
        "wait": ("wait", {"duration": wait}),
        "bought": ("condition", {"rule": DID_NOT_BUY}),
        "hook": ("send_webhook", {"url": url}),
        "end": ("exit", {}),
    }
    return drawing(nodes, [*EDGES, "hook > end"])


SECOND = {"amount": 1, "unit": "seconds"}


def run(machine, sizes):
    for workers in (1, 2):
        runs = [one_run(machine, sizes.customers, workers) for _ in range(sizes.repeat)]
        what = f"B2 six steps, {sizes.customers:,} customers, {workers} worker(s)"
        yield {"what": what, "figures": summary(runs), "targets": TARGETS if workers == 2 else {}}


def one_run(machine, customers, workers):
    with machine.fresh_database() as url:
        shop = six_step_shop(machine, url)
        shop.tell(added, customers)
        return measured(machine, shop, customers, workers)


def six_step_shop(machine, url):
    """A shop whose one journey has the six steps."""
    shop = Shop(url, machine.redis_url, "127.0.0.1:1")
    shop.add_account("webhook", "webhook")
    shop.publish(graph("Product Added", SECOND), "Six steps")
    return shop


def measured(machine, shop, customers, workers):
    """What it takes to bring the customers whose events wait through the six steps."""
    shop.vacuum()
    machine.settle()
    before = done_so_far(shop)
    team = [Worker(shop.url) for _ in range(workers)]
    try:
        wal, database_cpu, cpu = machine.wal_bytes(), machine.database_cpu_us(), sum(w.cpu_us() for w in team)
        spent = together(team)
        python_us = sum(w.cpu_us() for w in team) - cpu
        database_us = machine.database_cpu_us() - database_cpu
        done = tuple(now - then for now, then in zip(done_so_far(shop), before, strict=True))
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
            worker.stop()


def done_so_far(shop):
    return shop.ask("SELECT count(*) FROM messages"), shop.ask("SELECT count(*) FROM visits")


class Worker(Process):
    """A process that works turns each time it is told to, until nothing is due."""

    def __init__(self, url):
        command = (sys.executable, "-m", "bench.six_steps", url)
        super().__init__(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
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


def together(team):
    """Let all work until everybody is through; the seconds the busiest was busy."""
    for worker in team:
        worker.begin()
    return max([worker.finish() for worker in team])


def work(url):
    """What a worker process does."""
    engine, statements = engine_for(url), Statements(engine_for(url))
    waiting(engine)
    collect_rarely()
    print("ready", flush=True)
    for _ in sys.stdin:
        statements.count, busy_s = 0, 0.0
        while True:
            began = time.perf_counter()
            worked = turn(engine).worked
            if worked or turns_due(engine):
                busy_s += time.perf_counter() - began
            elif waiting(engine):
                time.sleep(0.01)
            else:
                break
        print(json.dumps({"statements": statements.count, "busy_s": busy_s}), flush=True)


class Statements:
    """Counts what this process asks of the database, each COPY too."""

    def __init__(self, engine):
        self.count = 0
        event.listen(engine, "before_cursor_execute", self.note)
        original = psycopg.Cursor.copy

        def copy(cursor, *arguments, **options):
            self.note()
            return original(cursor, *arguments, **options)

        psycopg.Cursor.copy = copy

    def note(self, *_):
        self.count += 1


def waiting(engine):
    """Whether somebody's wait ends soon; those who wait for days are another bench's ballast."""
    with transaction(engine) as tx:
        at = next_wake(tx)
    return at is not None and at.timestamp() < time.time() + 5


if __name__ == "__main__":
    work(sys.argv[1])
