"""What falls due by the clock: when a trigger's moment comes for each customer, and how far each trigger has come.

A due is a narrow row, kept up by turns and written only for triggers that are live: to look what has come costs in
proportion to what has. A mark says from when on a trigger counts, and when it next has to pass over all customers.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Row, exists, select, text

from journey_engine.model.rule import Rule
from journey_engine.store.port import port
from journey_engine.store.rule_sql import condition
from journey_engine.store.tables import activity, customers

CLAIM = 7_236_004
Place = tuple[UUID, UUID, str]
"""customer, journey, trigger"""


@port
def claim(tx: Connection) -> bool:
    """Whether nobody else is telling what falls due just now; until this transaction ends nobody does."""
    return tx.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": CLAIM})


# Oldest first over all journeys; walks trigger_dues_by_time. A row that a turn is changing is left for the next time.
TAKE_DUE = text(
    """
    DELETE FROM trigger_dues d USING (
        SELECT customer_id, journey_id, trigger_id, key FROM trigger_dues
        WHERE due_at <= :now ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED
    ) t
    WHERE d.customer_id = t.customer_id AND d.journey_id = t.journey_id AND d.trigger_id = t.trigger_id
        AND d.key = t.key
    RETURNING d.customer_id, d.workspace_id, d.journey_id, d.trigger_id, d.key, d.due_at
    """
)


@port
def take_due(tx: Connection, now: datetime, limit: int) -> list[Row]:
    """Take out what has come due; whoever takes it tells of it in the same transaction."""
    return sorted(tx.execute(TAKE_DUE, {"now": now, "limit": limit}), key=lambda row: (row.due_at, row.customer_id))


NEXT_DUE = text("SELECT least((SELECT min(due_at) FROM trigger_dues), (SELECT min(begins_at) FROM trigger_marks))")


@port
def next_due(tx: Connection) -> datetime | None:
    """When the next of anything comes."""
    return tx.scalar(NEXT_DUE)


# Walks the primary key.
FORGET_DUES = text(
    """
    DELETE FROM trigger_dues d USING unnest(CAST(:customers AS uuid[]), CAST(:journeys AS uuid[]),
        CAST(:triggers AS text[])) AS u (customer_id, journey_id, trigger_id)
    WHERE d.customer_id = u.customer_id AND d.journey_id = u.journey_id AND d.trigger_id = u.trigger_id
    """
)
ADD_DUES = """
    INSERT INTO trigger_dues (customer_id, journey_id, trigger_id, key, workspace_id, shard, due_at, extends)
    SELECT * FROM unnest(CAST(:customers AS uuid[]), CAST(:journeys AS uuid[]), CAST(:triggers AS text[]),
        CAST(:keys AS text[]), CAST(:workspaces AS int[]), CAST(:shards AS smallint[]), CAST(:dues AS timestamptz[]),
        CAST(:extends AS boolean[]))
    ON CONFLICT (customer_id, journey_id, trigger_id, key) DO """
REPLACE_DUES, KEEP_DUES = text(ADD_DUES + "UPDATE SET due_at = EXCLUDED.due_at"), text(ADD_DUES + "NOTHING")
DUE_COLUMNS = ("customers", "journeys", "triggers", "keys", "workspaces", "shards", "dues", "extends")


@port
def note_dues(tx: Connection, anew: Iterable[Place], rows: Sequence[tuple]) -> None:
    """Write when moments come: rows of (customer, journey, trigger, key, workspace, shard, due, extends). The places in
    `anew` have no others than these."""
    if places := sorted(anew):
        customers, journeys, triggers = (list(column) for column in zip(*places, strict=True))
        tx.execute(FORGET_DUES, {"customers": customers, "journeys": journeys, "triggers": triggers})
    if rows:
        tx.execute(REPLACE_DUES, _columns(rows))


@port
def keep_dues(tx: Connection, rows: Sequence[tuple]) -> None:
    """Write when moments come for customers met in a pass; what a turn has noted of them meanwhile is better known."""
    if rows:
        tx.execute(KEEP_DUES, _columns(rows))


def _columns(rows: Sequence[tuple]) -> dict[str, list]:
    return dict(zip(DUE_COLUMNS, map(list, zip(*sorted(rows), strict=True)), strict=True))


@port
def marks(tx: Connection) -> list[Row]:
    """How far every trigger that goes by the clock has come."""
    return tx.execute(text("SELECT journey_id, trigger_id, settings FROM trigger_marks")).all()


@port
def published_at(tx: Connection, version_ids: list[int]) -> dict[int, datetime]:
    rows = tx.execute(text("SELECT id, published_at FROM versions WHERE id = ANY(:ids)"), {"ids": version_ids})
    return {row.id: row.published_at for row in rows}


@port
def forget(tx: Connection, places: Sequence[tuple[UUID, str]]) -> None:
    """These triggers (journey, trigger) are no more, or tell of other moments: nothing of theirs falls due."""
    columns = {"journeys": [journey for journey, _ in places], "triggers": [trigger for _, trigger in places]}
    for table in ("trigger_dues", "trigger_marks"):
        tx.execute(
            text(
                f"DELETE FROM {table} d USING unnest(CAST(:journeys AS uuid[]), CAST(:triggers AS text[])) "
                "AS u (journey_id, trigger_id) WHERE d.journey_id = u.journey_id AND d.trigger_id = u.trigger_id"
            ),
            columns,
        )


ADD_MARK = text(
    """
    INSERT INTO trigger_marks (journey_id, trigger_id, workspace_id, settings, since, begins_at, place)
    VALUES (:journey_id, :trigger_id, :workspace_id, :settings, :since, :begins_at, :place)
    """
)


@port
def add_mark(
    tx: Connection,
    journey_id: UUID,
    trigger_id: str,
    workspace_id: int,
    settings: str,
    since: datetime,
    begins_at: datetime | None,
    place: str,
) -> None:
    """A trigger counts from now on; at `begins_at` it passes over all customers."""
    values = {"journey_id": journey_id, "trigger_id": trigger_id, "workspace_id": workspace_id, "settings": settings}
    tx.execute(ADD_MARK, values | {"since": since, "begins_at": begins_at, "place": place})


@port
def due_mark(tx: Connection, now: datetime) -> Row | None:
    """The trigger that has longest been due to pass over all customers, or is doing so."""
    return tx.execute(
        text("SELECT * FROM trigger_marks WHERE begins_at <= :now ORDER BY begins_at, journey_id, trigger_id LIMIT 1"),
        {"now": now},
    ).first()


@port
def move_mark(
    tx: Connection, journey_id: UUID, trigger_id: str, begins_at: datetime | None, place: str, cursor: UUID | None
) -> None:
    """How far a pass has come, or when the next one begins."""
    tx.execute(
        text(
            "UPDATE trigger_marks SET begins_at = :begins_at, place = :place, cursor = :cursor "
            "WHERE journey_id = :journey AND trigger_id = :trigger"
        ),
        {"journey": journey_id, "trigger": trigger_id, "begins_at": begins_at, "place": place, "cursor": cursor},
    )


# Walks customers_by_workspace. The rows are held so that nobody changes what is read of them before it is noted.
@port
def page(
    tx: Connection,
    workspace: int,
    after: UUID | None,
    limit: int,
    names: list[str] | None = None,
    attribute: str | None = None,
    audience: Rule | None = None,
    zone: str = "UTC",
    now: datetime | None = None,
) -> list[Row]:
    """The next customers of a pass: who did one of these, has this attribute, is of an audience, or everybody."""
    wanted = [customers.c.workspace_id == workspace]
    if after is not None:
        wanted.append(customers.c.id > after)
    if names is not None:
        wanted.append(exists().where(activity.c.customer_id == customers.c.id, activity.c.name.in_(names)))
    if attribute is not None:
        wanted.append(customers.c.attributes.has_key(attribute))
    if audience is not None:
        wanted.append(condition(audience, workspace, zone, now))
    read = select(customers.c.id, customers.c.workspace_id, customers.c.shard, customers.c.attributes)
    read = read.where(*wanted).order_by(customers.c.id).limit(limit)
    return tx.execute(read.with_for_update(read=True, of=customers)).all()
