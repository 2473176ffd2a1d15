"""Statements of deliveries and receipts: the next of a lane, the intent, what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from journey_engine.store.copying import as_json
from journey_engine.store.port import port

NOBODY = UUID(int=0)

MESSAGE = """m.id, m.workspace_id, m.shard, m.customer_id, m.enrollment_id, m.journey_id, m.version_id, m.node_id,
    m.channel, m.account_id, m.address, m.class, m.attempts, m.queued_at"""

# What every journey has queued in one lane, a step into messages_queued for each, however long the queues are.
HEADS = """
    (SELECT (class = 'marketing') AS marketing, journey_id FROM messages
     WHERE account_id = {account} AND status = 'queued'
     ORDER BY (class = 'marketing'), journey_id LIMIT 1)
    UNION ALL
    SELECT following.marketing, following.journey_id FROM heads h CROSS JOIN LATERAL (
        SELECT (class = 'marketing') AS marketing, journey_id FROM messages
        WHERE account_id = {account} AND status = 'queued'
            AND ((class = 'marketing'), journey_id) > (h.marketing, h.journey_id)
        ORDER BY (class = 'marketing'), journey_id LIMIT 1
    ) following
"""

# An equal share of each journey that has something due, oldest first: one class before the other, and within a class
# the journeys behind the one that was served last. Rows are locked one by one as they are taken, so no more than
# `limit` ever are. What may no longer go is found in the same look: the customer was erased or withdrew, the enrollment
# ended by an exit event, the journey stopped. A paused journey's messages have no due_at; one queued by a turn that
# ended just before the pause is caught here.
CLAIMABLE = text(
    f"""
    WITH RECURSIVE heads AS ({HEADS.format(account=":account")}), shares AS MATERIALIZED (
        SELECT marketing, journey_id, (:limit + count(*) OVER (PARTITION BY marketing) - 1)
            / count(*) OVER (PARTITION BY marketing) AS share
        FROM heads WHERE journey_id <> ALL(CAST(:without AS uuid[]))
        ORDER BY marketing <> :marketing_first,
            journey_id <= CASE WHEN marketing THEN CAST(:after_marketing AS uuid) ELSE CAST(:after_urgent AS uuid) END,
            journey_id
    ), taken AS MATERIALIZED (
        SELECT m.*, s.share FROM shares s CROSS JOIN LATERAL (
            SELECT {MESSAGE} FROM messages m
            WHERE m.account_id = :account AND m.status = 'queued' AND (m.class = 'marketing') = s.marketing
                AND m.journey_id = s.journey_id AND m.due_at <= :now
            ORDER BY m.due_at LIMIT s.share
            FOR UPDATE OF m SKIP LOCKED
        ) m LIMIT :limit
    )
    SELECT m.*, c.attributes, e.context, j.name AS journey_name,
        CASE WHEN j.status IS NULL OR j.status NOT IN ('live', 'paused') THEN 'stopped'
            WHEN c.id IS NULL THEN 'erased'
            WHEN j.status = 'paused' THEN 'paused'
            WHEN e.status = 'exited' THEN 'exited'
            WHEN m.class = 'marketing' AND EXISTS (
                SELECT FROM consents k WHERE k.customer_id = m.customer_id AND k.channel = m.channel
                    AND k.state = 'withdrawn') THEN 'consent'
            ELSE '' END AS stopped_by
    FROM taken m
    LEFT JOIN customers c ON c.id = m.customer_id
    LEFT JOIN enrollments e ON e.id = m.enrollment_id
    LEFT JOIN journeys j ON j.id = m.journey_id
    """
)


@port
def claimable(
    tx: Connection,
    account: int,
    now: datetime,
    limit: int,
    marketing_first: bool = False,
    after: tuple[UUID, UUID] = (NOBODY, NOBODY),
    without: Sequence[UUID] = (),
) -> list[Row]:
    """The next messages of a lane, locked against everybody else; `stopped_by` says what keeps one from going.

    Every journey gets its share. `after` names the journeys served last (marketing, others), `without` those that
    are to wait.
    """
    values = {"account": account, "now": now, "limit": limit, "marketing_first": marketing_first}
    values |= {"after_marketing": after[0], "after_urgent": after[1], "without": list(without)}
    return tx.execute(CLAIMABLE, values).all()


INTEND = text(
    """
    WITH going AS (
        UPDATE messages SET status = 'sending', claimed_at = :now, attempts = attempts + 1
        WHERE id = ANY(CAST(:ids AS uuid[])) RETURNING id, attempts, workspace_id, shard
    )
    INSERT INTO deliveries (message_id, attempt, workspace_id, shard, started_at)
    SELECT id, attempts, workspace_id, shard, :now FROM going
    """
)


@port
def intend(tx: Connection, rows: Sequence[Row], now: datetime) -> None:
    """These are about to be sent: after this commit, one that is found without an end may have left."""
    if rows:
        tx.execute(INTEND, {"ids": [row.id for row in rows], "now": now})


@port
def put_off(tx: Connection, ids: Sequence[UUID], until: datetime) -> None:
    """These make room for others of their journey until then."""
    if ids:
        tx.execute(
            text("UPDATE messages SET due_at = :until WHERE id = ANY(CAST(:ids AS uuid[]))"),
            {"ids": list(ids), "until": until},
        )


@port
def suppress(tx: Connection, stopped: Sequence[tuple[UUID, str]]) -> None:
    """These may not go any more, each with the check that says so."""
    if stopped:
        tx.execute(
            text(
                "UPDATE messages SET status = 'suppressed', reason = u.reason, due_at = NULL "
                "FROM unnest(CAST(:ids AS uuid[]), CAST(:reasons AS text[])) AS u (id, reason) WHERE messages.id = u.id"
            ),
            {"ids": [id for id, _ in stopped], "reasons": [reason for _, reason in stopped]},
        )


@port
def park(tx: Connection, ids: Sequence[UUID]) -> None:
    """Their journey is paused: they leave the lane until it is resumed.

    Asked again here, because a resume may have been answered since they were read and would not come back for them.
    """
    if ids:
        tx.execute(
            text(
                "UPDATE messages m SET due_at = NULL FROM journeys j "
                "WHERE m.id = ANY(CAST(:ids AS uuid[])) AND j.id = m.journey_id AND j.status = 'paused'"
            ),
            {"ids": list(ids)},
        )


# A message that a receipt already proved to have left is neither unknown nor sent again, whatever our call came to.
# What was is read once: as a subquery in the join it would be read, and locked, again for every row.
SETTLE = text(
    """
    WITH news AS MATERIALIZED (
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:attempts AS smallint[]), CAST(:statuses AS text[]),
            CAST(:reasons AS text[]), CAST(:due_ats AS timestamptz[]), CAST(:contents AS text[]),
            CAST(:outcomes AS text[]), CAST(:codes AS text[]), CAST(:details AS text[]), CAST(:refs AS text[]),
            CAST(:costs AS int[]))
            AS u (id, attempt, status, reason, due_at, content, outcome, code, detail, provider_ref, cost)
    ), old AS MATERIALIZED (
        SELECT id, status AS was FROM messages WHERE id = ANY(CAST(:ids AS uuid[])) FOR UPDATE
    ), ended AS (
        UPDATE deliveries d SET ended_at = :now, outcome = u.outcome, code = u.code, detail = u.detail,
            provider_ref = u.provider_ref, cost_units = u.cost
        FROM news u WHERE d.message_id = u.id AND d.attempt = u.attempt
    )
    UPDATE messages m SET
        status = CASE WHEN u.status IN ('unknown', 'queued') AND m.progress <> '' THEN 'sent' ELSE u.status END,
        reason = u.reason, due_at = CASE WHEN m.progress = '' THEN u.due_at END,
        sent_at = CASE WHEN u.status = 'sent' OR m.progress <> '' THEN :now ELSE m.sent_at END,
        content = coalesce(CAST(u.content AS json), m.content)
    FROM news u, old
    WHERE m.id = u.id AND old.id = m.id AND m.attempts = u.attempt AND m.status IN ('sending', 'unknown')
    RETURNING m.id, m.status, old.was
    """
)


@port
def settle(tx: Connection, settled: Sequence[Any], now: datetime) -> dict[UUID, Row]:
    """Write what became of these; the answer has the new status of each that changed, and what it `was`.

    One that is no longer `sending` (a sweep took this worker for dead) keeps what the sweep said, unless that was
    `unknown`: then this is the better knowledge. Written twice, or after a later attempt began, it changes nothing.
    """
    rows = tx.execute(
        SETTLE,
        {
            "now": now,
            "ids": [s.message_id for s in settled],
            "attempts": [s.attempt for s in settled],
            "statuses": [s.status for s in settled],
            "reasons": [s.reason for s in settled],
            "due_ats": [s.due_at for s in settled],
            "contents": [None if s.content is None else as_json(s.content) for s in settled],
            "outcomes": [s.outcome for s in settled],
            "codes": [s.code for s in settled],
            "details": [s.detail for s in settled],
            "refs": [s.provider_ref for s in settled],
            "costs": [s.cost_units for s in settled],
        },
    )
    return {row.id: row for row in rows}


# Walks messages_sending.
LEFT_BEHIND = text(
    """
    UPDATE messages m SET status = CASE WHEN m.progress <> '' THEN 'sent' ELSE 'unknown' END,
        reason = 'the worker stopped before the answer', due_at = :look_up_at,
        sent_at = CASE WHEN m.progress <> '' THEN m.claimed_at ELSE m.sent_at END
    WHERE m.id IN (
        SELECT id FROM messages WHERE status = 'sending' AND claimed_at < :before
        ORDER BY claimed_at LIMIT 500 FOR UPDATE SKIP LOCKED
    )
    RETURNING m.workspace_id, m.version_id, m.node_id, m.status
    """
)


@port
def left_behind(tx: Connection, before: datetime, look_up_at: datetime) -> list[Row]:
    """Messages that a dead worker was sending: whether they left is not known."""
    return tx.execute(LEFT_BEHIND, {"before": before, "look_up_at": look_up_at}).all()


# Walks messages_unknown.
UNKNOWN = text(
    f"""
    SELECT {MESSAGE}, m.content, m.reason FROM messages m
    WHERE m.account_id = :account AND m.status = 'unknown' AND m.due_at <= :now
    ORDER BY m.due_at LIMIT :limit
    """
)


@port
def unknown(tx: Connection, account: int, now: datetime, limit: int) -> list[Row]:
    """Unknown messages whose time to look them up has come."""
    return tx.execute(UNKNOWN, {"account": account, "now": now, "limit": limit}).all()


@port
def resolve_unknown(tx: Connection, id: UUID, status: str, reason: str, due_at: datetime | None, now: datetime) -> bool:
    """Write what looking it up showed; False when somebody else was faster."""
    done = tx.execute(
        text(
            "UPDATE messages SET status = :status, reason = :reason, due_at = :due_at, "
            "sent_at = CASE WHEN CAST(:status AS text) = 'sent' THEN :now ELSE sent_at END "
            "WHERE id = :id AND status = 'unknown'"
        ),
        {"id": id, "status": status, "reason": reason, "due_at": due_at, "now": now},
    )
    return done.rowcount == 1


# One step into messages_queued per journey, one into messages_unknown per account.
LANES_WITH_WORK = text(
    f"""
    SELECT a.id FROM accounts a
    WHERE a.stopped_at IS NULL AND (a.probe_at IS NULL OR a.probe_at <= :now) AND (
        EXISTS (
            WITH RECURSIVE heads AS ({HEADS.format(account="a.id")})
            SELECT FROM heads h WHERE EXISTS (
                SELECT FROM messages m WHERE m.account_id = a.id AND m.status = 'queued' AND m.due_at <= :now
                    AND (m.class = 'marketing') = h.marketing AND m.journey_id = h.journey_id
            )
        ) OR EXISTS (
            SELECT FROM messages m WHERE m.account_id = a.id AND m.status = 'unknown' AND m.due_at <= :now
        )
    )
    """
)


@port
def lanes_with_work(tx: Connection, now: datetime) -> list[int]:
    """Accounts that have something due and may send."""
    return list(tx.scalars(LANES_WITH_WORK, {"now": now}))


@port
def account(tx: Connection, id: int) -> Row | None:
    """An account with its sealed secrets, for its lane."""
    return tx.execute(
        text(
            "SELECT id, workspace_id, kind, channel, settings, secrets, stopped_at, broken_at, probe_at, probes, "
            "greatest(extract(epoch FROM next_slot_at - clock_timestamp()), 0)::float8 AS next_slot_in_s "
            "FROM accounts WHERE id = :id"
        ),
        {"id": id},
    ).first()


@port
def stop_account(tx: Connection, id: int, why: str, now: datetime) -> None:
    """Nothing of this account leaves until somebody corrects it."""
    tx.execute(
        text("UPDATE accounts SET stopped_at = :now, stopped_why = :why WHERE id = :id AND stopped_at IS NULL"),
        {"id": id, "why": why, "now": now},
    )


# Who holds the row has slots to hand out of and commits soon; a second one does not wait behind it.
RESERVE = text(
    """
    UPDATE accounts a SET next_slot_at = free.first + :count * make_interval(secs => :pause_s)
    FROM (
        SELECT id, greatest(next_slot_at, clock_timestamp() + make_interval(secs => :lead_s)) AS first
        FROM accounts WHERE id = :id FOR UPDATE SKIP LOCKED
    ) free
    WHERE a.id = free.id
    RETURNING extract(epoch FROM free.first - clock_timestamp())::float8 AS first_in_s
    """
)


@port
def reserve(tx: Connection, id: int, count: int, pause_s: float, lead_s: float) -> float | None:
    """Reserve places in the account's rate, `pause_s` apart: in how many seconds the first is; None when another
    process is reserving."""
    return tx.scalar(RESERVE, {"id": id, "count": count, "pause_s": pause_s, "lead_s": lead_s})


@port
def open_breaker(tx: Connection, id: int, why: str, now: datetime, probe_at: datetime) -> bool:
    """The provider is out of reach: nothing more goes until a single message tries it again. False: known already."""
    done = tx.execute(
        text(
            "UPDATE accounts SET broken_at = :now, broken_why = :why, probe_at = :probe_at, probes = 1 "
            "WHERE id = :id AND probe_at IS NULL"
        ),
        {"id": id, "why": why, "now": now, "probe_at": probe_at},
    )
    return done.rowcount == 1


@port
def take_probe(tx: Connection, id: int, now: datetime, next_at: datetime) -> bool:
    """Whether this process is the one that tries a provider that was out of reach."""
    done = tx.execute(
        text(
            "UPDATE accounts SET probe_at = :next_at, probes = least(probes + 1, 10) "
            "WHERE id = :id AND probe_at <= :now"
        ),
        {"id": id, "now": now, "next_at": next_at},
    )
    return done.rowcount == 1


@port
def close_breaker(tx: Connection, id: int) -> None:
    """The provider answers again."""
    tx.execute(
        text(
            "UPDATE accounts SET broken_at = NULL, broken_why = '', probe_at = NULL, probes = 0 "
            "WHERE id = :id AND broken_at IS NOT NULL"
        ),
        {"id": id},
    )


ADD_RECEIPTS = text(
    """
    INSERT INTO receipts (account_id, message_id, kind, provider_ref, workspace_id, shard, at, received_at, code,
        detail, matched)
    SELECT :account, u.message_id, u.kind, u.provider_ref, :workspace, coalesce(m.shard, 0), u.at, :now, u.code,
        u.detail, m.id IS NOT NULL
    FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:refs AS text[]), CAST(:ats AS timestamptz[]),
        CAST(:codes AS text[]), CAST(:details AS text[])) AS u (message_id, kind, provider_ref, at, code, detail)
    LEFT JOIN messages m ON m.id = u.message_id AND m.workspace_id = :workspace
    ON CONFLICT DO NOTHING
    RETURNING message_id, kind, matched
    """
)

PROGRESS = text(
    """
    WITH old AS MATERIALIZED (
        SELECT id, status AS was FROM messages WHERE id = ANY(CAST(:ids AS uuid[])) FOR UPDATE
    )
    UPDATE messages m SET
        progress = CASE WHEN u.rank > coalesce(array_position(CAST(:order AS text[]), m.progress), 0)
            THEN u.kind ELSE m.progress END,
        status = CASE WHEN m.status IN ('unknown', 'queued') THEN 'sent' ELSE m.status END,
        sent_at = CASE WHEN m.status IN ('unknown', 'queued') THEN :now ELSE m.sent_at END,
        due_at = CASE WHEN m.status IN ('unknown', 'queued') THEN NULL ELSE m.due_at END
    FROM (
        SELECT id, kind, array_position(CAST(:order AS text[]), kind) AS rank
        FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[])) AS x (id, kind)
    ) u, old
    WHERE m.id = u.id AND old.id = m.id AND u.rank IS NOT NULL
    RETURNING m.id, m.workspace_id, m.customer_id, m.version_id, m.node_id, m.journey_id, m.channel, u.kind, old.was
    """
)


@port
def add_receipts(tx: Connection, workspace: int, account_id: int, receipts: Sequence[Any], now: datetime) -> list[Row]:
    """Store what is new; a repetition is left out. `matched` says whether the message is known."""
    return tx.execute(
        ADD_RECEIPTS,
        {
            "workspace": workspace,
            "account": account_id,
            "now": now,
            "ids": [r.message_id or UUID(int=0) for r in receipts],
            "kinds": [r.kind for r in receipts],
            "refs": [r.provider_ref for r in receipts],
            "ats": [r.at for r in receipts],
            "codes": [r.code for r in receipts],
            "details": [r.detail[:500] for r in receipts],
        },
    ).all()


@port
def progress(tx: Connection, ids: list[UUID], kinds: list[str], order: list[str], now: datetime) -> list[Row]:
    """Move messages forward along `order`, never back; one that is unknown, or waits for another try, is known to have
    left. One row per receipt."""
    return tx.execute(PROGRESS, {"ids": ids, "kinds": kinds, "order": order, "now": now}).all()
