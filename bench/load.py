"""A client that asks at a steady rate whatever the answers do, as a process of its own so that nobody waits for it.

A plan comes on standard input: port, key, seconds, and streams of requests; every request is printed as it went. The
clock is the machine's monotonic one, so other processes' instants compare with these. A request waits for its answer
from the moment at which it was due, so that a server which makes the client late is charged for it.
"""

import http.client
import itertools
import json
import subprocess
import sys
import threading
import time

from bench.processes import Process

THREADS = 16


class Load:
    """The client at work; `finish` returns its requests as (stream, due, late, waited, status)."""

    def __init__(self, port, key, seconds, streams):
        self.seconds = seconds
        self.process = Process(
            sys.executable, "-m", "bench.load", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        plan = {"port": port, "key": key, "seconds": seconds, "streams": streams}
        self.process.process.stdin.write(json.dumps(plan) + "\n")
        self.process.process.stdin.flush()
        assert self.process.process.stdout.readline() == "begun\n"

    def finish(self):
        """End it now, or wait for its time to be over."""
        try:
            told, _ = self.process.process.communicate(timeout=self.seconds + 90)
            return [tuple(one) for one in json.loads(told)]
        finally:
            self.process.stop()


def run(plan, over):
    """Every stream has threads that take its next due request each."""
    begin = time.monotonic() + 0.2
    done, threads = [], []
    for name, stream in plan["streams"].items():
        numbers = itertools.count()
        share = max(2, THREADS // len(plan["streams"]))
        arguments = (plan, name, stream, begin, numbers, done, over)
        threads += [threading.Thread(target=ask_in_turn, args=arguments) for _ in range(share)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


def ask_in_turn(plan, name, stream, begin, numbers, done, over):
    headers = {"Authorization": f"Bearer {plan['key']}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", plan["port"], timeout=30)
    while True:
        number = next(numbers)
        due = begin + number / stream["rate"]
        if due >= begin + plan["seconds"] or over.wait(max(0.0, due - time.monotonic())):
            return
        sent = time.monotonic()
        body = stream.get("body")
        if body:
            body = body.replace('"@n"', str(number)).replace("@n", str(number)).replace('"@sent"', repr(sent))
        status = ask(connection, stream, body, headers)
        done.append((name, due, sent - due, time.monotonic() - due, status))


def ask(connection, stream, body, headers):
    try:
        connection.request(stream["method"], stream["path"], body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        connection.close()
        return 0


def main():
    plan, over = json.loads(sys.stdin.readline()), threading.Event()
    print("begun", flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    print(json.dumps(run(plan, over)))


if __name__ == "__main__":
    main()
