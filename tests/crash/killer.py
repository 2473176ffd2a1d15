"""The killer: lets faults befall the engine in an order that its seed decides, and measures when work went on."""

import random
import threading
import time
from dataclasses import dataclass

import psycopg

from tests.crash.engine import wait_for
from tests.crash.faults import FAULTS, MISSED, Cannot

LAST_GASP_S = 0.4
"""What was on its way when the signal came is over by then; only what is done later counts as going on."""

GIVEN_UP_AFTER_S = 60

AT_ONCE = (1, 1, 1, 1, 1, 2, 2, 3)
"""How many faults come together."""


@dataclass
class Struck:
    """One fault that was tried, or why it was not."""

    name: str
    at_s: float
    lasted_s: float = 0
    alone: bool = True
    resumed_s: float | None = None
    """Seconds until work of this kind went on; None when there was none to do."""
    within_s: float | None = None
    not_tried: str = ""

    @property
    def late(self):
        return self.alone and None not in (self.within_s, self.resumed_s) and self.resumed_s > self.within_s


class Killer:
    """Lets one fault after another, or several at once, befall the engine until told to stop."""

    def __init__(self, engine, client, seed, noes, pause_s=(1.5, 3.0), longest_s=40.0, wanted=FAULTS, in_order=()):
        """`wanted`: these over and over, shuffled anew each time; `in_order`: just these, one after the other, once."""
        self.engine, self.client, self.noes = engine, client, noes
        self.chance, self.pause_s, self.longest_s = random.Random(seed), pause_s, longest_s
        self.wanted, self.in_order = wanted, list(in_order)
        self.struck: list[Struck] = []
        self.broken: list[str] = []
        self._began, self._ended = time.monotonic(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="killer", daemon=True)

    def start(self):
        self._thread.start()

    def stop(self):
        """No more faults; those that last are ended first."""
        self._ended.set()
        self._thread.join()

    @property
    def running(self):
        return self._thread.is_alive()

    def _run(self):
        for together in self._in_order() if self.in_order else self._drawn():
            if self._ended.wait(self.chance.uniform(*self.pause_s)):
                return
            try:
                self._round(together)
            except AssertionError as broken:
                self.broken.append(str(broken))

    def _in_order(self):
        return [[fault] for fault in self.in_order]

    def _drawn(self):
        """Round after round, until nobody asks any more; a fault that wants to be alone is."""
        deck: list = []
        while True:
            if len(deck) < max(AT_ONCE):
                deck = self.chance.sample(self.wanted, len(self.wanted)) + deck
            together = [deck.pop() for _ in range(self.chance.choice(AT_ONCE))]
            if any(fault.alone for fault in together):
                deck, together = deck + together[1:], together[:1]
            yield together

    def _round(self, together):
        """Begin these faults, end each when its time is over, and see when work went on."""
        ends = []
        try:
            for fault in together:
                lasts = min(self.chance.uniform(*fault.lasts), self.longest_s if fault.lasts[0] < 60 else 60)
                struck = Struck(fault.name, time.monotonic() - self._began, lasts, len(together) == 1)
                struck.within_s = fault.resumes_within_s
                end = self._begin(fault, struck)
                if not struck.not_tried:
                    ends.append((time.monotonic() + lasts, end, fault, struck))
            self._await(ends)
        finally:
            for _, end, _, _ in ends:
                if end:
                    end()
        for _, _, fault, struck in ends:
            if fault.lasts[1]:
                struck.resumed_s = self._until_resumed(fault.stops, time.monotonic())

    def _begin(self, fault, struck):
        self.struck.append(struck)
        try:
            return fault.begin(self.engine, self.chance, self.noes)
        except (Cannot, *MISSED) as why:
            struck.not_tried = str(why) or type(why).__name__
            return None

    def _await(self, ends):
        """Measure those that are over at once, then let the others last."""
        for at, _, fault, struck in ends:
            if not fault.lasts[1]:
                self._ended.wait(LAST_GASP_S)
                struck.resumed_s = self._until_resumed(fault.stops, at)
        for place, (at, end, fault, struck) in sorted(enumerate(ends), key=lambda one: one[1][0]):
            self._ended.wait(max(0, at - time.monotonic()))
            if end:
                end()
            ends[place] = (at, None, fault, struck)

    def _until_resumed(self, kind, at):
        """Watch the work of this kind; nothing to do after a whole second means that there was none."""
        before = self._done(kind)

        def went_on():
            done = self._done(kind)
            return done not in (None, before) or (time.monotonic() - at > 1 and not self._pending(kind))

        found = wait_for(went_on, GIVEN_UP_AFTER_S, every_s=0.05)
        took = time.monotonic() - at
        return took if found is None or self._done(kind) != before else None

    def _done(self, kind):
        """A number that changes with every piece of work of this kind; None while it cannot be read."""
        if kind == "web":
            return self.client.acknowledged
        if kind == "deliveries":
            return self.engine.received_bytes()
        try:
            return self.engine.ask("SELECT coalesce(sum(n), 0) FROM counts WHERE what IN ('entered', 'completed')")[0][
                0
            ]
        except psycopg.Error:
            return None

    def _pending(self, kind):
        if kind == "web":
            return self.client.running
        if kind == "deliveries":
            return self.engine.ask(
                "SELECT EXISTS (SELECT FROM messages WHERE status = 'queued' AND due_at < now() - interval '1 second')"
            )[0][0]
        return self.engine.ask(
            "SELECT EXISTS (SELECT FROM inbox) OR EXISTS (SELECT FROM enrollments "
            "WHERE wake_at < now() - interval '1 second')"
        )[0][0]
