"""Statements about goals: what a turn reads to know whether one is reached, what it writes, and the reports.

A turn asks only about events that are a goal of some version; every other event costs nothing here.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Row, text

from journey_engine.model.conversion import Conversion, Exposure
from journey_engine.model.enrollment import Enrollment
from journey_engine.store.copying import copy_rows
from journey_engine.store.port import port
from journey_engine.store.turns import ENROLLMENT

# Walks versions_with_goals.
VERSIONS = text(
    """
    SELECT id, workspace_id, journey_id, graph -> 'settings' -> 'goals' AS goals FROM versions
    WHERE id > :after AND jsonb_typeof(graph -> 'settings' -> 'goals' -> 0) = 'object' ORDER BY id
    """
)


@port
def versions_with_goals(tx: Connection, after: int) -> list[Row]:
    """The goals of every version published after this one."""
    return tx.execute(VERSIONS, {"after": after}).all()


# Walks the primary key.
CONVERTED = text(
    "SELECT enrollment_id, goal, event_id FROM conversions WHERE enrollment_id = ANY(CAST(:enrollments AS uuid[]))"
)


@port
def converted(tx: Connection, enrollments: list[UUID]) -> Iterable[tuple[UUID, str, UUID | None]]:
    """The goals that these enrollments reached, each with the event by which."""
    return [tuple(row) for row in tx.execute(CONVERTED, {"enrollments": enrollments})]


# Walks messages_by_customer. A message that failed or was stopped persuaded nobody; one that is still on its way may
# arrive before the event that is told next.
SENT = text(
    """
    SELECT enrollment_id, coalesce(sent_at, queued_at), id, node_id FROM messages
    WHERE customer_id = ANY(CAST(:customers AS uuid[])) AND enrollment_id = ANY(CAST(:enrollments AS uuid[]))
        AND status <> 'failed' AND (status <> 'suppressed' OR reason = 'holdout')
    ORDER BY queued_at, visit
    """
)


@port
def sent(tx: Connection, customers: list[UUID], enrollments: list[UUID]) -> Iterable[tuple[UUID, datetime, UUID, str]]:
    """Messages of these enrollments that went out or were held out, in order: enrollment, when, id and node."""
    return [tuple(row) for row in tx.execute(SENT, {"customers": customers, "enrollments": enrollments})]


# Walks one_enrollment_per_entry by customer and journey.
ENDED = text(
    f"""
    SELECT {ENROLLMENT}, e.ended_at, e.end_reason FROM enrollments e
    WHERE e.customer_id = ANY(CAST(:customers AS uuid[])) AND e.journey_id = ANY(CAST(:journeys AS uuid[]))
        AND e.ended_at >= :since AND e.entered_at IS NOT NULL
    """
)


@port
def ended(tx: Connection, customers: list[UUID], journeys: list[UUID], since: datetime) -> list[Enrollment]:
    """Enrollments of these customers in these journeys that were entered, and ended since then."""
    rows = tx.execute(ENDED, {"customers": customers, "journeys": journeys, "since": since})
    return [Enrollment(*row) for row in rows]


CONVERSION_COLUMNS = (
    "enrollment_id",
    "goal",
    "workspace_id",
    "shard",
    "customer_id",
    "journey_id",
    "version_id",
    "event_id",
    "occurred_at",
    "at",
    "message_id",
    "node_id",
    "value",
    "currency",
    "held_out",
)


@port
def add_conversions(tx: Connection, conversions: Sequence[Conversion], now: datetime) -> None:
    """Write what was reached. A goal that an enrollment reached before stops the whole turn."""
    if conversions:
        copy_rows(tx, "conversions", CONVERSION_COLUMNS, (conversion_row(one, now) for one in conversions))


def conversion_row(one: Conversion, now: datetime) -> tuple:
    """The values of a conversion, in the order of their columns."""
    e, message = one.enrollment, one.message
    return (
        e.id,
        one.goal,
        e.workspace_id,
        e.shard,
        e.customer_id,
        e.journey_id,
        e.version_id,
        one.event_id,
        one.occurred_at,
        now,
        message.id if message else None,
        message.node_id if message else "",
        None if one.value is None else str(one.value),
        one.currency,
        one.held_out,
    )


# Whoever comes to a split again, in a cycle, stays where they were first.
ADD_EXPOSURES = text(
    """
    INSERT INTO exposures (enrollment_id, node_id, workspace_id, shard, customer_id, journey_id, version_id, arm, at)
    SELECT u.*, :at FROM unnest(CAST(:enrollments AS uuid[]), CAST(:nodes AS text[]), CAST(:workspaces AS int[]),
        CAST(:shards AS smallint[]), CAST(:customers AS uuid[]), CAST(:journeys AS uuid[]), CAST(:versions AS int[]),
        CAST(:arms AS text[])) u
    ON CONFLICT (enrollment_id, node_id) DO NOTHING
    """
)


@port
def add_exposures(tx: Connection, exposures: Sequence[Exposure], now: datetime) -> None:
    """Note which arm of an experiment these enrollments got, when they come to it for the first time."""
    if not exposures:
        return
    names = ("enrollments", "nodes", "workspaces", "shards", "customers", "journeys", "versions", "arms")
    rows = (
        (e.id, one.node_id, e.workspace_id, e.shard, e.customer_id, e.journey_id, e.version_id, one.arm)
        for one in exposures
        for e in [one.enrollment]
    )
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    tx.execute(ADD_EXPOSURES, columns | {"at": now})
