"""Looking at processes from outside: whether one runs, and waiting for something to come true."""

import time
from pathlib import Path


def is_running(pid):
    """Whether the process lives; one that ended and waits to be counted by its parent does not."""
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(condition, timeout_s=10):
    """Waits for a condition, and fails the test when it does not come true in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def descendants(ancestor):
    """Every living process below this one, with its command line."""
    parents, found = {}, {ancestor}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and is_running(folder.name):
            parents[int(folder.name)] = parent_of(folder)
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return {pid: command_of(pid) for pid in found - {ancestor}}


def parent_of(folder):
    try:
        return int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""
