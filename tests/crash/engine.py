"""One installation as its surroundings see it: processes to kill, doors to knock at, tables and a journal to read.

`Engine` is one `journey up`. With `second=True` a second machine stands beside it, PostgreSQL's data lies on a small
disk of its own, and both machines have clocks that can be put.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import redis
import requests

from journey_engine.embedded import free_port
from tests.crash.surroundings import REPOSITORY, Clock, SecondMachine, SmallDisk, faketime
from tests.support.processes import descendants, parent_of, until

READY_WITHIN_S = 120

ROLES = {
    "turns": "worker turns",
    "deliveries": "worker deliveries",
    "chores": "worker chores",
    "web": "gunicorn",
    "valkey": "valkey-server",
    "postgres": "bin/postgres -D",
    "sandbox": "cli sandbox",
}
"""What the command line of each kind of process holds."""


class Engine:
    """Everything that `journey up` starts, in a folder and on a port of its own."""

    def __init__(self, state, port, second=False):
        self.state, self.port = Path(state), port
        self.process = self.disk = self.clock = self.other_clock = self.second = None
        self.environment = {"PORT": str(port), "STATE": str(state), "DEMO": "0", "LANG": "C"}
        try:
            if second:
                self.disk = SmallDisk(self.state / "postgres")
                self.clock = Clock(faketime())
            self.start()
            if second:
                self._add_second_machine()
        except BaseException:
            self.stop()
            raise

    def start(self):
        """`journey up`, until it says that it is ready."""
        ready = self.state / "ready.json"
        ready.unlink(missing_ok=True)
        clock = self.clock if self.clock and not self.clock.why_not else None
        program = "tests.crash.own_clock" if clock else "journey_engine.cli"
        with self.state.with_suffix(".out").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", program, "up"],
                env=os.environ | self.environment | (clock.environment if clock else {}),
                cwd=REPOSITORY,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        until(lambda: ready.exists() or self.process.poll() is not None, READY_WITHIN_S)
        assert self.process.poll() is None, self.state.with_suffix(".out").read_text()
        self.ready = json.loads(ready.read_text())
        self.secrets = json.loads((self.state / "secrets.json").read_text())

    def _add_second_machine(self):
        self.other_clock = Clock()
        told = {
            "DATABASE_URL": self.tables,
            "REDIS_URL": f"redis://:{self.secrets['redis_password']}@127.0.0.1:{self.secrets['valkey_port']}/0",
            "SECRET_KEY": self.secrets["secret_key"],
            "PUBLIC_URL": self.ready["url"],
            "SANDBOX_URL": self.ready["sandbox_url"],
            "SANDBOX_SMTP_PORT": str(self.secrets["sandbox_smtp_port"]),
            "SANDBOX_TOKEN": self.secrets["sandbox_token"],
            "ALLOWED_OUTGOING": f"127.0.0.1:{self.secrets['sandbox_port']}",
        }
        log = self.state.with_suffix(".second.out")
        self.second = SecondMachine(told | self.other_clock.environment, free_port(), log)
        assert wait_for(lambda: requests.get(self.second.url + "/readyz", timeout=2).ok, READY_WITHIN_S) is not None

    def stop(self):
        """End it as an operator would, and wait until nothing of it is left."""
        if self.second:
            self.second.stop()
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(90)
        for thing in (self.disk, self.clock, self.other_clock):
            if thing:
                thing.remove()

    @property
    def machines(self):
        """The processes that look after the others: one per machine."""
        return [self.process.pid, *([self.second.process.pid] if self.second else [])]

    def pids(self, role):
        """The processes of a role that run now; of the web servers, those first that others come from."""
        found = {}
        for machine in self.machines:
            found |= descendants(machine)
        own = [pid for pid, command in found.items() if ROLES[role] in command]
        return sorted(own, key=lambda pid: (parent_of(Path(f"/proc/{pid}")) not in self.machines, pid))

    def masters(self, role):
        """Those among them that a supervisor started."""
        return [pid for pid in self.pids(role) if parent_of(Path(f"/proc/{pid}")) in self.machines]

    def backends(self):
        """PostgreSQL's processes that serve a connection of the engine, not of ours."""
        rows = self.ask(
            "SELECT pid FROM pg_stat_activity WHERE datname = 'journey' AND application_name <> 'judge' ORDER BY pid"
        )
        return [row[0] for row in rows]

    def kill(self, pid):
        os.kill(pid, signal.SIGKILL)

    @property
    def urls(self):
        """Where the web servers are."""
        return [self.ready["url"], *([self.second.url] if self.second else [])]

    def url(self, path):
        return self.ready["url"] + path

    def call(self, method, path, body=None, key="admin_key", timeout=30, url=None):
        """The answer to a call of a program; raises when it is not a good one."""
        headers = {"Authorization": f"Bearer {self.ready[key]}"}
        place = f"{url or self.ready['url']}/api/v1{path}"
        answer = requests.request(method, place, json=body, headers=headers, timeout=timeout)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def publish(self, name, graph):
        """A journey that is live; its id."""
        made = self.call("POST", "/journeys", {"name": name, "graph": graph})
        revision = self.call("GET", f"/journeys/{made['id']}")["draft"]["revision"]
        self.call("POST", f"/journeys/{made['id']}/publish", {"revision": revision})
        return made["id"]

    def push(self, events):
        """Events through the public door, in one batch."""
        return self.call("POST", "/events", {"events": events}, key="write_key")["results"]

    def faults(self, **wanted):
        """Have the sandbox misbehave."""
        headers = {"Authorization": f"Bearer {self.secrets['sandbox_token']}"}
        requests.post(
            f"{self.ready['sandbox_url']}/faults", json=wanted, headers=headers, timeout=10
        ).raise_for_status()

    def journals(self):
        return sorted((self.state / "sandbox").glob("journal-*.jsonl"))

    def received(self):
        """Every message the sandbox said yes to, in order; `place` says how much was written down before it."""
        entries, place = [], 0
        for path in self.journals():
            for line in path.read_bytes().splitlines(keepends=True):
                if line.endswith(b"\n"):
                    entries.append(json.loads(line) | {"place": place})
                place += len(line)
        return entries

    def received_bytes(self):
        """How much the sandbox has written down; it grows with every message."""
        return sum(path.stat().st_size for path in self.journals())

    @property
    def tables(self):
        """Where the tables are."""
        password, port = self.secrets["database_password"], self.secrets["postgres_port"]
        return f"postgresql://journey:{password}@127.0.0.1:{port}/journey"

    def database(self):
        """A connection of our own to the tables."""
        return psycopg.connect(
            self.tables,
            autocommit=True,
            connect_timeout=5,
            application_name="judge",
            options="-c statement_timeout=60s",
        )

    def ask(self, statement, *values):
        """The rows of one statement, in a connection of its own, because the database may just have been restarted."""
        with self.database() as connection:
            return connection.execute(statement, values).fetchall()

    def flush_redis(self):
        password, port = self.secrets["redis_password"], self.secrets["valkey_port"]
        with redis.Redis(port=port, password=password, socket_timeout=5) as connection:
            connection.flushall()

    def cut_connections(self, chance, most=10):
        """End some connections of the engine to its database, as a failing network would."""
        backends = self.backends()
        for pid in chance.sample(backends, min(len(backends), chance.randint(1, most))):
            self.ask("SELECT pg_terminate_backend(%s)", pid)


def wait_for(condition, timeout_s, every_s=0.1):
    """Seconds until the condition held, or None when it did not in time."""
    began = time.monotonic()
    while time.monotonic() - began < timeout_s:
        with contextlib.suppress(psycopg.Error, requests.RequestException):  # the server asked is what was killed
            if condition():
                return time.monotonic() - began
        time.sleep(every_s)
    return None
