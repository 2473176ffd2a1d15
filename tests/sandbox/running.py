"""A sandbox in a thread, listening on free ports, for tests that talk to it over real sockets."""

import asyncio
import threading
from contextlib import contextmanager

import requests

from journey_engine.sandbox.server import Sandbox

KEY_ID, SECRET = "LTAIsandbox", "sandbox-secret"


class Running:
    """A started sandbox with its addresses."""

    def __init__(self, sandbox, port, smtp_port):
        self.sandbox, self.port, self.smtp_port = sandbox, port, smtp_port
        self.url = f"http://127.0.0.1:{port}"

    def faults(self, **wanted):
        answer = requests.post(f"{self.url}/faults", json=wanted, timeout=5)
        assert answer.status_code == 200, answer.text

    def inbox(self, **query):
        return requests.get(f"{self.url}/inbox", params=query, timeout=5).json()

    def journal(self):
        return list(self.sandbox.journal.lines())


@contextmanager
def running_sandbox(folder, receipts_url="", token=""):
    """Start a sandbox, hand it out, stop it."""
    started, box = threading.Event(), {}

    async def serve():
        sandbox = Sandbox(folder, token)
        account = {"access_key_id": KEY_ID, "access_key_secret": SECRET, "receipts_url": receipts_url}
        sandbox.state.set_account(account)
        box.update(loop=asyncio.get_running_loop(), task=asyncio.current_task(), sandbox=sandbox)

        def tell(port, smtp_port):
            box["running"] = Running(sandbox, port, smtp_port)
            started.set()

        await sandbox.run("127.0.0.1", 0, 0, tell)

    def main():
        try:
            asyncio.run(serve())
        except asyncio.CancelledError:
            return

    thread = threading.Thread(target=main, daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield box["running"]
    finally:
        box["loop"].call_soon_threadsafe(box["task"].cancel)
        thread.join(10)
