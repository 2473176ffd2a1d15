"""A second machine of an installation: a web server and a turn worker, started again when they end."""

import os
import signal
import subprocess
import sys
import time

from journey_engine.embedded import dies_with_parent
from journey_engine.supervise import LOOK_EVERY_S, Service, Supervisor

COMMAND = [sys.executable, "-m", "tests.crash.own_clock"]


def service(name, *arguments):
    def start():
        return subprocess.Popen(
            COMMAND + list(arguments),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )

    return Service(name, start, stage=0)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    os.environ.setdefault("HOST", "127.0.0.1")
    supervisor = Supervisor()
    try:
        supervisor.add(service("second web", "gunicorn", "-c", "python:api.server"))
        supervisor.add(service("third worker-turns", "worker", "turns"))
        while True:
            time.sleep(LOOK_EVERY_S)
            supervisor.look()
    finally:
        supervisor.stop()


if __name__ == "__main__":
    main()
