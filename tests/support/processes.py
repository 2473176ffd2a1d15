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
