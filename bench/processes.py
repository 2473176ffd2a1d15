"""The engine's own processes, started as an operator starts them, and what each used, read from /proc.

Whatever is started here ends with the block that started it, and with this process if that is killed.
"""

import http.client
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import redis

from bench.machine import cpu_us, own_mb, pss_mb, rss_mb
from journey_engine.embedded import dies_with_parent, free_port, stop

READY_WITHIN_S = 30
JOURNEY = (sys.executable, "-m", "journey_engine.cli")
ROOT = Path(__file__).parent.parent


class Process:
    """One running program; Ctrl-C in the terminal reaches only the bench, which ends its programs in order."""

    def __init__(self, *command, environment=None, **pipes):
        self.process = subprocess.Popen(
            command,
            env=os.environ | (environment or {}),
            cwd=ROOT,
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGTERM),
            **pipes,
        )
        self.pid = self.process.pid

    def cpu_us(self):
        return cpu_us(self.pid)

    def rss_mb(self):
        return rss_mb(self.pid)

    def pss_mb(self):
        return pss_mb(self.pid)

    def own_mb(self):
        return own_mb(self.pid)

    def stop(self):
        stop(self.process, signal.SIGTERM, 15)


@contextmanager
def running(*commands, environment=None, **pipes):
    """Several programs, ended in reverse order."""
    with ExitStack() as ends:
        started = []
        for command in commands:
            process = Process(*command, environment=environment, **pipes)
            ends.callback(process.stop)
            started.append(process)
        yield started


@contextmanager
def web(environment):
    """The real application under gunicorn: the process and its port."""
    port = free_port()
    command = (sys.executable, "-m", "gunicorn", "-c", "python:api.server", "--log-level", "warning")
    own = environment | {"PORT": str(port), "HOST": "127.0.0.1"}
    process = Process(*command, environment=own, stdout=subprocess.DEVNULL)
    try:
        until(lambda: answers(port), READY_WITHIN_S, "the web server answers")
        yield process, port
    finally:
        process.stop()


@contextmanager
def workers(queue, count, environment):
    """Real workers of one queue; they are listening when this goes on."""
    bell = redis.Redis.from_url(environment["REDIS_URL"])
    listening = f"rq:workers:{queue}"
    with running(*[(*JOURNEY, "worker", queue)] * count, environment=environment) as team:
        until(lambda: bell.scard(listening) >= count, READY_WITHIN_S, f"{count} workers of {queue} listen")
        for worker in team:
            assert worker.process.poll() is None, "a worker ended at once"
        yield team


def answers(port, path="/healthz"):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False


def until(is_so, within_s, what, every_s=0.05):
    """Wait until something is so; no run goes on for ever."""
    deadline = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"After {within_s} s it was still not so: {what}.")
        time.sleep(every_s)
