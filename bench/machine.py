"""The machine under measurement: its database and bell, and what its processes used of it, read from /proc."""

import os
import platform
import re
import shutil
import statistics
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg
import redis

from journey_engine.config import database_url
from journey_engine.embedded import Postgres, Valkey, free_port, stop
from journey_engine.store.session import engine_for, migrate

TICK_US = 1_000_000 / os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Machine:
    """`postmaster` is 0 when the database runs elsewhere; its computing is then not counted."""

    database: str
    redis_url: str
    postmaster: int = 0
    valkey: int = 0
    load_before: float = field(default_factory=lambda: os.getloadavg()[0])

    @contextmanager
    def empty_database(self):
        """The address of a database without tables."""
        name = f"bench_{uuid4().hex[:10]}"
        self.run(f"CREATE DATABASE {name}")
        try:
            yield self.address_of(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def fresh_database(self):
        """The address of a migrated database without rows, and a Valkey that knows of nothing."""
        with self.empty_database() as address:
            url = database_url(address)
            self.flush_valkey()
            try:
                migrate(url)
                yield url
            finally:
                engine_for(url).dispose()

    def valkey_version(self):
        with redis.Redis.from_url(self.redis_url) as connection:
            told = connection.info("server")
        return f"Valkey {told['valkey_version']}" if "valkey_version" in told else f"Redis {told['redis_version']}"

    def flush_valkey(self):
        with redis.Redis.from_url(self.redis_url) as connection:
            connection.flushall()

    def address_of(self, name):
        return re.sub(r"/[^/?]*(\?.*)?$", rf"/{name}\1", self.database)

    def run(self, statement):
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(statement)

    def ask(self, statement):
        return self.run(statement).fetchone()[0]

    def settle(self):
        """Write out what earlier runs left, so that one run does not pay for another."""
        self.run("CHECKPOINT")

    def wal_bytes(self):
        return int(self.ask("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"))

    def database_cpu_us(self):
        """Of the postmaster, what its ended children used, and its living children."""
        if not self.postmaster:
            return 0.0
        ended_and_own = sum(stat(self.postmaster)[11:15])
        return TICK_US * (ended_and_own + sum(sum(stat(pid)[11:13]) for pid in children(self.postmaster)))

    def valkey_cpu_us(self):
        return cpu_us(self.valkey) if self.valkey else 0.0

    def about(self):
        """What the figures were measured on."""
        settings = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
        return {
            "processor": processor(),
            "cores": os.cpu_count(),
            "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * PAGE_BYTES / 1e9),
            "system": platform.platform(),
            "python": platform.python_version(),
            "database": self.ask("SELECT split_part(version(), ' on ', 1)"),
            "valkey": self.valkey_version(),
            "database_settings": {name: self.ask(f"SHOW {name}") for name in settings},
            "load_before": self.load_before,
            "load_after": os.getloadavg()[0],
        }


@contextmanager
def running_machine():
    """The given database, or one of our own with nothing about durability switched off."""
    folder = Path(tempfile.mkdtemp(prefix="journey-bench-"))
    valkey = Valkey(folder / "valkey", "bench", free_port())
    given = os.environ.get("DATABASE_URL", "").replace("+psycopg", "")
    postgres = None if given else Postgres(folder / "postgres", "bench", free_port())
    started = []
    try:
        for server in (valkey, postgres):
            if server:
                started.append((server, server.start()))
        machine = Machine(given or postgres.url, valkey.url, valkey=started[0][1].pid)
        machine.postmaster = started[1][1].pid if postgres else postmaster_of(given)
        yield machine
    finally:
        for server, process in started:
            stop(process, server.stop_signal)
        shutil.rmtree(folder, ignore_errors=True)


def postmaster_of(given):
    """The process of a given database when it runs on this machine, else 0."""
    with psycopg.connect(given) as connection:
        backend = connection.execute("SELECT pg_backend_pid()").fetchone()[0]
        local = connection.info.host in ("", "localhost", "127.0.0.1", "::1") or connection.info.host.startswith("/")
        try:
            ours = local and Path(f"/proc/{backend}/comm").read_text().startswith("postgres")
        except OSError:
            return 0
        return stat(backend)[1] if ours else 0


def processor():
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


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


def family(pid):
    """A process and all who descend from it."""
    return [pid, *(one for child in children(pid) for one in family(child))]


def cpu_us(pid):
    """CPU of a process and its descendants, ended and living."""
    return TICK_US * sum(sum(stat(one)[11:15]) for one in family(pid))


def rss_mb(pid):
    return sum(stat(one)[21] for one in family(pid)) * PAGE_BYTES / 1e6


def pss_mb(pid):
    """Memory with what is shared counted once, divided among those who share it."""
    return sum(rolled_up_kb(one, "Pss") for one in family(pid)) / 1000


def own_mb(pid):
    """Memory that a process made itself: what grows when something leaks, whoever else shares its libraries."""
    return sum(rolled_up_kb(one, "Anonymous") for one in family(pid)) / 1000


def rolled_up_kb(pid, what):
    try:
        return int(re.search(rf"^{what}:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1])
    except (OSError, TypeError):
        return 0


def summary(runs):
    """Each figure's median, least and most over several runs."""
    return {
        name: {"median": statistics.median(values), "min": min(values), "max": max(values)}
        for name, values in ((name, [run[name] for run in runs]) for name in runs[0])
    }


def share(values, part):
    """The value that this part of all stays below."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
