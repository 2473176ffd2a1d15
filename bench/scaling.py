"""Scaling: the six steps with 1, 2, 3, 4 and 8 turn workers, what one more costs, and what they wait for.

Throughput cannot grow beyond the cores. What tells about more machines is what grows with the number of workers:
computing per customer, statements, turns that find every shard taken, and what turns spend their time waiting for.
"""

import json
import subprocess
import sys
import threading
import time
from collections import Counter

import psycopg
from sqlalchemy import event

from bench.machine import cpu_us, summary
from bench.shop import added
from bench.six_steps import six_step_shop
from journey_engine.pipeline.tick import turns_due
from journey_engine.pipeline.turn import turn
from journey_engine.store.session import engine_for, transaction
from journey_engine.store.work import next_wake
from journey_engine.working import collect_rarely

WORKERS = (1, 2, 3, 4, 8)
SAMPLE_S = 0.05
LONGEST_S = 300
"""A run that takes longer than this is ended: then the machine is too busy to say anything."""


def run(machine, sizes):
    """`sizes` says how many customers, and how often each is repeated."""
    for workers in WORKERS:
        runs = [one_run(machine, sizes.customers, workers) for _ in range(sizes.repeat)]
        what = f"Scaling: six steps, {sizes.customers:,} customers, {workers} worker(s)"
        yield {"what": what, "figures": summary(runs), "targets": {}}


def one_run(machine, customers, workers):
    with machine.fresh_database() as url:
        shop = six_step_shop(machine, url)
        shop.tell(added, customers)
        shop.vacuum()
        machine.settle()
        team = [Worker(url) for _ in range(workers)]
        try:
            before = machine.wal_bytes(), machine.database_cpu_us(), sum(w.cpu_us() for w in team)
            with Waits(url) as waits:
                told = together(team)
            python_us = sum(w.cpu_us() for w in team) - before[2]
            database_us = machine.database_cpu_us() - before[1]
            wal = machine.wal_bytes() - before[0]
            assert shop.ask("SELECT count(*) FROM messages") == customers
            return figures(customers, told, python_us, database_us, wal) | waits.shares()
        finally:
            for worker in team:
                worker.end()


def figures(customers, told, python_us, database_us, wal):
    total = Counter()
    for one in told:
        total.update(one)
    return {
        "customers/s": customers / max(one["busy_s"] for one in told),
        "CPU µs per customer": (python_us + database_us) / customers,
        "CPU µs per customer, Python": python_us / customers,
        "CPU µs per customer, PostgreSQL": database_us / customers,
        "customers per turn": 2 * customers / total["turns"],
        "turns": total["turns"],
        "turns that found every shard taken": total["in_vain"],
        "statements per 1,000 customers": total["statements"] * 1000 / customers,
        "WAL bytes per customer": wal / customers,
    }


class Worker:
    """A process that works turns from the moment it is told to until nobody waits any more."""

    def __init__(self, url):
        command = [sys.executable, "-m", "bench.scaling", url]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def begin(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def finish(self):
        return json.loads(self.process.stdout.readline())

    def cpu_us(self):
        return cpu_us(self.process.pid)

    def end(self):
        self.process.stdin.close()
        self.process.wait(20)


def together(team):
    """Let all work until everybody is through; what each tells of itself."""
    too_long = threading.Timer(LONGEST_S, lambda: [worker.process.kill() for worker in team])
    too_long.start()
    try:
        for worker in team:
            worker.begin()
        return [worker.finish() for worker in team]
    finally:
        too_long.cancel()


class Waits:
    """Looks many times a second what each connection that has a transaction open is waiting for."""

    LOOK = """
        SELECT CASE
                WHEN wait_event = 'ClientRead' THEN 'Python'
                WHEN wait_event_type IS NULL THEN 'PostgreSQL'
                WHEN wait_event ILIKE '%wal%' THEN 'WAL'
                WHEN wait_event_type = 'Lock' THEN 'locks'
                WHEN wait_event_type = 'LWLock' THEN 'latches'
                ELSE 'other'
            END, count(*)
        FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' GROUP BY 1
    """

    def __init__(self, url):
        self.connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True, prepare_threshold=None)
        self.seen, self.ended = Counter(), threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        self.connection.close()

    def _look(self):
        while not self.ended.wait(SAMPLE_S):
            self.seen.update(dict(self.connection.execute(self.LOOK).fetchall()))

    def shares(self):
        every = sum(self.seen.values()) or 1
        names = ("Python", "PostgreSQL", "WAL", "locks", "latches", "other")
        return {f"% of turns' time: {name}": 100 * self.seen[name] / every for name in names}


def work(url):
    """What a worker process does."""
    engine, statements = engine_for(url), Counter()
    event.listen(engine, "before_cursor_execute", lambda *_: statements.update(("statements",)))
    with transaction(engine) as tx:
        next_wake(tx)
    collect_rarely()
    print("ready", flush=True)
    sys.stdin.readline()
    statements.clear()
    told = work_until_nobody_waits(engine)
    print(json.dumps(told | {"statements": statements["statements"]}), flush=True)
    sys.stdin.readline()  # the connection stays until what it used has been read


def work_until_nobody_waits(engine):
    """Turns, and how many found work, found none to take, and the seconds that somebody had work."""
    told, busy_s = Counter(turns=0, in_vain=0), 0.0
    while True:
        began = time.perf_counter()
        if turn(engine).worked:
            told["turns"] += 1
        elif turns_due(engine):
            told["in_vain"] += 1
            time.sleep(0.002)
        else:
            with transaction(engine) as tx:
                if next_wake(tx) is None:
                    return told | {"busy_s": busy_s}
            time.sleep(0.01)
            continue
        busy_s += time.perf_counter() - began


if __name__ == "__main__":
    work(sys.argv[1])
