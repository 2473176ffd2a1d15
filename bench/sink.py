"""Where messages end in a measurement: a shop's web server and a mail relay that do next to nothing, as one process.

`GET /taken` tells how many came and how long each was under way, from the `sent` in its body (monotonic clock).
"""

import argparse
import asyncio
import json
import re
import signal
import sys
import time
import urllib.request
from contextlib import contextmanager

from bench.processes import Process, answers, until
from journey_engine.embedded import free_port

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
SENT = re.compile(rb'"sent": *([0-9.]+)')


class Sink:
    """The running sink: its addresses and what came."""

    def __init__(self, process, port, smtp_port):
        self.process, self.port, self.smtp_port = process, port, smtp_port
        self.url = f"http://127.0.0.1:{port}/hook"

    def taken(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/taken", timeout=10) as answer:
            return json.load(answer)


@contextmanager
def sink(answer_after_s=0.0):
    """A sink that answers each request so many seconds after it came."""
    port, smtp_port = free_port(), free_port()
    arguments = (str(port), str(smtp_port), str(answer_after_s))
    process = Process(sys.executable, "-m", "bench.sink", *arguments)
    try:
        until(lambda: answers(port), 20, "the sink answers")
        yield Sink(process, port, smtp_port)
    finally:
        process.stop()


class Taken:
    """What came so far."""

    def __init__(self, answer_after_s):
        self.answer_after_s, self.requests, self.mails, self.waits_ms = answer_after_s, 0, 0, []

    def note(self, body):
        self.requests += 1
        if found := SENT.search(body):
            self.waits_ms.append(1000 * (time.monotonic() - float(found[1])))

    def told(self):
        return json.dumps({"requests": self.requests, "mails": self.mails, "waits_ms": self.waits_ms}).encode()


class Web(asyncio.Protocol):
    """HTTP over connections that stay open."""

    def __init__(self, taken):
        self.taken, self.buffer = taken, b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            found = LENGTH.search(head)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self.buffer) < whole:
                return
            body, self.buffer = self.buffer[end + 4 : whole], self.buffer[whole:]
            self.answer(head, body)

    def answer(self, head, body):
        if head.startswith(b"POST"):
            self.taken.note(body)
            asyncio.get_running_loop().call_later(self.taken.answer_after_s, self.say, b"{}")
        else:
            self.say(self.taken.told() if b"/taken" in head[:30] else b"{}")

    def say(self, body):
        self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)


class Mail(asyncio.Protocol):
    """A relay that takes every mail."""

    def __init__(self, taken):
        self.taken, self.buffer, self.in_data = taken, b"", False

    def connection_made(self, transport):
        self.transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data):
        self.buffer += data
        while (end := self.buffer.find(b"\r\n.\r\n" if self.in_data else b"\r\n")) >= 0:
            line, self.buffer = self.buffer[:end], self.buffer[end + (5 if self.in_data else 2) :]
            self.transport.write(self.answer(line))

    def answer(self, line):
        if self.in_data:
            self.in_data = False
            self.taken.mails += 1
            return b"250 taken\r\n"
        word = line[:4].upper()
        self.in_data = word == b"DATA"
        return {b"EHLO": b"250-sink\r\n250 SMTPUTF8\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(
            word, b"250 fine\r\n"
        )


async def serve(port, smtp_port, answer_after_s):
    taken, loop, over = Taken(answer_after_s), asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    await loop.create_server(lambda: Web(taken), "127.0.0.1", port)
    await loop.create_server(lambda: Mail(taken), "127.0.0.1", smtp_port)
    await over.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("smtp_port", type=int)
    parser.add_argument("answer_after_s", type=float)
    asyncio.run(serve(**vars(parser.parse_args())))
