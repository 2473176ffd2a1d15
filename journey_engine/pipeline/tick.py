"""Tick: once a second every worker looks whether there is work that nobody was told of, and keeps house now and then.

It needs no leader: to look is cheap, to ring twice costs nothing, and each sweep is one guarded statement.
"""

from datetime import datetime

import structlog
from sqlalchemy import Engine

from journey_engine.pipeline.deliver import sweep
from journey_engine.store import outbox, work
from journey_engine.store.ingest import database_now
from journey_engine.store.locks import end_frozen
from journey_engine.store.partitions import make_partitions
from journey_engine.store.session import transaction

log = structlog.get_logger()


def turns_due(engine: Engine) -> bool:
    """Whether a turn would find something."""
    with transaction(engine) as tx:
        return work.turns_due(tx, database_now(tx))


def lanes_due(engine: Engine) -> list[int]:
    """The lanes in which something is due."""
    with transaction(engine) as tx:
        return outbox.lanes_with_work(tx, database_now(tx))


def cut_off_frozen(engine: Engine) -> None:
    """Free the shards of a worker that has stopped in the middle of writing."""
    with transaction(engine) as tx:
        if cut := end_frozen(tx):
            log.warning("cut off frozen workers", connections=cut)


def keep_house(engine: Engine, now: datetime | None = None) -> None:
    """What has to be done now and then: next months' partitions, old keys, messages left by dead workers."""
    with transaction(engine) as tx:
        at = now or database_now(tx)
        make_partitions(tx, at)
        work.forget_tries(tx, at)
    while True:
        with transaction(engine) as tx:
            if work.forget_keys(tx, at) == 0:
                break
    sweep(engine, now)
