"""Advisory locks: who may write to a shard, and how control changes keep clear of turns.

A turn holds CONTROL shared and its shards exclusively, for its transaction only. Publishing, pausing and stopping take
CONTROL exclusively, so they happen between turns. Whatever else writes to a customer (a merge, an erasure) takes the
customer's shard. Turns only try; others wait, in ascending order, so nobody waits in a circle.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, text

from journey_engine.store.port import port
from journey_engine.store.session import IDLE_IN_TRANSACTION_S, OURS

CONTROL = 7_236_002
SHARDS = 7_236_003


@port
def hold_control_shared(tx: Connection) -> None:
    """Wait until no control change is under way, and keep one from starting until this transaction ends."""
    tx.execute(text("SELECT pg_advisory_xact_lock_shared(:lock)"), {"lock": CONTROL})


@port
def hold_control(tx: Connection) -> None:
    """Wait until no turn is under way, and keep any from starting until this transaction ends."""
    tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CONTROL})
    tx.execute(text("UPDATE control SET revision = revision + 1"))


@port
def try_shards(tx: Connection, shards: list[int]) -> list[int]:
    """Those of the shards that were free and are now held."""
    statement = text("SELECT s FROM unnest(CAST(:shards AS int[])) s WHERE pg_try_advisory_xact_lock(:lock, s)")
    return list(tx.scalars(statement, {"shards": shards, "lock": SHARDS}))


@port
def hold_shards(tx: Connection, shards: Iterable[int]) -> None:
    """Wait for these shards, lowest first."""
    for shard in sorted(set(shards)):
        tx.execute(text("SELECT pg_advisory_xact_lock(:lock, :shard)"), {"lock": SHARDS, "shard": shard})


END_FROZEN = text(
    """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND application_name = :ours
        AND state = 'active' AND wait_event = 'ClientRead' AND query_start < now() - interval '1 second' * :after_s
    """
)


def end_frozen(tx: Connection, after_s: float = IDLE_IN_TRANSACTION_S) -> int:
    """Cut off whoever of us stopped in the middle of a COPY and holds locks; how many.

    The database ends transactions that are idle, but one whose client owes it the rest of its rows is not idle to it.
    """
    return tx.scalar(END_FROZEN, {"ours": OURS, "after_s": after_s})
