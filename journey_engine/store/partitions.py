"""Partitions of the events table: one per month of arrival, made ahead of time, bounded by the ids of that month.

A month that is no longer kept is dropped whole: that takes milliseconds and leaves nothing to vacuum.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, text

from journey_engine.ids import first_id_of

MONTHS_AHEAD = 3

WAIT_MS = 200
"""To make or drop a partition takes a moment in which nobody reads events. Whoever comes while it is waited for waits
behind, so that is short, and tried again."""

NAMED = "events_%Y_%m"
APPENDED = "autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_vacuum_scale_factor = 0.05"
"""As other tables whose rows stay as they are; a partitioned table cannot hand its settings down."""

MONTHS = text(
    """
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = CAST('events' AS regclass) AND c.relname ~ '^events_[0-9]{4}_[0-9]{2}$' ORDER BY c.relname
    """
)


def month_start(at: datetime, plus: int = 0) -> datetime:
    """The first instant of the month of `at`, or of a month later."""
    months = at.year * 12 + at.month - 1 + plus
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


def make_partitions(connection: Connection, now: datetime) -> None:
    """Make the partitions of this month, the one before, and the next ones, where they do not exist."""
    for plus in range(-1, MONTHS_AHEAD + 1):
        start, end = month_start(now, plus), month_start(now, plus + 1)
        name = f"{start:{NAMED}}"
        if connection.scalar(text("SELECT to_regclass(:name)"), {"name": name}) is None:
            # Bounds cannot be parameters of a CREATE TABLE; both are UUIDs made here.
            connection.execute(
                text(
                    f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF events "
                    f"FOR VALUES FROM ('{first_id_of(start)}') TO ('{first_id_of(end)}') WITH ({APPENDED})"
                )
            )


def months_before(connection: Connection, before: datetime) -> list[str]:
    """The partitions in which every event is older, the oldest first."""
    named = [(datetime.strptime(name, NAMED).replace(tzinfo=UTC), name) for name in connection.scalars(MONTHS)]
    return [name for start, name in named if month_start(start, 1) <= before]


def wait_briefly(connection: Connection) -> None:
    """In this transaction, give up a lock that is not had at once."""
    connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT_MS}ms'"))


def drop_month(connection: Connection, name: str) -> None:
    """Remove a partition with all its events. It cannot be detached beside readers, because there is a default one."""
    wait_briefly(connection)
    connection.execute(text("LOCK TABLE ONLY events IN ACCESS EXCLUSIVE MODE"))
    connection.execute(text(f"DROP TABLE IF EXISTS {name}"))
