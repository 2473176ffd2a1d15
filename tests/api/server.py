"""A real server for client libraries: gunicorn as it runs in production, on a port of its own."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import requests

from journey_engine.embedded import free_port
from tests.api.conftest import SECRET


@contextmanager
def serving(config, marker: Path | None = None, at: str = "/v1/"):
    """The address of a server; with a marker it dies once, after a commit and before the answer to a POST `at`."""
    port = free_port()
    application = "tests.api.server:mortal()" if marker else "api:create_app()"
    environment = os.environ | {
        "DATABASE_URL": config.database_url,
        "REDIS_URL": config.redis_url,
        "SECRET_KEY": SECRET,
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "MARKER": str(marker or ""),
        "MORTAL_AT": at,
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "python:api.server", application]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url)
        yield url
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(10)


def mortal():
    """The application, killed the first time it has stored what was sent to an address, before it could say so."""
    import api

    app, marker = api.create_app(), Path(os.environ["MARKER"])

    def handle(environ, start_response):
        answer = app(environ, start_response)
        stored = environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"].startswith(os.environ["MORTAL_AT"])
        if stored and not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return handle


def _wait(url):
    for _ in range(200):
        try:
            if requests.get(f"{url}/readyz", timeout=2).status_code == 200:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise TimeoutError(url)
