"""One `journey up` seen from outside: started in a folder of its own, asked through its doors, stopped for good."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import requests

from tests.support.processes import descendants, until

READY_WITHIN_S = 120


class Product:
    """Everything that `journey up` starts, without the demo shop's traffic unless it is asked for."""

    def __init__(self, state, port, **environment):
        self.state, self.port = Path(state), port
        self.log = self.state.with_suffix(".out")
        self.began = time.monotonic()
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "journey_engine.cli", "up"],
                env=os.environ | {"PORT": str(port), "STATE": str(state), "DEMO": "0", "LANG": "C"} | environment,
                cwd=self.state.parent,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def until_ready(self):
        """Waits until it says that it is ready; what it then says about itself."""
        ready = self.state / "ready.json"
        until(lambda: ready.exists() or self.process.poll() is not None, READY_WITHIN_S)
        assert self.process.poll() is None, self.log.read_text()
        self.took = time.monotonic() - self.began
        self.ready = json.loads(ready.read_text())
        return self.ready

    def stop(self, with_signal=signal.SIGTERM):
        """Ends it as an operator would; everything it printed."""
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        self.process.wait(timeout=40)
        return self.log.read_text()

    def found(self, words):
        """The processes of this run whose command line holds these words."""
        return [pid for pid, command in descendants(self.process.pid).items() if words in command]

    def answers(self):
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def call(self, method, path, body=None, key="admin_key"):
        """The answer to a program's call; a refusal fails the test."""
        headers = {"Authorization": f"Bearer {self.ready[key]}"}
        answer = requests.request(method, f"{self.ready['url']}/api/v1{path}", json=body, headers=headers, timeout=10)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def push(self, name, customer, **properties):
        """One event through the public door, with the write key."""
        body = {"name": name, "customer": customer, "properties": properties}
        return self.call("POST", "/events", body, key="write_key")

    def identify(self, customer, **traits):
        """What a shop knows about a customer, through the door that Segment's libraries use."""
        body = {"userId": customer, "traits": traits}
        door, key = f"{self.ready['url']}/v1/identify", (self.ready["write_key"], "")
        requests.post(door, json=body, auth=key, timeout=10).raise_for_status()

    def database(self):
        """A connection of our own to the tables, for what no address of the API offers yet."""
        secrets = json.loads((self.state / "secrets.json").read_text())
        address = f"postgresql://journey:{secrets['database_password']}@127.0.0.1:{secrets['postgres_port']}/journey"
        return psycopg.connect(address, autocommit=True, connect_timeout=5)
