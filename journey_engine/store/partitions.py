"""Partitions of the events table: one per month of arrival, made ahead of time, bounded by the ids of that month."""

from datetime import UTC, datetime

from sqlalchemy import Connection, text

from journey_engine.ids import first_id_of

MONTHS_AHEAD = 3


def month_start(at: datetime, plus: int = 0) -> datetime:
    """The first instant of the month of `at`, or of a month later."""
    months = at.year * 12 + at.month - 1 + plus
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


def make_partitions(connection: Connection, now: datetime) -> None:
    """Make the partitions of this month, the one before, and the next ones, where they do not exist."""
    for plus in range(-1, MONTHS_AHEAD + 1):
        start, end = month_start(now, plus), month_start(now, plus + 1)
        name = f"events_{start:%Y_%m}"
        if connection.scalar(text("SELECT to_regclass(:name)"), {"name": name}) is None:
            # Bounds cannot be parameters of a CREATE TABLE; both are UUIDs made here.
            connection.execute(
                text(
                    f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF events "
                    f"FOR VALUES FROM ('{first_id_of(start)}') TO ('{first_id_of(end)}')"
                )
            )
