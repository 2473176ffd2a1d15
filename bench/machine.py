"""The machine under measurement: its database and bell, and what its processes used of it, read from /proc."""

import os
import shutil
import statistics
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg

from journey_engine.config import database_url
from journey_engine.embedded import Postgres, Valkey, free_port, stop
from journey_engine.store.session import engine_for, migrate

TICK_US = 1_000_000 / os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Machine:
    """`postmaster` is 0 when the database is a given one, whose processes are then not counted."""

    database: str
    redis_url: str
    postmaster: int = 0
    database_version: str = ""
    load_before: float = field(default_factory=lambda: os.getloadavg()[0])

    @contextmanager
    def fresh_database(self):
        """The address of a migrated, empty database."""
        name = f"bench_{uuid4().hex[:10]}"
        self._admin(f"CREATE DATABASE {name}")
        url = database_url(self.database.rsplit("/", 1)[0] + f"/{name}")
        try:
            migrate(url)
            yield url
        finally:
            engine_for(url).dispose()
            self._admin(f"DROP DATABASE {name} WITH (FORCE)")

    def _admin(self, statement):
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(statement)

    def settle(self):
        """Write out what earlier runs left, so that one run does not pay for another."""
        self._admin("CHECKPOINT")

    def wal_bytes(self):
        return int(self._admin("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')").fetchone()[0])

    def database_cpu_us(self):
        """Of the postmaster, what its ended children used, and its living children."""
        if not self.postmaster:
            return 0.0
        ended_and_own = sum(stat(self.postmaster)[11:15])
        return TICK_US * (ended_and_own + sum(sum(stat(pid)[11:13]) for pid in children(self.postmaster)))


@contextmanager
def running_machine():
    """The given database, or one of our own with nothing about durability switched off."""
    folder = Path(tempfile.mkdtemp(prefix="journey-bench-"))
    valkey = Valkey(folder / "valkey", "bench", free_port())
    given = os.environ.get("DATABASE_URL")
    postgres = None if given else Postgres(folder / "postgres", "bench", free_port())
    started = [(server, server.start()) for server in (valkey, postgres) if server]
    try:
        pid = next((process.pid for server, process in started if server is postgres), 0)
        machine = Machine(given.replace("+psycopg", "") if given else postgres.url, valkey.url, pid)
        machine.database_version = machine._admin("SELECT split_part(version(), ' on ', 1)").fetchone()[0]
        yield machine
    finally:
        for server, process in started:
            stop(process, server.stop_signal)
        shutil.rmtree(folder, ignore_errors=True)


def stat(pid):
    """The fields of /proc/PID/stat after the name, the state as 0; a process that ended has zeros."""
    try:
        parts = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return [0] * 50
    return [0, *(int(part) for part in parts[1:])]


def children(parent):
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and stat(folder.name)[1] == parent:
            found.append(folder.name)
    return found


def cpu_us(pid):
    """CPU of a process and its children, ended and living."""
    return TICK_US * (sum(stat(pid)[11:15]) + sum(sum(stat(child)[11:15]) for child in children(pid)))


def rss_mb(pid):
    return sum(stat(one)[21] for one in (pid, *children(pid))) * PAGE_BYTES / 1e6


def summary(runs):
    """Each figure's median, least and most over several runs."""
    return {
        name: {"median": statistics.median(values), "min": min(values), "max": max(values)}
        for name, values in ((name, [run[name] for run in runs]) for name in runs[0])
    }
