"""One `journey up` as its surroundings see it: processes to kill, doors to knock at, tables and a journal to read."""

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

from tests.support.processes import descendants, until

READY_WITHIN_S = 120

ROLES = {
    "turns": "worker turns",
    "deliveries": "worker deliveries",
    "chores": "worker chores",
    "web": "gunicorn",
    "valkey": "valkey-server",
    "postgres": "bin/postgres -D",
}
"""What the command line of each kind of process holds."""


class Engine:
    """Everything that `journey up` starts, in a folder and on a port of its own."""

    def __init__(self, state, port, **environment):
        self.state, self.port = Path(state), port
        self.output = self.state.with_suffix(".out").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "journey_engine.cli", "up"],
            env=os.environ | {"PORT": str(port), "STATE": str(state), "DEMO": "0", "LANG": "C"} | environment,
            cwd=self.state.parent,
            stdout=self.output,
            stderr=subprocess.STDOUT,
        )
        ready = self.state / "ready.json"
        until(lambda: ready.exists() or self.process.poll() is not None, READY_WITHIN_S)
        assert self.process.poll() is None, self.state.with_suffix(".out").read_text()
        self.ready = json.loads(ready.read_text())
        self.secrets = json.loads((self.state / "secrets.json").read_text())

    def stop(self):
        """End it as an operator would, and wait until nothing of it is left."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        self.output.close()

    def pids(self, role):
        """The processes of a role that run now, the oldest first; of the web server, the one that others come from."""
        found = descendants(self.process.pid)
        return sorted(pid for pid, command in found.items() if ROLES[role] in command)

    def kill(self, pid):
        os.kill(pid, signal.SIGKILL)

    def url(self, path):
        return self.ready["url"] + path

    def call(self, method, path, body=None, key="admin_key", timeout=30):
        """The answer to a call of a program; raises when it is not a good one."""
        headers = {"Authorization": f"Bearer {self.ready[key]}"}
        answer = requests.request(method, self.url(f"/api/v1{path}"), json=body, headers=headers, timeout=timeout)
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

    def received(self):
        """Every message the sandbox said yes to, in order."""
        entries = []
        for path in sorted((self.state / "sandbox").glob("journal-*.jsonl")):
            for line in path.read_bytes().splitlines(keepends=True):
                if line.endswith(b"\n"):
                    entries.append(json.loads(line))
        return entries

    def received_bytes(self):
        """How much the sandbox has written down; it grows with every message."""
        return sum(path.stat().st_size for path in (self.state / "sandbox").glob("journal-*.jsonl"))

    @property
    def tables(self):
        """Where the tables are."""
        password, port = self.secrets["database_password"], self.secrets["postgres_port"]
        return f"postgresql://journey:{password}@127.0.0.1:{port}/journey"

    def database(self):
        """A connection of our own to the tables."""
        return psycopg.connect(self.tables, autocommit=True, connect_timeout=5)

    def ask(self, statement, *values):
        """The rows of one statement, in a connection of its own, because the database may just have been restarted."""
        with self.database() as connection:
            return connection.execute(statement, values).fetchall()

    def flush_redis(self):
        password, port = self.secrets["redis_password"], self.secrets["valkey_port"]
        with redis.Redis(port=port, password=password, socket_timeout=5) as connection:
            connection.flushall()

    def cut_a_connection(self, chance):
        """End one connection of the engine to its database, as a failing network would."""
        with self.database() as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = 'journey' AND pid <> pg_backend_pid() ORDER BY pid"
            ).fetchall()
            if rows:
                connection.execute("SELECT pg_terminate_backend(%s)", chance.choice(rows))


def wait_for(condition, timeout_s, every_s=0.1):
    """Seconds until the condition held, or None when it did not in time."""
    began = time.monotonic()
    while time.monotonic() - began < timeout_s:
        try:
            if condition():
                return time.monotonic() - began
        except (psycopg.Error, requests.RequestException):
            pass  # the server asked is the one that was killed
        time.sleep(every_s)
    return None
