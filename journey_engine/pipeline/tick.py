"""Tick: once a second every worker looks whether there is work that nobody was told of, and keeps house now and then.

It needs no leader: to look is cheap, to ring twice costs nothing, and each sweep is one guarded statement.
"""

import threading
from datetime import datetime

import structlog
from sqlalchemy import Engine

from journey_engine.config import Keep
from journey_engine.errors import Unavailable
from journey_engine.pipeline.deliver import sweep
from journey_engine.pipeline.forget import forget
from journey_engine.store import approvals, handovers, outbox, work
from journey_engine.store.ingest import database_now
from journey_engine.store.locks import end_frozen
from journey_engine.store.partitions import make_partitions, wait_briefly
from journey_engine.store.session import transaction

log = structlog.get_logger()


def turns_due(engine: Engine) -> bool:
    """Whether a turn would find something."""
    with transaction(engine) as tx:
        return work.turns_due(tx, database_now(tx)) or handovers.moves_due(tx)


def lanes_due(engine: Engine) -> list[int]:
    """The lanes in which something is due."""
    with transaction(engine) as tx:
        return outbox.lanes_with_work(tx, database_now(tx))


def cut_off_frozen(engine: Engine) -> None:
    """Free the shards of a worker that has stopped in the middle of writing."""
    with transaction(engine) as tx:
        if cut := end_frozen(tx):
            log.warning("cut off frozen workers", connections=cut)


def keep_house(
    engine: Engine, now: datetime | None = None, keep: Keep | None = None, stopping: threading.Event | None = None
) -> None:
    """What has to be done now and then: next months' partitions, messages left by dead workers, what is too old."""
    with transaction(engine) as tx:
        at = now or database_now(tx)
        work.forget_tries(tx, at)
        approvals.sweep(tx)
    sweep(engine, now)
    _make_months(engine, at)
    forget(engine, at, keep or Keep(), stopping or threading.Event())


def _make_months(engine: Engine, now: datetime) -> None:
    """Partitions for the events to come, in a moment in which nobody reads events; there are months of time for it."""
    try:
        with transaction(engine) as tx:
            wait_briefly(tx)
            make_partitions(tx, now)
    except Unavailable:
        log.warning("no months of events were made: somebody reads events, or the database is away")
