"""Doing several things at the same time, and gates at which one of them is made to wait."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy import event


def at_once(*actions):
    """Run all at the same time; their results in order, an exception in the place of a result."""
    gate = threading.Barrier(len(actions))

    def run(action):
        gate.wait(10)
        try:
            return action()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


@contextmanager
def before_statement(engine, fragment, do, times=1):
    """Call `do` just before a statement that contains the fragment is executed, at most so many times."""
    left = [times]

    def hook(connection, cursor, statement, *_rest):
        if fragment in statement and left[0] > 0:
            left[0] -= 1
            do()

    event.listen(engine, "before_cursor_execute", hook)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", hook)


@contextmanager
def counted(engine):
    """The statements executed meanwhile, COPY apart."""
    seen = []

    def hook(connection, cursor, statement, *_rest):
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", hook)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", hook)
