"""A shop's client: pushes events singly and in batches, repeats whatever got no answer, and writes down every yes.

It knows all web servers and goes to the next when one does not answer.
"""

import json
import threading
import time
from collections import Counter
from pathlib import Path

import requests

PATIENCE_S = 240
"""A request is given up after this many seconds of repeating: then the engine did not come back."""

ANSWER_WITHIN_S = 12

SIZES = (1, 20, 100, 1, 250)
"""Singles and batches by turns."""


class Client:
    """Pushes so many events, or for so many seconds, from several threads.

    `journal` holds a line per acknowledged event: message id, event id. `said` counts what was answered, by status.
    """

    def __init__(self, engine, journal, event_at, total, seconds, pace_s, threads=2, sizes=SIZES):
        self.engine, self.event_at, self.total, self.pace_s, self.sizes = engine, event_at, total, pace_s, sizes
        self.until = time.monotonic() + seconds
        self.acknowledged, self.said, self.failed = 0, Counter(), []
        self._journal = Path(journal).open("w")  # noqa: SIM115 closed by `join`
        self._lock, self._next, self._rounds = threading.Lock(), 0, 0
        self._threads = [threading.Thread(target=self._work, args=(n,), daemon=True) for n in range(threads)]

    def start(self):
        for thread in self._threads:
            thread.start()

    def join(self):
        for thread in self._threads:
            thread.join()
        self._journal.close()

    def finish(self):
        """Begin nothing new; what was begun is still repeated until it is acknowledged."""
        self.until = 0

    @property
    def pushed(self):
        """How many events were begun with; all of them are acknowledged in the end."""
        return self._next

    @property
    def repeated(self):
        """How many requests got no answer, or a no, and were sent again."""
        return sum(n for what, n in self.said.items() if what != 200)

    @property
    def running(self):
        return any(thread.is_alive() for thread in self._threads)

    def _take(self):
        """The next numbers: singles and batches of several sizes by turns, always the same ones in the same order."""
        with self._lock:
            first = self._next
            size = self.sizes[self._rounds % len(self.sizes)]
            self._rounds += 1
            self._next = min(self.total, first + size) if time.monotonic() < self.until else first
            return range(first, self._next)

    def _work(self, server):
        session = requests.Session()
        while numbers := self._take():
            events = [self.event_at(number) for number in numbers]
            try:
                server = self._push(session, server, events)
            except AssertionError as gave_up:
                self.failed.append(str(gave_up))
                return
            time.sleep(self.pace_s)

    def _push(self, session, server, events):
        """Until it is acknowledged, by one server or another; the one that did."""
        body = events[0] if len(events) == 1 else {"events": events}
        headers = {"Authorization": f"Bearer {self.engine.ready['write_key']}"}
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE_S:
            url = self.engine.urls[server % len(self.engine.urls)]
            try:
                answer = session.post(f"{url}/api/v1/events", json=body, headers=headers, timeout=(2, ANSWER_WITHIN_S))
                self._count(answer.status_code)
                if answer.status_code == 200:
                    self._note(events, answer.json())
                    return server
                assert answer.status_code >= 500 or answer.status_code == 429, (
                    f"{answer.status_code} {answer.text[:300]}"
                )
            except (requests.RequestException, json.JSONDecodeError):
                self._count("no answer")
                session.close()
            server += 1
            time.sleep(0.2)
        raise AssertionError(f"no answer for {PATIENCE_S} s")

    def _count(self, what):
        with self._lock:
            self.said[what] += 1

    def _note(self, events, said):
        answers = said.get("results", [said])
        assert len(answers) == len(events)
        with self._lock:
            for event, answer in zip(events, answers, strict=True):
                self._journal.write(json.dumps({"message_id": event["message_id"], "id": answer["id"]}) + "\n")
            self._journal.flush()
            self.acknowledged += len(events)
