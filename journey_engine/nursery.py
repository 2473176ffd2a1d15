"""The nursery: a process that has the engine's code loaded and brings forth copies of itself that go to work at once.

Loading takes a second or two, many on a busy machine, and is nearly all that lies between a killed process and its
successor. A copy has that behind it: it takes the name of what it becomes in the list of processes, and its log. Its
parent is the supervisor, as if that had started it: the process in between ends, and the supervisor adopts what such
processes leave (`PR_SET_CHILD_SUBREAPER`). On other systems, or while the nursery loads, all start the usual way.
"""

import contextlib
import ctypes
import gc
import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from journey_engine.supervise import Service

COMMAND = [sys.executable, "-m", "journey_engine.nursery", "has everything loaded, for whatever ends next to go on"]
GUNICORN = [sys.executable, "-m", "gunicorn", "-c", "python:api.server"]
LOADED = b"loaded\n"
BORN_WITHIN_S = 2.0
"""Copying takes milliseconds; a nursery that takes longer is frozen, and is ended."""

SUBREAPER, DEATH_SIGNAL = 36, 1  # of prctl


@dataclass
class Nursery(Service):
    """The waiting process as its supervisor holds it: a service like the others."""

    loaded: subprocess.Popen | None = None
    """The process that said it has loaded."""

    def bring_forth(self, arguments, log):
        """A new process that is `journey ARGUMENTS`; None when the nursery is not, or not yet, able to."""
        process = self.process
        if process is None or process.poll() is not None or not self._has_loaded():
            return None
        told = {"arguments": arguments, "log": str(log), "parent": os.getpid()}
        with contextlib.suppress(OSError):  # it ended this moment
            process.stdin.write(json.dumps(told).encode() + b"\n")
            process.stdin.flush()
            if pid := self._hear(BORN_WITHIN_S):
                return Child(int(pid))
        process.kill()
        process.stdout.close()  # whoever is born all the same cannot say so, and ends
        return None

    def _has_loaded(self):
        if self.loaded is not self.process and self._hear(0) == LOADED:
            self.loaded = self.process
        return self.loaded is self.process

    def _hear(self, within_s):
        """The next line it says, or nothing."""
        out = self.process.stdout
        return out.readline() if select.select([out], [], [], within_s)[0] else b""


class Child:
    """A process that we did not start ourselves but adopted: what the supervisor wants of `Popen`."""

    def __init__(self, pid):
        self.pid, self.returncode = pid, None

    def poll(self):
        """How it ended, or None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self, timeout):
        """How it ended; raises as `Popen.wait` does when it does not."""
        until = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.02)
        return self.returncode

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)


def adopt_orphans():
    """Become the parent of those below us whose own parent has ended; False where the kernel has no such thing."""
    return sys.platform == "linux" and ctypes.CDLL(None).prctl(SUBREAPER, 1) == 0


def bury_strangers(services):
    """Take those off the list of processes that were adopted, belong to no service, and have ended."""
    ours = {service.process.pid for service in services if service.process}
    with contextlib.suppress(ChildProcessError):  # we have none at all
        while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and ended.si_pid not in ours:
            os.waitpid(ended.si_pid, 0)


def main():
    """Load, say so, and bring forth a copy for every line that comes; end with the input."""
    for module in ("worker", "api", "gunicorn.app.wsgiapp"):
        import_module(module)
    gc.collect()
    gc.freeze()  # what is loaded stays shared with the copies
    os.write(1, LOADED)
    print("Everything is loaded; the nursery waits.", file=sys.stderr)
    for line in sys.stdin:
        if os.fork():
            os.wait()
        elif os.fork():
            os._exit(0)
        else:
            return be_adopted(**json.loads(line))


def be_adopted(arguments, log, parent):
    """Be a child of the supervisor, tell it who we are, and go to work. It ends, we end."""
    os.setsid()
    until = time.monotonic() + BORN_WITHIN_S
    while os.getppid() != parent and time.monotonic() < until:
        time.sleep(0.001)
    ctypes.CDLL(None).prctl(DEATH_SIGNAL, int(signal.SIGTERM))
    if os.getppid() != parent:
        os._exit(1)
    os.write(1, b"%d\n" % os.getpid())
    return become(arguments, log)


def become(arguments, log):
    """Be `journey ARGUMENTS` from now on, with its log."""
    nothing, words = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    for here, there in ((nothing, 0), (words, 1), (words, 2)):
        os.dup2(here, there)
    if arguments == ["web"]:
        be_called(GUNICORN)
        sys.argv = ["gunicorn", *GUNICORN[3:]]
        return import_module("gunicorn.app.wsgiapp").run()
    be_called([sys.executable, "-m", "journey_engine.cli", *arguments])
    return import_module("worker").main(arguments[1])


def be_called(command):
    """Show this command line to `ps` and to whoever looks for a process by it.

    It is written over the one this process was started with, which is why that is a long one.
    """
    status = Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()
    start, end = int(status[45]), int(status[46])
    room = end - start - 1
    ctypes.memmove(start, "\0".join(command).encode()[:room].ljust(room, b"\0") + b"\0", room + 1)


if __name__ == "__main__":
    main()
