"""What the engine stands on in a run, made so that it can fail: a small disk, a clock that jumps, a second machine.

Where this machine does not allow one of them, `why_not` says so, and the run counts its fault as not tried.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
MEGABYTE = 1 << 20
NO_LIBRARY = "libfaketime is not installed (apt-get install libfaketime)"


class SmallDisk:
    """A disk of its own in memory, that can be full from one moment to the next and have room again."""

    def __init__(self, folder, megabytes=3_000):
        self.folder, self.room = Path(folder), megabytes * MEGABYTE
        self.folder.mkdir(parents=True, exist_ok=True)
        made = _mount("-t", "tmpfs", "-o", f"size={self.room},mode=0711", "journey-chaos", self.folder)
        self.why_not = made.stderr.strip() and f"a small disk cannot be mounted here: {made.stderr.strip()}"

    def fill(self):
        """From now on nothing more can be written; what is written is still there."""
        used = shutil.disk_usage(self.folder).used
        for more in range(1, 20):  # between the look and the change the database may have grown
            if _mount("-o", f"remount,size={used + more * 65_536}", self.folder).returncode == 0:
                return

    def free(self):
        _mount("-o", f"remount,size={self.room}", self.folder)

    def remove(self):
        if not self.why_not:
            subprocess.run(["umount", "--lazy", self.folder], capture_output=True)


class Clock:
    """The clock of some processes (see `own_clock`): it can be put forward and back while they run."""

    def __init__(self, library=""):
        descriptor, name = tempfile.mkstemp(prefix="journey-clock-")  # PostgreSQL's account can read it here
        os.close(descriptor)
        self.file, self.why_not = Path(name), library is None and NO_LIBRARY
        self.put(0)
        self.environment = {"FAKETIME_TIMESTAMP_FILE": name, "CHAOS_FAKETIME": str(library)}

    def remove(self):
        self.file.unlink(missing_ok=True)

    def put(self, seconds):
        """The clock is wrong by so many seconds, a second from now at the latest."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}\n")
        fresh.chmod(0o644)
        fresh.replace(self.file)  # a reader finds the old or the new, never nothing


def faketime():
    """The library that hands out a clock of our own, where the system has it; else None."""
    return next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


class SecondMachine:
    """Another web server and another turn worker on the same database, kept running by a supervisor of their own."""

    def __init__(self, environment, port, log):
        self.url = f"http://127.0.0.1:{port}"
        with Path(log).open("ab") as words:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.second_machine"],
                cwd=REPOSITORY,
                env=os.environ | environment | {"PORT": str(port)},
                stdout=words,
                stderr=subprocess.STDOUT,
            )

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


def _mount(*arguments):
    try:
        return subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True)
    except FileNotFoundError as missing:
        return subprocess.CompletedProcess("mount", 1, "", str(missing))
