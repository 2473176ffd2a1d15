"""The same six steps on products that people would pick instead, in the same PostgreSQL and the same run.

Each peer is written as its documentation advises, in two forms: a job for each step, and everything before and after
the wait fused into one job each. Jobs are queued before the time begins, as the engine's events are; the second in
which the last customers only wait is not counted. Their Redis keeps nothing on disk, which is faster than what would be
as durable as the engine.
"""

import importlib
import os
import subprocess
import sys
from contextlib import contextmanager
from importlib.metadata import version

import psycopg

from bench.machine import summary
from bench.peers.durable import FILL, TABLES
from bench.processes import running, until

PEERS = {"huey": 5_000, "celery": 2_000, "rq": 1_500, "dbos": 1_500}
"""Customers of the full run: ten to twenty seconds of steady work each."""

AT_LEAST_TIMES = {"huey": 25, "dbos": 200}
DONE_WITHIN_S = 150
WAIT_S = 1.0


def run(machine, sizes, ours=None):
    """Every peer in both forms; `ours` are the engine's figures with two workers in this run."""
    for name, customers in PEERS.items():
        few, forms = max(100, int(customers * sizes.peers)), {}
        for form, fused in FORMS.items():
            figures = forms[form] = summary([one_run(machine, name, fused, few) for _ in range(sizes.repeat)])
            yield {"what": f"Peer {name} {version(name)}, {form}, {few:,} customers", "figures": figures, "targets": {}}
        if ours:
            found = {label: times for form, theirs in forms.items() for label, times in compared(ours, theirs, form)}
            wanted = {f"customers/s, {form}": ("≥", AT_LEAST_TIMES[name]) for form in FORMS if name in AT_LEAST_TIMES}
            yield {"what": f"The engine ÷ {name}, in the same run", "figures": found, "targets": wanted}


FORMS = {"a job per step": False, "fused": True}


def compared(ours, theirs, form):
    """How many times as many customers in a second, and how many times as much computing each costs the peer."""
    yield f"customers/s, {form}", ratio(ours["customers/s"], theirs["customers/s"])
    yield f"computing of the peer ÷ the engine's, {form}", ratio(computing(theirs), computing(ours))


def computing(figures):
    """CPU of one customer over all processes."""
    parts = [row for name, row in figures.items() if name.startswith("CPU µs per customer")]
    return {key: sum(part[key] for part in parts) for key in ("median", "min", "max")}


def ratio(above, below):
    return {
        "median": above["median"] / below["median"],
        "min": above["min"] / below["max"],
        "max": above["max"] / below["min"],
    }


def one_run(machine, name, fused, customers):
    with peer_database(machine, customers) as address, environment(address, machine.redis_url):
        machine.flush_valkey()
        prepare(name, customers, fused)
        commands = importlib.import_module(f"bench.peers.{name}_peer").workers()
        machine.settle()
        with psycopg.connect(address, autocommit=True) as looking:
            with running(*commands, stdout=subprocess.DEVNULL) as team:
                until(lambda: entered(looking) > 0, DONE_WITHIN_S, f"{name} has begun", 0.02)
                before = used(machine, team)  # starting its processes is not part of the work
                until(lambda: ended(looking) >= customers, DONE_WITHIN_S, f"{name} is through", 0.25)
                after = used(machine, team)
                memory = sum(process.rss_mb() for process in team)
            spent = verified(looking, customers)
        theirs, database_us, valkey_us, wal = (b - a for a, b in zip(before, after, strict=True))
        return {
            "customers/s": customers / (spent - WAIT_S),
            "CPU µs per customer, its processes": theirs / customers,
            "CPU µs per customer, PostgreSQL": database_us / customers,
            "CPU µs per customer, Valkey": valkey_us / customers,
            "WAL bytes per customer": wal / customers,
            "RSS of its processes, MB": memory,
        }


@contextmanager
def peer_database(machine, customers):
    with machine.empty_database() as address:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(TABLES)
            connection.execute(FILL.format(n=customers))
            connection.execute("VACUUM ANALYZE")
        yield address


@contextmanager
def environment(address, redis_url):
    """What the peer's processes read."""
    told = {"PEER_DATABASE_URL": address, "PEER_REDIS_URL": redis_url, "PYTHONWARNINGS": "ignore"}
    os.environ.update(told)
    try:
        yield
    finally:
        for name in told:
            del os.environ[name]


def prepare(name, customers, fused):
    """Queue all jobs, in a process of its own: a peer's library would stay in ours."""
    command = (sys.executable, "-m", "bench.peers", name, str(customers), str(int(fused)))
    subprocess.run(command, check=True, timeout=DONE_WITHIN_S)


def used(machine, team):
    theirs = sum(process.cpu_us() for process in team)
    return theirs, machine.database_cpu_us(), machine.valkey_cpu_us(), machine.wal_bytes()


def entered(connection):
    return connection.execute("SELECT count(*) FROM peer_enrollments").fetchone()[0]


def ended(connection):
    return connection.execute("SELECT count(*) FROM peer_enrollments WHERE ended_at IS NOT NULL").fetchone()[0]


def verified(connection, customers):
    """The seconds from the first entry to the last end, once everybody has exactly one message."""
    messages = connection.execute("SELECT count(*) FROM peer_outbox").fetchone()[0]
    assert messages == customers == ended(connection), f"{messages} messages of {customers}"
    seconds = "SELECT extract(epoch FROM max(ended_at) - min(entered_at)) FROM peer_enrollments"
    return float(connection.execute(seconds).fetchone()[0])
