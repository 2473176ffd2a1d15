"""Forget: what is older than this installation keeps is removed, a little at a time and beside all other work.

Every batch is a transaction of its own, after which as long is rested as it took. Whoever is still in a journey keeps
everything that may be asked of them: their enrollment with its paths and messages, and the events since they came
in when a node of their version compares what earlier events said. What is counted (activity, the numbers of a journey)
and what is owed (consents and their changes) is never removed.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Engine

from journey_engine import graph
from journey_engine.clock import monotonic_s
from journey_engine.config import DEDUPE_DAYS, Keep
from journey_engine.errors import Unavailable
from journey_engine.store import retention
from journey_engine.store.partitions import drop_month, month_start, months_before
from journey_engine.store.session import transaction

log = structlog.get_logger()

FORGET_FOR_S = 300.0
"""So long at a time; the round goes on where it stopped when the house is kept the next time."""

DROP_TRIES = 20
DROP_AGAIN_S = 0.5


def forget(engine: Engine, now: datetime, keep: Keep, stopping: threading.Event) -> None:
    """Go on with every round that is due, until all are over, time is up or the process is asked to end."""
    until = monotonic_s() + FORGET_FOR_S

    def goes_on() -> bool:
        return not stopping.is_set() and monotonic_s() < until

    with transaction(engine) as tx:
        retention.prepare(tx)
    for what, before in horizons(now, keep).items():
        if what == retention.EVENTS:
            _forget_events(engine, before, now, stopping, goes_on)
        else:
            _walk(engine, what, before, now, stopping, goes_on)


def horizons(now: datetime, keep: Keep) -> dict[str, datetime]:
    """What is removed, and what it has to be older than. Events go by whole months."""
    ages = {
        retention.ENROLLMENTS: keep.history_days,
        retention.REFUSALS: keep.history_days,
        retention.MESSAGES: keep.messages_days,
        retention.RECEIPTS: keep.messages_days,
        retention.KEYS: DEDUPE_DAYS,
        retention.EVENTS: keep.events_days,
    }
    found = {what: now - timedelta(days=days) for what, days in ages.items() if days is not None}
    if retention.EVENTS in found:
        found[retention.EVENTS] = month_start(found[retention.EVENTS])
    return found


def _walk(
    engine: Engine,
    what: str,
    before: datetime,
    now: datetime,
    stopping: threading.Event,
    goes_on: Callable[[], bool],
) -> int:
    """Batch after batch of one round; how many rows went."""
    removed, more = 0, True
    while more and goes_on():
        began = monotonic_s()
        with transaction(engine) as tx:
            done = retention.remove_some(tx, what, before, now)
        removed, more = removed + done.removed, done.more
        stopping.wait(monotonic_s() - began if more else 0)
    if removed:
        log.info("removed what is no longer kept", what=what, rows=removed, before=before.isoformat())
    return removed


def _forget_events(
    engine: Engine, before: datetime, now: datetime, stopping: threading.Event, goes_on: Callable[[], bool]
) -> None:
    """Drop the months that nobody needs any more; then single events without a month, and what became of the others."""
    with transaction(engine) as tx:
        if not retention.take_round(tx, retention.EVENTS, now):
            return
        before = _unneeded(tx, before)
        months = months_before(tx, before)
    for month in months:
        if not _drop(engine, month, stopping, goes_on):
            return
    others = _walk(engine, retention.OTHER_EVENTS, before, now, stopping, goes_on)
    _walk(engine, retention.OUTCOMES, before, now, stopping, goes_on)
    if goes_on():
        with transaction(engine) as tx:
            retention.note(tx, retention.EVENTS, len(months) + others, before, now)


def _unneeded(tx: Connection, before: datetime) -> datetime:
    """Up to where events may go: no further than the queue reaches back, or somebody live whose version reads them."""
    reading = [version.id for version in retention.versions(tx) if _reads_events(version.graph)]
    since, journey = retention.needed_since(tx, before, reading)
    if since < before:
        log.warning("old events are kept because they are needed", since=since.isoformat(), journey=journey)
    return month_start(since)


def _reads_events(document: dict[str, Any]) -> bool:
    return any(node.needs().history for node in graph.build(document).nodes.values())


def _drop(engine: Engine, month: str, stopping: threading.Event, goes_on: Callable[[], bool]) -> bool:
    """Drop a month in a moment in which nobody reads events; False when none was found."""
    for _ in range(DROP_TRIES):
        if not goes_on():
            return False
        try:
            with transaction(engine) as tx:
                drop_month(tx, month)
        except Unavailable:
            stopping.wait(DROP_AGAIN_S)
        else:
            log.info("removed a month of events", month=month)
            return True
    log.warning("a month of events could not be removed yet: somebody reads events all the time", month=month)
    return False
