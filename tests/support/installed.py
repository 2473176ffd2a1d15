"""A served installation for tests: keys, and the real web server in a process of its own."""

import contextlib
import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime

import requests

from journey_engine.embedded import free_port
from journey_engine.ids import uuid7
from journey_engine.store import api_keys
from journey_engine.store.session import transaction
from tests.support.processes import until

SECRET_KEY = "a key of tests"


def add_key(engine, workspace, key, scope):
    """Make this text an API key of the workspace."""
    digest, at = hashlib.sha256(key.encode()).digest(), datetime.now(UTC)
    own = {"id": uuid7(at), "workspace_id": workspace, "name": key, "hint": key[-4:], "created_at": at}
    with transaction(engine) as tx:
        api_keys.add(tx, {**own, "scope": scope, "key_hash": digest})


class Server:
    """gunicorn over a database, which can be killed and started again at the same address."""

    def __init__(self, database_url, redis_url=""):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SECRET_KEY": SECRET_KEY,
            "PUBLIC_URL": self.url,
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
        }
        self.process = None

    def start(self):
        command = [sys.executable, "-m", "gunicorn", "-c", "python:api.server"]
        self.process = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        until(self.answers, 30)

    def answers(self):
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"{self.url}/healthz", timeout=2).ok
        return False

    def stop(self):
        if self.process is not None:
            os.killpg(self.process.pid, 9)
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def served(database_url, redis_url=""):
    """A running server, gone afterwards."""
    server = Server(database_url, redis_url)
    server.start()
    try:
        yield server
    finally:
        server.stop()
