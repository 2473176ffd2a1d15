"""The spare: a process that has the engine's code loaded, and waits to become whatever ends next.

Loading takes a second or two, more on a busy machine, and is nearly all that lies between a killed worker and its
successor. The spare has that behind it: it is told what to be, takes that name in the list of processes and that log,
and works at once. `journey up` keeps one, and starts the next when things have calmed down.
"""

import ctypes
import json
import os
import select
import sys
import time
from importlib import import_module
from pathlib import Path

from journey_engine.supervise import Service

NEXT_AFTER_S = 4.0
"""Loading the next spare at once would take the machine from what starts at the same time."""

COMMAND = [sys.executable, "-m", "journey_engine.spare", "waits for a process to end, then takes its name and its work"]
GUNICORN = [sys.executable, "-m", "gunicorn", "-c", "python:api.server"]
LOADED = b"loaded\n"


class Spare(Service):
    """The waiting process as its supervisor holds it: a service like the others until it is taken."""

    def take(self, arguments, log):
        """The process, which is now what `journey ARGUMENTS` would be; None when there is none that has loaded."""
        process = self.process
        if process is None or process.poll() is not None or not select.select([process.stdout], [], [], 0)[0]:
            return None
        try:
            process.stdin.write(json.dumps({"arguments": arguments, "log": str(log)}).encode() + b"\n")
            process.stdin.close()
        except OSError:  # it ended this moment
            return None
        self.process, self.due_at = None, time.monotonic() + NEXT_AFTER_S
        return process


def main():
    """Load, say so, wait to be told, become it. Without a word, at the end of the input, end."""
    for module in ("worker", "api", "gunicorn.app.wsgiapp"):
        import_module(module)
    os.write(1, LOADED)
    print(f"{os.getpid()} has everything loaded and waits.", file=sys.stderr)
    told = sys.stdin.readline()
    if told:
        become(**json.loads(told))


def become(arguments, log):
    """Be `journey ARGUMENTS` from now on, with its log."""
    nothing, words = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    for here, there in ((nothing, 0), (words, 1), (words, 2)):
        os.dup2(here, there)
    if arguments == ["web"]:
        be_called(GUNICORN)
        sys.argv = ["gunicorn", *GUNICORN[3:]]
        import_module("gunicorn.app.wsgiapp").run()
    else:
        be_called([sys.executable, "-m", "journey_engine.cli", *arguments])
        import_module("worker").main(arguments[1])


def be_called(command):
    """Show this command line to `ps` and to whoever looks for a process by it.

    It is written over the one this process was started with, which is why that is a long one.
    """
    status = Path("/proc/self/stat")
    if not status.exists():
        return
    start, end = (int(field) for field in status.read_text().rsplit(")", 1)[1].split()[45:47])
    room = end - start - 1
    ctypes.memmove(start, "\0".join(command).encode()[:room].ljust(room, b"\0") + b"\0", room + 1)


if __name__ == "__main__":
    main()
