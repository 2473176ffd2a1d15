"""Line: what one process knows of a lane while it serves it: calls under way, their outcomes, whose turn is next."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row

from journey_engine.channels import Outcome, Outgoing

FIRST = UUID(int=0)

GATHER_S = 0.01
"""After a call ended so much is waited for others, so that one transaction writes the outcomes of several."""


@dataclass(slots=True)
class Call:
    """One message on its way: where to, when claimed, and its place in the account's rate (by this machine's clock)."""

    row: Row
    outgoing: Outgoing
    place: str = ""
    claimed_s: float = 0.0
    slot_s: float | None = None
    outcome: Outcome | None = None


class Line:
    """One lane, served by one thread of this process; calls end in other threads."""

    def __init__(self, lane: int):
        self.lane, self.workspace = lane, 0
        self.under_way, self.failures, self.claims = 0, 0, 0
        self.ended: list[Call] = []
        self.by_place: Counter[str] = Counter()
        self.held_back: dict[UUID, str] = {}
        """Journeys whose next messages all go to a place that has its full share of calls."""
        self._after = {True: FIRST, False: FIRST}
        self._rung = False
        self._changed = threading.Condition()

    def begin(self, call: Call) -> None:
        with self._changed:
            self.under_way += 1
            self.by_place[call.place] += 1

    def end(self, call: Call) -> None:
        """The call has its outcome, which waits to be written."""
        with self._changed:
            self.ended.append(call)
            self._one_less(call.place)

    def begin_asking(self) -> None:
        with self._changed:
            self.under_way += 1

    def end_asking(self) -> None:
        with self._changed:
            self.under_way -= 1
            self._rung = self._rung or not self.under_way
            self._changed.notify()

    def _one_less(self, place: str) -> None:
        self.under_way -= 1
        self.by_place[place] -= 1
        if self.by_place[place] <= 0:
            del self.by_place[place]
        if len(self.ended) <= 1 or self._enough():
            self._changed.notify()

    def _enough(self) -> bool:
        """Most of them: those that are slow are not waited for."""
        return len(self.ended) >= 2 * self.under_way

    def what_ended(self) -> tuple[list[tuple[Row, Outgoing]], list[Outcome]]:
        """Calls with their outcomes; they stay here until they are forgotten."""
        ended = list(self.ended)
        return [(call.row, call.outgoing) for call in ended], [call.outcome for call in ended]

    def forget(self, count: int) -> None:
        """The first so many are written."""
        with self._changed:
            del self.ended[:count]

    def is_idle(self) -> bool:
        return not self.under_way and not self.ended

    def ring(self) -> None:
        """There may be more to claim."""
        with self._changed:
            self._rung = True
            self._changed.notify()

    def wait(self, seconds: float) -> None:
        """Until enough calls have ended to be worth writing down, somebody rings, or time is up."""
        with self._changed:
            self._changed.wait_for(lambda: self._rung or self.ended, seconds)
            if self.ended:
                self._changed.wait_for(lambda: self._rung or self._enough(), GATHER_S)
            self._rung = False

    def after(self) -> tuple[UUID, UUID]:
        """The journeys that were served last: of marketing, of the others."""
        return self._after[True], self._after[False]

    def served(self, rows: Sequence[Row]) -> None:
        """The next claim begins behind the last journeys of this one."""
        self.claims += 1
        for row in rows:
            self._after[row._mapping["class"] == "marketing"] = row.journey_id

    def without(self, most: int) -> list[UUID]:
        """Journeys that wait because their place has its share; the others are let go."""
        self.held_back = {journey: place for journey, place in self.held_back.items() if self.by_place[place] >= most}
        return list(self.held_back)
