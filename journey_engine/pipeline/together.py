"""Together: single events that reach a process at the same moment are stored in one transaction.

A transaction costs about as much for one event as for twenty. Whoever comes while nobody stores goes at once; those who
come meanwhile wait for that commit, and then the first of them goes, with all the others.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NoReturn

from sqlalchemy import Engine

from journey_engine.errors import Unavailable
from journey_engine.pipeline.ingest import Accepted, Incoming, ingest

PATIENCE_S = 0.1
"""Who has waited this long goes beside the one under way: it may be waiting for a lock."""

FEW = 10
"""A request with more events is worth a transaction of its own."""

MOST = 50
"""Requests stored in one go; more would only make the first of them wait."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """A request's events and its answer; `turn` is set when that is known, or when it is to store them itself."""

    place: tuple[int, str]
    items: Sequence[Incoming]
    turn: threading.Event = field(default_factory=threading.Event)
    answer: Callable[[], list[Accepted]] | None = None


class Together:
    """One per process and database."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self._lock = threading.Lock()
        self._queue: list[_Waiting] = []
        self._storing = 0

    def ingest(self, workspace_id: int, items: Sequence[Incoming], source: str) -> list[Accepted]:
        """What `ingest` answers and raises."""
        if len(items) > FEW:
            return ingest(self.engine, workspace_id, items, source)
        own = _Waiting((workspace_id, source), items)
        with self._lock:
            waits = self._storing > 0
            self._storing += not waits
            if waits:
                self._queue.append(own)
        while waits and not own.turn.wait(PATIENCE_S):
            with self._lock:
                waits = own not in self._queue
                if not waits:
                    self._queue.remove(own)
                    self._storing += 1
        if own.answer is None:
            self._go(own)
        return own.answer()

    def _go(self, own: _Waiting) -> None:
        """Store our own events and those that wait for the same place; then whoever came first meanwhile goes."""
        with self._lock:
            group = [own, *(one for one in self._queue if one.place == own.place)][:MOST]
            self._queue = [one for one in self._queue if one not in group]
        try:
            self._store(group)
        finally:
            with self._lock:
                following = self._queue.pop(0) if self._queue else None
                self._storing -= following is None
            for one in group:
                one.turn.set()
            if following is not None:
                following.turn.set()

    def _store(self, group: list[_Waiting]) -> None:
        workspace_id, source = group[0].place
        try:
            accepted = ingest(self.engine, workspace_id, [item for one in group for item in one.items], source)
        except Exception as error:
            if len(group) > 1 and not isinstance(error, Unavailable):
                for one in group:  # one of them is odd: each by itself, so that no other is refused with it
                    self._store([one])
                return
            for one in group:
                one.answer = partial(_refuse, error)
            return
        for one in group:
            one.answer = partial(list, accepted[: len(one.items)])
            del accepted[: len(one.items)]


def _refuse(error: Exception) -> NoReturn:
    raise error
