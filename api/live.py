"""Who watches what, and the thread that tells them: it listens for journeys that moved and reads their counts anew.

Workers say on a Redis channel which journeys moved. While Redis is away every watched journey is read every few seconds
instead, so a page is late, never wrong.
"""

import threading
import time
from typing import Any
from uuid import UUID

import orjson
import redis
import structlog
from flask import Flask

from api.overview import read_overview
from journey_engine.clock import monotonic_s
from journey_engine.store import counts_read
from journey_engine.store.session import transaction

CHANNEL = "journeys-moved"
EACH_JOURNEY_S = 0.5
LOOK_EVERY_S = 5.0
OVERVIEW_EVERY_S = 3.0
LISTEN_S = 0.2

log = structlog.get_logger("live")


class Live:
    """The watchers of this process and the one thread that serves them."""

    def __init__(self, app: Flask, line: Any):
        self.app, self.line = app, line
        self.lock = threading.Lock()
        self.pages: dict[str, int] = {}
        self.watched: dict[UUID, tuple[int, set[str]]] = {}
        self.moved: set[UUID] = set()
        self.told_at: dict[UUID, float] = {}
        self.looked_at = self.overview_at = 0.0
        self.ears: redis.client.PubSub | None = None
        self.thread: threading.Thread | None = None

    def came(self, page: str, workspace_id: int) -> None:
        """A page is open; the first one starts the thread, which runs until the last one is gone."""
        with self.lock:
            self.pages[page] = workspace_id
            if self.thread is None:
                self.thread = threading.Thread(target=self._run, name="live", daemon=True)
                self.thread.start()

    def left(self, page: str) -> None:
        with self.lock:
            self.pages.pop(page, None)
            for journey_id in list(self.watched):
                self._unwatch(page, journey_id)

    def watch(self, page: str, workspace_id: int, journey_id: UUID) -> None:
        with self.lock:
            self.watched.setdefault(journey_id, (workspace_id, set()))[1].add(page)
            self.moved.add(journey_id)

    def unwatch(self, page: str, journey_id: UUID) -> None:
        with self.lock:
            self._unwatch(page, journey_id)

    def _unwatch(self, page: str, journey_id: UUID) -> None:
        _, pages = self.watched.get(journey_id, (0, set()))
        pages.discard(page)
        if not pages:
            self.watched.pop(journey_id, None)
            self.told_at.pop(journey_id, None)

    def _run(self) -> None:
        """Listen a moment, then tell what is due; whatever goes wrong is tried again a moment later."""
        with self.app.app_context():
            while self._needed():
                try:
                    self._listen()
                    self._tell_counts()
                    self._tell_overviews()
                except Exception as error:  # the thread must outlive a database that is away
                    log.warning("live_line", kind=type(error).__name__)
                    time.sleep(1)

    def _needed(self) -> bool:
        with self.lock:
            if not self.pages:
                self.thread = None
            return self.thread is not None

    def _listen(self) -> None:
        """Note the journeys that workers say moved; all watched ones now and then, in case a word was lost."""
        message = self._hear()
        while message is not None:
            if message["type"] == "message":
                named = {UUID(id) for id in orjson.loads(message["data"])["journeys"]}
                with self.lock:
                    self.moved |= named & self.watched.keys()
            message = self.ears.get_message(timeout=0) if self.ears else None
        if monotonic_s() - self.looked_at > LOOK_EVERY_S:
            self.looked_at = monotonic_s()
            with self.lock:
                self.moved |= self.watched.keys()

    def _hear(self) -> dict[str, Any] | None:
        url = self.app.config["JOURNEY"].redis_url
        try:
            if self.ears is None and url:
                connection = redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=5)
                self.ears = connection.pubsub()
                self.ears.subscribe(CHANNEL)
            if self.ears is not None:
                return self.ears.get_message(timeout=LISTEN_S)
        except redis.RedisError:
            self.ears = None
        time.sleep(LISTEN_S)
        return None

    def _tell_counts(self) -> None:
        now = monotonic_s()
        with self.lock:
            due = [id for id in self.moved if now - self.told_at.get(id, 0.0) >= EACH_JOURNEY_S]
            self.moved -= set(due)
            workspaces = {id: self.watched[id][0] for id in due if id in self.watched}
        for journey_id, workspace_id in workspaces.items():
            with transaction(self.app.extensions["engine"]) as tx:
                counts = counts_read.of_journey(tx, workspace_id, journey_id, None)
            self.told_at[journey_id] = now
            self.line.emit("counts", counts, to=str(journey_id))

    def _tell_overviews(self) -> None:
        if monotonic_s() - self.overview_at < OVERVIEW_EVERY_S:
            return
        self.overview_at = monotonic_s()
        with self.lock:
            workspaces = set(self.pages.values())
        for workspace_id in workspaces:
            self.line.emit("overview", read_overview(self.app, workspace_id), to=f"overview {workspace_id}")
