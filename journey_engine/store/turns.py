"""Statements of a turn: which shards have work, what is taken, what is read of the customers, and what is written.

All run in one transaction that holds the shards' locks, so between reading and writing nobody else touches a customer.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from journey_engine.config import SHARDS
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.history import PathRow, Refusal
from journey_engine.model.message import Message
from journey_engine.store.copying import as_json, copy_rows
from journey_engine.store.port import port

# Per shard: how much is there, counted up to a few, and since when the oldest waits. Walks the primary key of inbox and
# enrollments_due; the cap keeps it short under a backlog.
WORK = text(
    """
    SELECT s AS shard, i.n AS events, w.n AS wakes, least(i.oldest, w.oldest) AS oldest
    FROM generate_series(0, :last_shard) s
    CROSS JOIN LATERAL (
        SELECT count(*) AS n, min(received_at) AS oldest FROM (
            SELECT received_at FROM inbox
            WHERE shard = s AND received_at <= :now AND (not_before IS NULL OR not_before <= :now)
            ORDER BY workspace_id, seq LIMIT :cap
        ) x
    ) i
    CROSS JOIN LATERAL (
        SELECT count(*) AS n, min(wake_at) AS oldest FROM (
            SELECT wake_at FROM enrollments WHERE shard = s AND wake_at <= :now ORDER BY wake_at LIMIT :cap
        ) x
    ) w
    WHERE i.n + w.n > 0
    ORDER BY oldest
    """
)


@port
def shards_with_work(tx: Connection, now: datetime, cap: int) -> list[Row]:
    """Shards that have events or due wakes, oldest work first; `events` and `wakes` are counted up to `cap`."""
    return tx.execute(WORK, {"now": now, "cap": cap, "last_shard": SHARDS - 1}).all()


# A prefix of each workspace's queue in each shard, so that a customer's events are taken in order and a shop that sends
# a year of history does not hold up the others. Customers who are set back wait with all they have. Walks the primary
# key, stepping from workspace to workspace. The shard is held, so nobody else changes rows; they are deleted where they
# were found, because a join would be planned by what the table held when it was last vacuumed, which is mostly nothing.
TAKE_INBOX = text(
    """
    WITH RECURSIVE queues AS (
        SELECT s AS shard, (SELECT min(workspace_id) FROM inbox WHERE shard = s) AS workspace_id
        FROM unnest(CAST(:shards AS smallint[])) s
        UNION ALL
        SELECT shard, (
            SELECT min(workspace_id) FROM inbox i WHERE i.shard = q.shard AND i.workspace_id > q.workspace_id
        ) FROM queues q WHERE workspace_id IS NOT NULL
    ), shares AS (
        SELECT shard, workspace_id, greatest(:per_shard / count(*) OVER (PARTITION BY shard), 1) AS share
        FROM queues WHERE workspace_id IS NOT NULL
    ), taken AS (
        DELETE FROM inbox WHERE ctid = ANY (ARRAY(
            SELECT q.place FROM shares s
            CROSS JOIN LATERAL (
                SELECT ctid AS place FROM inbox
                WHERE shard = s.shard AND workspace_id = s.workspace_id AND received_at <= :now
                    AND (CAST(:only AS uuid[]) IS NULL OR customer_id = ANY(CAST(:only AS uuid[])))
                    AND NOT EXISTS (
                        SELECT FROM inbox b WHERE b.customer_id = inbox.customer_id AND b.not_before > :now
                    )
                ORDER BY seq LIMIT s.share
            ) q
        ))
        RETURNING shard, seq, workspace_id, customer_id, event_id, received_at, journey_id
    )
    SELECT taken.*, shares.share FROM taken JOIN shares USING (shard, workspace_id) ORDER BY seq
    """
)

READ_EVENTS = text(
    """
    SELECT id, name, occurred_at, properties FROM events
    WHERE id = ANY(CAST(:ids AS uuid[])) AND id >= :first AND id <= :last
    """
)


@port
def take_inbox(
    tx: Connection, shards: list[int], now: datetime, per_shard: int, only: list[UUID] | None = None
) -> list[Row]:
    """Take the oldest inbox rows of each shard, in order of arrival; they are gone when the turn commits.

    The workspaces of a shard get equal shares of what is taken there; `share` says how many rows of its workspace there
    could have been.
    """
    return tx.execute(TAKE_INBOX, {"shards": shards, "now": now, "per_shard": per_shard, "only": only}).all()


@port
def read_events(tx: Connection, ids: list[UUID]) -> dict[UUID, Row]:
    """The events behind inbox rows; the bounds let the planner leave out months."""
    if not ids:
        return {}
    rows = tx.execute(READ_EVENTS, {"ids": ids, "first": min(ids), "last": max(ids)})
    return {row.id: row for row in rows}


ENROLLMENT = """e.id, e.workspace_id, e.shard, e.customer_id, e.journey_id, e.version_id, e.key, e.entry_no, e.status,
    e.node_id, e.event_id, e.context, e.fired_at, e.entered_at, e.wake_at, e.held_since, e.parked_wake_at, e.visits"""
"""The stored fields of a live Enrollment, in their order."""

# Oldest first per shard; walks enrollments_due. The wakes of customers who are set back wait with their events, those
# of a workspace whose events were not all taken wait for events that came before them.
TAKE_WAKES = text(
    f"""
    SELECT w.* FROM unnest(CAST(:shards AS smallint[]), CAST(:afters AS timestamptz[])) AS s (shard, after)
    CROSS JOIN LATERAL (
        SELECT {ENROLLMENT} FROM enrollments e
        WHERE e.shard = s.shard AND e.wake_at > s.after AND e.wake_at <= :now
            AND (CAST(:only AS uuid[]) IS NULL OR e.customer_id = ANY(CAST(:only AS uuid[])))
            AND NOT EXISTS (SELECT FROM inbox b WHERE b.customer_id = e.customer_id AND b.not_before > :now)
            AND NOT EXISTS (
                SELECT FROM unnest(CAST(:late_shards AS smallint[]), CAST(:late_workspaces AS int[]),
                    CAST(:horizons AS timestamptz[])) AS l (shard, workspace_id, horizon)
                WHERE l.shard = e.shard AND l.workspace_id = e.workspace_id AND e.wake_at > l.horizon
            )
        ORDER BY e.wake_at LIMIT :per_shard
    ) w
    """
)
NEWEST_WAKES = text(TAKE_WAKES.text.replace("ORDER BY e.wake_at LIMIT", "ORDER BY e.wake_at DESC LIMIT"))

# Walks one_enrollment_per_entry.
LIVE_OF = text(
    f"SELECT {ENROLLMENT} FROM enrollments e WHERE customer_id = ANY(CAST(:customers AS uuid[])) AND ended_at IS NULL"
)

LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


@port
def due_wakes(
    tx: Connection,
    shards: list[int],
    horizons: dict[tuple[int, int], datetime],
    now: datetime,
    per_shard: int,
    only: list[UUID] | None = None,
) -> list[Enrollment]:
    """Enrollments whose wake is due: in each shard the oldest, and of a backlog as many of those that came due last.

    So whoever comes due behind a hundred thousand others is not held up by them. `horizons` says per shard and
    workspace up to when wakes may be worked, where that is not up to now.
    """
    values = {"now": now, "only": only, "per_shard": -(-per_shard // 2)}
    values["late_shards"], values["late_workspaces"] = ([place[n] for place in horizons] for n in (0, 1))
    values["horizons"] = list(horizons.values())
    oldest = tx.execute(TAKE_WAKES, values | {"shards": shards, "afters": [LONG_AGO] * len(shards)}).all()
    taken = Counter(row.shard for row in oldest)
    last = {row.shard: row.wake_at for row in oldest if taken[row.shard] == values["per_shard"]}
    more = {"shards": list(last), "afters": list(last.values())}
    newest = tx.execute(NEWEST_WAKES, values | more).all() if last else []
    return [Enrollment(*row) for row in (*oldest, *newest)]


@port
def live_enrollments(tx: Connection, customers: list[UUID]) -> list[Enrollment]:
    """Everything live of these customers, whether or not it is due."""
    return [Enrollment(*row) for row in tx.execute(LIVE_OF, {"customers": customers})]


@port
def read_customers(tx: Connection, ids: list[UUID]) -> list[Row]:
    columns = "id, workspace_id, shard, attributes, created_at"
    return tx.execute(text(f"SELECT {columns} FROM customers WHERE id = ANY(CAST(:ids AS uuid[]))"), {"ids": ids}).all()


@port
def read_activity(tx: Connection, customers: list[UUID], names: list[str]) -> list[Row]:
    """What these customers did under these names. Walks the primary key."""
    return tx.execute(
        text(
            "SELECT customer_id, name, count, first_at, last_at FROM activity "
            "WHERE customer_id = ANY(CAST(:customers AS uuid[])) AND name = ANY(CAST(:names AS text[]))"
        ),
        {"customers": customers, "names": names},
    ).all()


@port
def survivors(tx: Connection, ids: list[UUID]) -> dict[UUID, UUID]:
    """For customers who are gone by a merge: into whom."""
    rows = tx.execute(
        text("SELECT loser_id, survivor_id FROM merges WHERE loser_id = ANY(CAST(:ids AS uuid[]))"), {"ids": ids}
    )
    return {row.loser_id: row.survivor_id for row in rows}


@port
def send_on(tx: Connection, rows: Sequence[Row], survivor: dict[UUID, UUID], shard_of: Any) -> None:
    """Events that were on their way to a customer merged meanwhile go to the survivor, keeping their place."""
    tx.execute(
        text(
            "UPDATE events SET customer_id = u.c, shard = u.s "
            "FROM unnest(CAST(:ids AS uuid[]), CAST(:cs AS uuid[]), CAST(:ss AS smallint[])) AS u (id, c, s) "
            "WHERE events.id = u.id"
        ),
        {
            "ids": [row.event_id for row in rows],
            "cs": [survivor[row.customer_id] for row in rows],
            "ss": [shard_of(survivor[row.customer_id]) for row in rows],
        },
    )
    put_back(
        tx,
        [
            (
                shard_of(survivor[row.customer_id]),
                row.seq,
                row.workspace_id,
                survivor[row.customer_id],
                row.event_id,
                row.received_at,
                row.journey_id,
            )
            for row in rows
        ],
    )


INBOX_COLUMNS = ("shard", "seq", "workspace_id", "customer_id", "event_id", "received_at", "journey_id")


@port
def put_back(tx: Connection, rows: Sequence[tuple]) -> None:
    """Rows of the inbox that were taken and not worked are there again, in their old places."""
    if rows:
        copy_rows(tx, "inbox", INBOX_COLUMNS, rows)


@port
def note_outcomes(tx: Connection, rows: Sequence[Row], state: str, why: str, at: datetime) -> None:
    """Events that end otherwise than processed, with the reason."""
    tx.execute(
        text(
            "INSERT INTO event_outcomes (event_id, workspace_id, shard, state, why, at) "
            "SELECT u.id, u.w, u.s, :state, :why, :at "
            "FROM unnest(CAST(:ids AS uuid[]), CAST(:ws AS int[]), CAST(:ss AS smallint[])) AS u (id, w, s) "
            "ON CONFLICT (event_id) DO NOTHING"
        ),
        {
            "ids": [row.event_id for row in rows],
            "ws": [row.workspace_id for row in rows],
            "ss": [row.shard for row in rows],
            "state": state,
            "why": why,
            "at": at,
        },
    )


ADD_ACTIVITY = text(
    """
    INSERT INTO activity (customer_id, name, workspace_id, shard, count, first_at, last_at)
    SELECT * FROM unnest(CAST(:customers AS uuid[]), CAST(:names AS text[]), CAST(:workspaces AS int[]),
        CAST(:shards AS smallint[]), CAST(:counts AS bigint[]), CAST(:firsts AS timestamptz[]),
        CAST(:lasts AS timestamptz[]))
    ON CONFLICT (customer_id, name) DO UPDATE SET
        count = activity.count + EXCLUDED.count,
        first_at = least(activity.first_at, EXCLUDED.first_at),
        last_at = greatest(activity.last_at, EXCLUDED.last_at)
    """
)


@port
def add_activity(tx: Connection, rows: Sequence[tuple]) -> None:
    """Rows of (customer, name, workspace, shard, count, first, last), added to what was there."""
    if rows:
        names = ("customers", "names", "workspaces", "shards", "counts", "firsts", "lasts")
        tx.execute(ADD_ACTIVITY, dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


@port
def update_attributes(tx: Connection, changed: Sequence[tuple[UUID, dict[str, Any]]]) -> None:
    if changed:
        tx.execute(
            text(
                "UPDATE customers SET attributes = CAST(u.a AS jsonb) "
                "FROM unnest(CAST(:ids AS uuid[]), CAST(:attributes AS text[])) AS u (id, a) WHERE customers.id = u.id"
            ),
            {"ids": [id for id, _ in changed], "attributes": [as_json(a) for _, a in changed]},
        )


ENROLLMENT_COLUMNS = (
    "id",
    "workspace_id",
    "shard",
    "customer_id",
    "journey_id",
    "version_id",
    "key",
    "entry_no",
    "status",
    "node_id",
    "event_id",
    "visits",
    "fired_at",
    "entered_at",
    "held_since",
    "wake_at",
    "parked_wake_at",
    "ended_at",
    "end_reason",
)
stored_columns = attrgetter(*ENROLLMENT_COLUMNS)


@port
def add_enrollments(tx: Connection, enrollments: Sequence[Enrollment]) -> None:
    if enrollments:
        rows = ((*stored_columns(e), as_json(e.context)) for e in enrollments)
        copy_rows(tx, "enrollments", (*ENROLLMENT_COLUMNS, "context"), rows)


MOVED = {
    "version_id": "int",
    "status": "text",
    "node_id": "text",
    "visits": "int",
    "fired_at": "timestamptz",
    "entered_at": "timestamptz",
    "held_since": "timestamptz",
    "wake_at": "timestamptz",
    "parked_wake_at": "timestamptz",
    "ended_at": "timestamptz",
    "end_reason": "text",
}
"""The columns that a move changes, with the type of their array."""

# Those who went the same way share one row of values.
UPDATE_ENROLLMENTS = text(
    "UPDATE enrollments SET "
    + ", ".join(f"{c} = way.{c}" for c in MOVED)
    + " FROM unnest(CAST(:ids AS uuid[]), CAST(:ways AS int[])) AS u (id, way) JOIN unnest("
    + ", ".join(f"CAST(:{c} AS {type}[])" for c, type in MOVED.items())
    + f") WITH ORDINALITY AS way ({', '.join(MOVED)}, number) ON way.number = u.way WHERE enrollments.id = u.id"
)
RETELL = text(
    "UPDATE enrollments SET event_id = u.event_id, context = CAST(u.context AS json) "
    "FROM unnest(CAST(:ids AS uuid[]), CAST(:events AS uuid[]), CAST(:contexts AS text[])) "
    "AS u (id, event_id, context) "
    "WHERE enrollments.id = u.id"
)
way_of = attrgetter(*MOVED)


@port
def update_enrollments(tx: Connection, enrollments: Sequence[Enrollment]) -> None:
    """Write where these stand now, and of those that are retold what they are about."""
    if not enrollments:
        return
    numbers: dict[tuple, int] = {}
    ways = [numbers.setdefault(way_of(e), len(numbers) + 1) for e in enrollments]
    values = dict(zip(MOVED, map(list, zip(*numbers, strict=True)), strict=True))
    tx.execute(UPDATE_ENROLLMENTS, {"ids": [e.id for e in enrollments], "ways": ways, **values})
    retold = [e for e in enrollments if e.retold]
    if retold:
        columns = {"ids": [e.id for e in retold], "events": [e.event_id for e in retold]}
        tx.execute(RETELL, columns | {"contexts": [as_json(e.context) for e in retold]})


VISIT_COLUMNS = ("enrollment_id", "n", "workspace_id", "shard", "customer_id", "version_id", "at", "cause", "path")


@port
def add_paths(tx: Connection, paths: Iterable[PathRow], now: datetime) -> None:
    def rows():
        for path in paths:
            e = path.enrollment
            yield (
                e.id,
                path.first_visit,
                e.workspace_id,
                e.shard,
                e.customer_id,
                e.version_id,
                now,
                as_json(path.cause),
                as_json(path.path),
            )

    copy_rows(tx, "visits", VISIT_COLUMNS, rows())


REFUSAL_COLUMNS = ("workspace_id", "shard", "customer_id", "journey_id", "version_id", "event_id", "at", "reason")


@port
def add_refusals(tx: Connection, refusals: Sequence[Refusal], now: datetime, shard_of: Any) -> None:
    if refusals:
        copy_rows(
            tx,
            "refusals",
            REFUSAL_COLUMNS,
            (
                (
                    r.workspace_id,
                    shard_of(r.customer_id),
                    r.customer_id,
                    r.journey_id,
                    r.version_id,
                    r.event_id,
                    now,
                    as_json(r.reason),
                )
                for r in refusals
            ),
        )


MESSAGE_COLUMNS = (
    "id",
    "workspace_id",
    "shard",
    "customer_id",
    "enrollment_id",
    "journey_id",
    "version_id",
    "node_id",
    "visit",
    "channel",
    "account_id",
    "address",
    "class",
    "queued_at",
    "due_at",
    "status",
    "reason",
    "checks",
)


@port
def add_messages(tx: Connection, messages: Sequence[Message]) -> None:
    """Queue messages. One that exists already stops the whole turn: a visit sends once."""
    if messages:
        copy_rows(
            tx,
            "messages",
            MESSAGE_COLUMNS,
            (
                (
                    m.id,
                    m.workspace_id,
                    m.shard,
                    m.customer_id,
                    m.enrollment_id,
                    m.journey_id,
                    m.version_id,
                    m.node_id,
                    m.visit,
                    m.channel,
                    m.account_id,
                    m.address,
                    m.message_class,
                    m.queued_at,
                    m.due_at,
                    m.status,
                    m.reason,
                    as_json(m.checks),
                )
                for m in messages
            ),
        )


@port
def park_events(tx: Connection, rows: Sequence[tuple]) -> None:
    """Rows of (journey, workspace, shard, customer, event, received)."""
    if rows:
        columns = ("journey_id", "workspace_id", "shard", "customer_id", "event_id", "received_at")
        copy_rows(tx, "parked_events", columns, rows)


SET_BACK = text(
    """
    UPDATE inbox SET tries = tries + 1, tried_why = :why,
        not_before = :now + interval '1 second' * power(2, least(tries, 6))
    WHERE customer_id = :customer AND shard = :shard
    RETURNING shard, seq, event_id, workspace_id, tries
    """
)


@port
def set_back(tx: Connection, customer: UUID, shard: int, why: str, now: datetime) -> list[Row]:
    """This customer's events are tried again later, each time twice as late; the rows say how often they were tried."""
    values = {"customer": customer, "shard": shard, "why": why, "now": now}
    return sorted(tx.execute(SET_BACK, values).all(), key=lambda row: row.seq)


@port
def drop_from_inbox(tx: Connection, shard: int, seq: int, customer: UUID) -> None:
    """Take one event out of the queue; what the customer has behind it need not wait any longer."""
    tx.execute(text("DELETE FROM inbox WHERE shard = :shard AND seq = :seq"), {"shard": shard, "seq": seq})
    tx.execute(
        text("UPDATE inbox SET tries = 0, not_before = NULL WHERE shard = :shard AND customer_id = :customer"),
        {"shard": shard, "customer": customer},
    )


SET_BACK_WAKES = text(
    """
    WITH tried AS (
        INSERT INTO wake_tries (enrollment_id, visits, workspace_id, shard, tries, why, at)
        SELECT id, visits, workspace_id, shard, 1, :why, :now FROM enrollments
        WHERE customer_id = :customer AND wake_at <= :now AND id = coalesce(CAST(:wake AS uuid), id)
        ON CONFLICT (enrollment_id, visits) DO UPDATE SET tries = wake_tries.tries + 1, why = :why, at = :now
        RETURNING enrollment_id, tries
    )
    UPDATE enrollments e SET wake_at = :now + interval '1 second' * power(2, tried.tries - 1)
    FROM tried WHERE e.id = tried.enrollment_id AND tried.tries < :most
    """
)


@port
def set_back_wakes(tx: Connection, customer: UUID, why: str, now: datetime, wake: UUID | None, most: int) -> None:
    """A customer's due wakes (or this one) are tried again, each time later; after `most` tries they stay due."""
    tx.execute(SET_BACK_WAKES, {"customer": customer, "why": why, "now": now, "wake": wake, "most": most})


FAIL_DUE = text(
    """
    WITH failed AS (
        UPDATE enrollments e SET status = 'failed', ended_at = :now, end_reason = 'failed', wake_at = NULL,
            visits = visits + 1
        FROM (
            SELECT id, status AS was FROM enrollments
            WHERE customer_id = :customer AND wake_at <= :now AND id = coalesce(CAST(:wake AS uuid), id)
        ) due
        WHERE e.id = due.id
        RETURNING e.id, e.visits, e.workspace_id, e.shard, e.customer_id, e.version_id, e.node_id, due.was
    ), written AS (
        INSERT INTO visits (enrollment_id, n, workspace_id, shard, customer_id, version_id, at, cause, path)
        SELECT id, visits, workspace_id, shard, customer_id, version_id, :now, '{"why": "wake"}',
            json_build_array(json_build_object('n', visits, 'node', node_id, 'exit', NULL, 'reason',
                json_build_object('why', 'failed', 'detail', CAST(:why AS text))))
        FROM failed
    ), changes AS (
        SELECT workspace_id, version_id, '' AS node_id, CASE was WHEN 'armed' THEN 'armed' ELSE 'waiting' END AS what,
            -1 AS n FROM failed
        UNION ALL SELECT workspace_id, version_id, node_id, 'waiting', -1 FROM failed WHERE was <> 'armed'
        UNION ALL SELECT workspace_id, version_id, node_id, 'failed', 1 FROM failed
        UNION ALL SELECT workspace_id, version_id, '', 'failed', 1 FROM failed WHERE was <> 'armed'
    )
    INSERT INTO counts (version_id, node_id, what, slot, workspace_id, shard, n)
    SELECT version_id, node_id, what, :slot, min(workspace_id), :slot, sum(n) FROM changes GROUP BY 1, 2, 3
    ON CONFLICT (version_id, node_id, what, slot) DO UPDATE SET n = counts.n + EXCLUDED.n
    """
)


@port
def fail_due(tx: Connection, customer: UUID, shard: int, why: str, now: datetime, wake: UUID | None) -> None:
    """A customer whose due wakes (or this one) cannot be worked: those enrollments fail, the cause in their history."""
    tx.execute(FAIL_DUE, {"customer": customer, "why": why, "now": now, "slot": shard, "wake": wake})
