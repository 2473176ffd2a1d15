"""A site for tests: one PostgreSQL, one Valkey and a sandbox, and hosts whose processes share nothing else.

A host has a folder, a name, addresses and a clock of its own. Its processes are those that an operator starts on a
machine: `journey web` and `journey worker …`.
"""

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psycopg
import requests

from journey_engine.config import database_url as with_driver
from journey_engine.embedded import Postgres, Valkey, dies_with_parent, free_port, stop, wait_or_kill
from journey_engine.provision import provision
from journey_engine.store.session import engine_for, migrate
from tests.support.database import THROWAWAY
from tests.support.processes import until

SECRET, ADMIN_KEY, WRITE_KEY, PASSWORD = "a key of the site", "je_admin_site", "je_ingest_site", "correct horse"
OPERATOR = "operator@shop.example"
READY_WITHIN_S = 60
ANSWERS_WITHIN_S = 40
LEFT_BEHIND_S = 6

OTHER_CLOCK = '''"""The clock and the name of a host: what every process that is started there sees."""

import os
import socket
from datetime import UTC, datetime, timedelta

import time_machine

socket.gethostname = lambda: os.environ["NAME_OF_HOST"]
if off := int(os.environ["CLOCK_IS_OFF_S"]):
    time_machine.travel(datetime.now(UTC) + timedelta(seconds=off), tick=True).start()
'''


class Site:
    """What all hosts share. `database_url` is where hosts reach the tables, unless they are told another way."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.postgres = Postgres(self.folder / "postgres", "site", free_port(), THROWAWAY)
        self.valkey = Valkey(self.folder / "valkey", "site", free_port())
        self.servers = [(server, server.start()) for server in (self.postgres, self.valkey)]
        self.database_url = with_driver(self.postgres.url)
        self.sandbox_port, smtp_port = free_port(), free_port()
        self.sandbox_url = f"http://127.0.0.1:{self.sandbox_port}"
        self.web_port = free_port()  # of the first web server, which receipts come to
        self.hosts = []
        ports = ["--port", str(self.sandbox_port), "--smtp-port", str(smtp_port)]
        self.sandbox = started(["sandbox", *ports, "--state", str(self.folder / "sandbox")], {}, self.folder)
        until(lambda: answers(f"{self.sandbox_url}/journal"), READY_WITHIN_S)
        migrate(self.database_url)
        keys = {"admin_key": ADMIN_KEY, "write_key": WRITE_KEY}
        public = f"http://127.0.0.1:{self.web_port}"
        provision(
            self.database_url, SECRET, OPERATOR, PASSWORD, **keys, sandbox_url=self.sandbox_url, public_url=public,
            sandbox_smtp_port=smtp_port,
        )  # fmt: skip

    def host(self, name, **rest):
        self.hosts.append(Host(self, name, **rest))
        return self.hosts[-1]

    def stop(self):
        for host in self.hosts:
            host.stop()
        wait_or_kill_asked(self.sandbox)
        engine_for(self.database_url).dispose()
        for server, process in reversed(self.servers):
            stop(process, server.stop_signal)

    def ask(self, statement, *values):
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            return connection.execute(statement, values).fetchall()

    def call(self, method, path, body=None):
        """What a program with an administrator's key gets, from whichever host answers first."""
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        answer = requests.request(method, f"{self.webs()[0]}/api/v1{path}", json=body, headers=headers, timeout=30)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def publish(self, graph):
        made = self.call("POST", "/journeys", {"name": "Carts", "graph": graph})
        self.call("POST", f"/journeys/{made['id']}/publish", {"revision": made["draft"]["revision"]})
        return made["id"]

    def webs(self):
        return [url for host in self.hosts for url in host.webs]

    def push(self, events, webs=None, batch=10, at_once=8, pause_s=0.0):
        """Push events as a shop behind a balancer does, each batch to the next web server, again until it is taken.

        Answers message id → event id.
        """
        turns = itertools.cycle(webs or self.webs())
        batches = [events[n : n + batch] for n in range(0, len(events), batch)]
        with ThreadPoolExecutor(at_once) as pool:
            taken = pool.map(lambda events: _taken(events, turns, pause_s), batches)
            return dict(itertools.chain.from_iterable(taken))

    def received(self):
        """What the sandbox said yes to, in order."""
        files = sorted((self.folder / "sandbox").glob("journal-*.jsonl"))
        lines = [line for file in files for line in file.read_bytes().splitlines(keepends=True)]
        return [json.loads(line) for line in lines if line.endswith(b"\n")]

    def until_it_rests(self, within_s=60):
        """Wait until nothing is in the inbox, nobody waits and no message is on its way.

        What a killed process was sending is found after half a minute; here after `LEFT_BEHIND_S`.
        """
        left = (
            "SELECT (SELECT count(*) FROM inbox), (SELECT count(*) FROM enrollments WHERE ended_at IS NULL), "
            "(SELECT count(*) FROM messages WHERE status = 'queued'), "
            "(SELECT count(*) FROM messages WHERE status = 'sending')"
        )
        until_s = time.monotonic() + within_s
        while any(remaining := self.ask(left)[0]):
            assert time.monotonic() < until_s, f"inbox, waiting, queued, sending: {remaining}"
            if remaining[3]:
                self.ask(
                    "UPDATE messages SET claimed_at = claimed_at - interval '1 minute' WHERE status = 'sending' "
                    "AND claimed_at BETWEEN now() - interval '50 s' AND now() - make_interval(secs => %s) RETURNING id",
                    LEFT_BEHIND_S,
                )
            time.sleep(0.1)


def _taken(events, turns, pause_s):
    """The answers to one batch; whatever is not a yes is sent again, to another web server."""
    time.sleep(pause_s)
    headers, until_s = {"Authorization": f"Bearer {WRITE_KEY}"}, time.monotonic() + ANSWERS_WITHIN_S
    while time.monotonic() < until_s:
        with suppress(requests.RequestException):
            url = f"{next(turns)}/api/v1/events"
            answer = requests.post(url, json={"events": events}, headers=headers, timeout=15)
            if answer.status_code == 200:
                ids = [one["id"] for one in answer.json()["results"]]
                return list(zip([event["message_id"] for event in events], ids, strict=True))
            assert answer.status_code >= 500, f"{answer.status_code} {answer.text[:500]}"
        time.sleep(0.2)
    raise AssertionError("no web server took the events")


class Host:
    """A machine of the site: a name, a folder, addresses of its own, and a clock that is so many seconds off."""

    def __init__(self, site, name, database_url="", redis_url="", clock_off_s=0):
        self.site, self.name, self.folder = site, name, site.folder / name
        self.folder.mkdir()
        (self.folder / "sitecustomize.py").write_text(OTHER_CLOCK)
        self.processes, self.webs = [], []
        self.environment = {
            "NAME_OF_HOST": name,
            "CLOCK_IS_OFF_S": str(clock_off_s),
            "PYTHONPATH": os.pathsep.join([str(self.folder), os.environ.get("PYTHONPATH", "")]),
            "STATE": str(self.folder / "state"),
            "DATABASE_URL": database_url or site.database_url,
            "REDIS_URL": redis_url or site.valkey.url,
            "SECRET_KEY": SECRET,
            "PUBLIC_URL": f"http://127.0.0.1:{site.web_port}",
            "ALLOWED_OUTGOING": f"127.0.0.1:{site.sandbox_port}",
        }

    def web(self, port=0):
        """Start a web server; it is ready when `ready` has returned."""
        port = port or free_port()
        self.webs.append(f"http://127.0.0.1:{port}")
        return self.start("web", HOST="127.0.0.1", PORT=str(port), WEB_THREADS="24")

    def worker(self, queue):
        return self.start("worker", queue)

    def start(self, *command, **more):
        process = started(command, self.environment | more, self.folder)
        self.processes.append(process)
        return process

    def ready(self):
        for url in self.webs:
            until(lambda url=url: answers(f"{url}/readyz"), READY_WITHIN_S)
        return self

    def power_off(self):
        """Everything here ends at once, in the middle of whatever it does."""
        for process in self.processes:
            kill(process)
        self.processes, self.webs = [], []

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            wait_or_kill(process)


def started(command, environment, folder):
    """One of the engine's processes, leading a group of its own so that nothing of it is left behind."""
    with open(folder / f"{'-'.join(command[:2]).strip('-')}.log", "ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "journey_engine.cli", *command],
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )


def kill(process):
    """End a process and all that it started, as a loss of power would."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_or_kill_asked(process):
    process.terminate()
    wait_or_kill(process)


def answers(url):
    try:
        return requests.get(url, timeout=2).status_code < 500
    except requests.RequestException:
        return False


class Relay:
    """A way to a server that can be cut: connections through it end, and new ones are refused until it is mended."""

    def __init__(self, port):
        self.target, self.port = port, free_port()
        self.links, self.listening = [], None
        self.mend()

    def mend(self):
        self.listening = socket.create_server(("127.0.0.1", self.port), reuse_port=True)
        threading.Thread(target=self._take, args=(self.listening,), daemon=True).start()

    def cut(self):
        for link in [self.listening, *self.links]:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
            link.close()
        self.links = []

    def _take(self, listening):
        with suppress(OSError):
            while True:
                near, _ = listening.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                self.links += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()


def _pass_on(one, other):
    with suppress(OSError):
        while some := one.recv(65_536):
            other.sendall(some)
    for link in (one, other):
        with suppress(OSError):
            link.shutdown(socket.SHUT_RDWR)
