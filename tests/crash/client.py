"""A shop's client: pushes events singly and in batches, repeats whatever got no answer, and writes down every yes."""

import json
import threading
import time
from pathlib import Path

import requests

PATIENCE_S = 60
"""A request is given up after this many seconds of repeating: then the engine did not come back."""

SIZES = (1, 20, 100, 1, 250)
"""Singles and batches by turns."""


class Client:
    """Pushes so many events, or for so many seconds, from several threads.

    `journal` holds a line per acknowledged event: message id, event id.
    """

    def __init__(self, engine, journal, event_at, total, seconds, pace_s, threads=2):
        self.engine, self.event_at, self.total, self.pace_s = engine, event_at, total, pace_s
        self.until = time.monotonic() + seconds
        self.acknowledged, self.repeated, self.failed = 0, 0, []
        self._journal = Path(journal).open("w")  # noqa: SIM115 closed by `join`
        self._lock, self._next, self._rounds = threading.Lock(), 0, 0
        self._threads = [threading.Thread(target=self._work, name=f"client-{n}", daemon=True) for n in range(threads)]

    def start(self):
        for thread in self._threads:
            thread.start()

    def join(self):
        for thread in self._threads:
            thread.join()
        self._journal.close()

    @property
    def pushed(self):
        """How many events were begun with; all of them are acknowledged in the end."""
        return self._next

    @property
    def running(self):
        return any(thread.is_alive() for thread in self._threads)

    def _take(self):
        """The next numbers: singles and batches of several sizes by turns, always the same ones in the same order."""
        with self._lock:
            first = self._next
            size = SIZES[self._rounds % len(SIZES)]
            self._rounds += 1
            self._next = min(self.total, first + size) if time.monotonic() < self.until else first
            return range(first, self._next)

    def _work(self):
        session = requests.Session()
        while numbers := self._take():
            events = [self.event_at(number) for number in numbers]
            try:
                self._push(session, events)
            except AssertionError as gave_up:
                self.failed.append(str(gave_up))
                return
            time.sleep(self.pace_s)

    def _push(self, session, events):
        """Until it is acknowledged: no answer, or 503, means that the same is sent again."""
        body = events[0] if len(events) == 1 else {"events": events}
        headers = {"Authorization": f"Bearer {self.engine.ready['write_key']}"}
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE_S:
            try:
                answer = session.post(self.engine.url("/api/v1/events"), json=body, headers=headers, timeout=15)
                if answer.status_code == 200:
                    return self._note(events, answer.json())
                assert answer.status_code >= 500 or answer.status_code == 429, (
                    f"{answer.status_code} {answer.text[:300]}"
                )
            except (requests.RequestException, json.JSONDecodeError):
                session.close()
            self.repeated += 1
            time.sleep(0.2)
        raise AssertionError(f"no answer for {PATIENCE_S} s")

    def _note(self, events, said):
        answers = said.get("results", [said])
        assert len(answers) == len(events)
        with self._lock:
            for event, answer in zip(events, answers, strict=True):
                self._journal.write(json.dumps({"message_id": event["message_id"], "id": answer["id"]}) + "\n")
            self.acknowledged += len(events)
