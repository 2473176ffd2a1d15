"""Calls: provider calls under way in one process, and the order in which lanes reach the database.

Threads are shared, so a hundred lanes need no more of them than ten. Nobody can use them up: a workspace gets a further
call only while it holds fewer than are still free, so whoever comes next finds as many free as the greediest holds.
"""

import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

MOST_CALLS = 256
"""Calls under way in one process. Two busy workspaces hold a third each, and a third is left for whoever comes."""

ROUNDS = 4
"""Lanes that use the database at once: enough to keep one process busy, far fewer than its connections."""


class Calls:
    """Runs calls in threads, so many of each workspace."""

    def __init__(self, most: int = MOST_CALLS):
        self.most = most
        self._held: Counter[int] = Counter()
        self._lock = threading.Lock()
        # A lane without any call may always make one, so there can be a few more than `most`.
        self._threads = ThreadPoolExecutor(most + 64, thread_name_prefix="call")

    def take(self, workspace: int, wanted: int, at_least: int = 0) -> int:
        """How many of the wanted calls this workspace may make now; each must be started or given back."""
        with self._lock:
            free = self.most - self._held.total()
            fair = (free - self._held[workspace] + 1) // 2
            taken = max(min(wanted, fair), min(wanted, at_least))
            self._held[workspace] += taken
            return taken

    def give_back(self, workspace: int, count: int) -> None:
        with self._lock:
            self._held[workspace] -= count
            if not self._held[workspace]:
                del self._held[workspace]

    def start(self, workspace: int, call: Callable[[], None]) -> None:
        """Make a call for which a place was taken; the place is free again when it ends."""

        def run() -> None:
            try:
                call()
            finally:
                self.give_back(workspace, 1)

        self._threads.submit(run)


class CallsInTurn(Calls):
    """Makes each call at once in the caller's own thread, for a world in which nothing happens by chance."""

    def start(self, workspace: int, call: Callable[[], None]) -> None:
        try:
            call()
        finally:
            self.give_back(workspace, 1)


class Gate:
    """Lets so many in at a time; those who wait are let in workspace by workspace, each in its own order."""

    def __init__(self, width: int = ROUNDS):
        self._free = width
        self._waiting: OrderedDict[int, deque[threading.Event]] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def passing(self, workspace: int) -> Iterator[None]:
        self._enter(workspace)
        try:
            yield
        finally:
            self._leave()

    def _enter(self, workspace: int) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            called = threading.Event()
            self._waiting.setdefault(workspace, deque()).append(called)
        called.wait()

    def _leave(self) -> None:
        with self._lock:
            if not self._waiting:
                self._free += 1
                return
            workspace, queue = self._waiting.popitem(last=False)
            queue.popleft().set()
            if queue:
                self._waiting[workspace] = queue  # behind the other workspaces
