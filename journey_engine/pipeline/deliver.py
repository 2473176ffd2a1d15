"""Deliver: take messages out of one lane, through its provider; what is uncertain stays visible and is not repeated.

    claim ─► check again ─► render ─► intent committed ─► call ─► outcome committed (with the next claim)

Only as many are claimed as the provider takes at once, so whatever a dying worker leaves in `sending` was being called.
An outcome that the database could not take is kept and written when it is back; a worker that is asked to end writes
the outcomes of its calls first.
"""

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine, Row
from sqlalchemy.exc import DBAPIError

from journey_engine.channels import CHANNELS, Channel, Outcome, Outgoing
from journey_engine.channels.content import render_content
from journey_engine.config import SENDING_STALE_S, Config
from journey_engine.errors import JourneyError, Unavailable
from journey_engine.links import unsubscribe_url
from journey_engine.secrets import unseal
from journey_engine.store import outbox
from journey_engine.store.counts import add_counts, process_slot
from journey_engine.store.ingest import database_now
from journey_engine.store.routes import version_graph
from journey_engine.store.session import transaction
from journey_engine.templates import TemplateProblem

log = structlog.get_logger()

MOST_TRIES = 12
"""More than any channel asks for; a backstop."""

LOOK_UP_AFTER = timedelta(minutes=2)
"""When the provider is asked about an unknown message: receipts usually come within two minutes (Alibaba's advice)."""

RESEND_AFTER = timedelta(minutes=8)
"""After a look-up that found nothing a transactional message is sent once more: ten minutes after the first try."""

ACCOUNT_RETRY = timedelta(seconds=1)


@dataclass(slots=True)
class Settled:
    """What became of one message in one attempt, ready to be written."""

    message_id: UUID
    attempt: int
    status: str
    outcome: str
    reason: str = ""
    due_at: datetime | None = None
    content: dict[str, Any] | None = None
    code: str = ""
    detail: str = ""
    provider_ref: str = ""
    cost_units: int = 0


@dataclass(slots=True)
class Delivered:
    """What one round of a lane did."""

    calls: int = 0
    journeys: set[UUID] = field(default_factory=set)


class Deliverer:
    """Serves lanes. One per process; it keeps the channels of accounts, and so their connections, open."""

    def __init__(self, engine: Engine, config: Config, stopping: threading.Event | None = None):
        self.engine, self.config = engine, config
        self.stopping = stopping or threading.Event()
        self.unsettled: dict[int, tuple[list[tuple[Row, Outgoing]], list[Outcome]]] = {}
        """By lane: calls that were made, with their outcomes, until these are committed."""
        self._channels: dict[int, tuple[tuple, Channel]] = {}
        self._graphs: dict[int, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def deliver(self, lane: int, now: datetime | None = None) -> Delivered:
        """Send everything that is due in a lane; returns when it is empty or its account is stopped."""
        total = Delivered()
        while True:
            with self._keeping_outcomes(lane), transaction(self.engine) as tx:
                at = now or database_now(tx)
                self._settle(tx, *self.unsettled.get(lane, ((), ())), at, total)
                account = outbox.account(tx, lane)
                channel = None if account is None or account.stopped_at is not None else self._channel(account)
                going = channel is not None and not self.stopping.is_set()
                claimed, calls = self._claim(tx, lane, channel, at, total) if going else (0, [])
            if not claimed:
                if going:
                    self._look_up(lane, channel, now)
                return total
            if calls:
                self.unsettled[lane] = calls, channel.send([outgoing for _, outgoing in calls])
                total.calls += len(calls)

    @contextlib.contextmanager
    def _keeping_outcomes(self, lane: int) -> Iterator[None]:
        """Outcomes stay until they are committed. Those that the database refuses are let go: the lane must go on."""
        try:
            yield
        except Unavailable:
            raise
        except Exception:
            self.unsettled.pop(lane, None)
            raise
        self.unsettled.pop(lane, None)

    def _channel(self, account: Row) -> Channel:
        """The account's channel, made anew when its settings or secrets changed."""
        mark = (bytes(account.secrets), repr(account.settings))
        with self._lock:
            kept = self._channels.get(account.id)
            if kept is None or kept[0] != mark:
                secrets = unseal(self.config.secret_key, account.id, bytes(account.secrets))
                settings = {**account.settings, **secrets}
                channel = CHANNELS[account.kind](settings, self.config.allowed_outgoing)
                if kept is not None:
                    kept[1].close()
                kept = self._channels[account.id] = (mark, channel)
            return kept[1]

    def _claim(
        self, tx: Connection, lane: int, channel: Channel, now: datetime, total: Delivered
    ) -> tuple[int, list[tuple[Row, Outgoing]]]:
        """Claim, check and render the next few: how many there were, and those that are called after the commit."""
        rows = outbox.claimable(tx, lane, now, channel.concurrency)
        counts: Counter = Counter()
        outbox.park(tx, [row.id for row in rows if row.stopped_by == "paused"])
        stopped = [(row.id, row.stopped_by) for row in rows if row.stopped_by not in ("", "paused")]
        outbox.suppress(tx, stopped)
        ready: list[tuple[Row, Outgoing]] = []
        unfit: list[tuple[Row, Outcome]] = []
        for row in rows:
            if row.stopped_by:
                counts[_place(row, "suppressed")] += row.stopped_by != "paused"
                continue
            try:
                ready.append((row, self._render(tx, row, now)))
            except TemplateProblem as problem:
                unfit.append((row, Outcome(row.id, "failed", code=problem.code, detail=problem.message)))
            except DBAPIError:
                raise
            except Exception as error:  # one message that cannot be made must not hold up its lane
                log.warning("message cannot be made", error=type(error).__name__)
                unfit.append((row, Outcome(row.id, "failed", code="fault", detail=f"{type(error).__name__}: {error}")))
        outbox.intend(tx, [row for row, _ in ready] + [row for row, _ in unfit], now)
        add_counts(tx, counts, process_slot())
        total.journeys |= {row.journey_id for row in rows}
        if unfit:
            calls = [
                (row, Outgoing(row.id, row.address, {}, row._mapping["class"], row.attempts + 1, now))
                for row, _ in unfit
            ]
            self._settle(tx, calls, [outcome for _, outcome in unfit], now, total)
        return len(rows), ready

    def _render(self, tx: Connection, row: Row, now: datetime) -> Outgoing:
        """The message as it leaves, with the customer's values of this moment."""
        settings = self._settings(tx, row.version_id, row.node_id)
        variables = {
            "customer": {**row.attributes, "id": str(row.customer_id)},
            "event": row.context.get("event", {}),
            "journey": {"name": row.journey_name},
        }
        message_class = row._mapping["class"]
        way_out = ""
        if message_class == "marketing":
            way_out = unsubscribe_url(self.config, row.id, row.customer_id, row.workspace_id, row.channel)
        content = render_content(row.channel, settings, variables, way_out)
        return _outgoing(row, content, now)

    def _settings(self, tx: Connection, version_id: int, node_id: str) -> dict[str, Any]:
        """The settings of a node of a version; versions never change, so they are kept."""
        if version_id not in self._graphs:
            nodes = version_graph(tx, version_id)["nodes"]
            self._graphs[version_id] = {node["id"]: _with_defaults(node) for node in nodes}
        return self._graphs[version_id][node_id]

    def _settle(
        self,
        tx: Connection,
        calls: Sequence[tuple[Row, Outgoing]],
        outcomes: Sequence[Outcome],
        now: datetime,
        total: Delivered,
    ) -> None:
        """Write the outcomes of the calls just made, and count them."""
        if not calls:
            return
        settled = [_settled(outgoing, outcome, now) for (_, outgoing), outcome in zip(calls, outcomes, strict=True)]
        states = outbox.settle(tx, settled, now)
        counts: Counter = Counter()
        for row, _ in calls:
            total.journeys.add(row.journey_id)
            if row.id in states:
                state = states[row.id]
                counts[_place(row, state.status)] += state.status != "queued"
                counts[_place(row, "unknown")] -= state.was == "unknown"
        add_counts(tx, counts, process_slot())
        for (row, _), outcome in zip(calls, outcomes, strict=True):
            if outcome.state == "stop_account":
                log.error("account stopped", account=row.account_id, code=outcome.code)
                outbox.stop_account(tx, row.account_id, f"{outcome.code} {outcome.detail}".strip(), now)

    def _look_up(self, lane: int, channel: Channel, now: datetime | None) -> None:
        """Ask the provider about unknown messages whose time has come; the class decides when it knows nothing.

        Nothing is locked while the provider is asked, so receipts come in meanwhile; whoever resolves one first wins.
        """
        with transaction(self.engine) as tx:
            at = now or database_now(tx)
            rows = outbox.unknown(tx, lane, at, channel.concurrency)
        for row in rows:
            if self.stopping.is_set():
                return
            resolved = _resolved(channel, row, at)
            with transaction(self.engine) as tx:
                if outbox.resolve_unknown(tx, row.id, *resolved, at) and resolved[0] != "unknown":
                    changes = Counter({_place(row, "unknown"): -1})
                    changes[_place(row, resolved[0])] += resolved[0] != "queued"
                    add_counts(tx, changes, process_slot())


def _resolved(channel: Channel, row: Row, now: datetime) -> tuple[str, str, datetime | None]:
    """What the provider says of an unknown message, as state, reason and next time; one not reached is asked later."""
    message_class = row._mapping["class"]
    outgoing = Outgoing(row.id, row.address, row.content or {}, message_class, row.attempts, row.queued_at)
    try:
        return after_look_up(channel.look_up(outgoing), message_class, row.attempts, now)
    except JourneyError as error:
        log.info("provider could not be asked", account=row.account_id, error=error.code)
        return "unknown", row.reason, now + LOOK_UP_AFTER


def after_look_up(
    found: Outcome | None, message_class: str, attempts: int, now: datetime
) -> tuple[str, str, datetime | None]:
    """The state, reason and next time of an unknown message after the provider was asked.

    Marketing stays unknown for good; a transactional one is sent once more; a one-time password is asked for again by
    the person.
    """
    if found is not None and found.state in ("sent", "failed"):
        return found.state, found.detail or "the provider was asked", None
    if message_class == "transactional" and attempts < 2:
        return "queued", "sent once more, the provider knows of none", now + RESEND_AFTER
    return "unknown", "the provider knows of none", None


def _outgoing(row: Row, content: dict[str, Any], now: datetime) -> Outgoing:
    return Outgoing(row.id, row.address, content, row._mapping["class"], row.attempts + 1, now)


def _place(row: Row, what: str) -> tuple[int, int, str, str]:
    return (row.workspace_id, row.version_id, row.node_id, f"message:{what}")


def _with_defaults(node: dict[str, Any]) -> dict[str, Any]:
    from journey_engine.catalog import KINDS

    defaults = {name: one.default for name, one in KINDS[node["kind"]].settings.items()}
    return {**defaults, **node.get("settings", {})}


def _settled(outgoing: Outgoing, outcome: Outcome, now: datetime) -> Settled:
    """The state that an outcome leads to."""
    settled = Settled(
        outgoing.message_id,
        outgoing.attempt,
        outcome.state,
        outcome.state,
        outcome.detail,
        None,
        dict(outgoing.content),
        outcome.code,
        outcome.detail,
        outcome.provider_ref,
        outcome.cost_units,
    )
    if outcome.state in ("retry", "wait"):
        # A provider that names a time is obeyed however often it does; only what simply fails again is given up.
        given_up = outcome.state == "retry" and outgoing.attempt >= MOST_TRIES
        settled.status = "failed" if given_up else "queued"
        settled.due_at = now + timedelta(seconds=outcome.retry_after_s or 1.0) if settled.status == "queued" else None
    elif outcome.state == "stop_account":
        settled.status, settled.due_at = "queued", now + ACCOUNT_RETRY
    elif outcome.state == "unknown":
        settled.due_at = now + LOOK_UP_AFTER
    elif outcome.state == "sent":
        settled.reason = ""
    return settled


def sweep(engine: Engine, now: datetime | None = None) -> int:
    """Messages that a dead worker left in `sending` become unknown; how many there were."""
    with transaction(engine) as tx:
        at = now or database_now(tx)
        rows = outbox.left_behind(tx, at - timedelta(seconds=SENDING_STALE_S), at + LOOK_UP_AFTER)
        counts: Counter = Counter(_place(row, row.status) for row in rows)
        add_counts(tx, counts, process_slot())
    return len(rows)
