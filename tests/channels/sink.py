"""A receiver on loopback that keeps what it is sent and answers as it is told."""

import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Sink(ThreadingHTTPServer):
    """`status`, `headers`, `answer` and what happens before it may be changed between calls."""

    request_queue_size = 128  # five, as by default, are reset when many lanes call at once

    daemon_threads = True

    def __init__(self, answer):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer, self.status, self.headers, self.silent = answer, 200, {}, False
        self.bodies, self.seen = [], []
        self.before_answer = lambda: None
        self.port = self.server_address[1]

    def url(self, path="/"):
        return f"http://127.0.0.1:{self.port}{path}"

    def wait_for(self, enough, within_s=5):
        deadline = time.monotonic() + within_s
        while not enough(self.bodies):
            assert time.monotonic() < deadline, self.bodies
            time.sleep(0.02)

    def handle_error(self, *_args):
        """A client that goes away is fine."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.server.bodies.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        self.server.seen.append(dict(self.headers))
        self.server.before_answer()
        if self.server.silent:
            self.close_connection = True
            return
        self.send_response(self.server.status)
        for name, value in {**self.server.headers, "Content-Length": str(len(self.server.answer))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_args):
        """Quiet."""


@contextmanager
def sink(answer=b"{}"):
    """A running receiver."""
    with Sink(answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
