"""How long a client may take to send its request: whoever dribbles loses the connection, not we our threads.

A thread reads a request from its first byte on. The head must have come within `HEAD_S`; a request that brings a body
must be over within `BODY_S`. Open pages hold their threads for as long as they like.
"""

import select
import socket
import threading
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from journey_engine.clock import monotonic_s

HEAD_S = 10.0
BODY_S = 60.0
LOOK_EVERY_S = 1.0

LINGER_MS = 5
"""How long a thread stays with a connection after an answer: a shop that sends one event after the other is spared a
quarter of what each costs, and a thread is not missed for so short a time."""


class PatientWorker(ThreadWorker):
    """Gunicorn's worker with threads, and a watch over requests that are on their way in."""

    def init_process(self) -> None:
        self.deadlines: dict[Any, float] = {}
        threading.Thread(target=self._watch, name="patience", daemon=True).start()
        super().init_process()

    def handle(self, conn: Any) -> Any:
        """Read a request and answer it, and those that follow at once; the head is what is waited for first."""
        goes_on = True
        while goes_on is True:
            self.deadlines[conn] = monotonic_s() + HEAD_S
            try:
                answered = super().handle(conn)
            finally:
                self.deadlines.pop(conn, None)
            goes_on = answered is True and self.alive and not conn.is_http2 and _speaks_on(conn.sock)
        return answered

    def handle_request(self, req: Any, conn: Any) -> Any:
        """The head is here: only a body is still waited for."""
        names = {name for name, _ in req.headers}
        if names & {"CONTENT-LENGTH", "TRANSFER-ENCODING"}:
            self.deadlines[conn] = monotonic_s() + BODY_S
        else:
            self.deadlines.pop(conn, None)
        return super().handle_request(req, conn)

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK_EVERY_S)
            late = [conn for conn, until in self.deadlines.copy().items() if until < monotonic_s()]
            for conn in late:
                self.deadlines.pop(conn, None)
                _hang_up(conn.sock)


def _speaks_on(sock: socket.socket) -> bool:
    """Whether the next request comes before the connection would have been handed back and taken up again."""
    watch = select.poll()
    watch.register(sock, select.POLLIN)
    return bool(watch.poll(LINGER_MS))


def _hang_up(sock: socket.socket) -> None:
    """Wakes the thread that reads; it finds that the client is gone."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it hung up by itself in the meantime
