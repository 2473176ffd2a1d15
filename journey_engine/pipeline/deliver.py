"""Deliver: take messages out of one lane, through its provider; what is uncertain stays visible and is not repeated.

    claim ─► check again ─► render ─► place in the rate ─► intent committed ─► call ─► outcome, with the next claim

Only as many are claimed as the provider takes at once, so whatever a dying worker leaves in `sending` was being called.
Each claim takes a share of every journey that has something due, and calls go on while the next are claimed, so neither
a journey with a hundred thousand messages nor a call that takes nine seconds holds up the others. An outcome that the
database could not take is kept and written when it is back; a worker that is asked to end writes the outcomes of its
calls first.
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine, Row
from sqlalchemy.exc import DBAPIError

from journey_engine.channels import CHANNELS, Channel, Outcome, Outgoing
from journey_engine.channels.content import render_content
from journey_engine.clock import monotonic_s
from journey_engine.config import CALL_DEADLINE_S, SENDING_STALE_S, Config
from journey_engine.errors import JourneyError, Unavailable
from journey_engine.links import unsubscribe_url
from journey_engine.pipeline.answers import answer_to
from journey_engine.pipeline.calls import Calls, Gate
from journey_engine.pipeline.line import Call, Line
from journey_engine.pipeline.news import tell_of_messages
from journey_engine.secrets import unseal
from journey_engine.store import outbox
from journey_engine.store.counts import add_counts, process_slot
from journey_engine.store.emitting import emit
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

MARKETING_EVERY = 4
"""One claim in so many looks for marketing first, all others for what customers wait for."""

LATE_S = 0.015
"""A message leaves up to so late after its place in the rate; what is later gets a new place."""

RATE_USED = 0.96
"""The rest of the rate is left free for that and for the way to the provider, so that a second into which late ones and
punctual ones fall has no more than the rate."""

AHEAD_S, LEAD_S = 0.4, 0.02
"""Places are reserved so far ahead, and begin so much later than now: by then the intent is committed."""

RESERVED_BY_ANOTHER_S = 0.005
HELD_BACK = timedelta(seconds=1)

BREAK_AFTER = 10
"""So many failures of the provider in a row open the circuit breaker of its account."""

UNLIMITED = 1_000_000
FIRST_PROBE_S, LONGEST_PROBE_S = 2.0, 60.0

FINAL = ("sent", "failed")
WAITS_FOR_ANSWER = ("call_webhook",)
"""Kinds of nodes that hold their customers until the outcome is known."""

POLL_S = 1.0
"""While calls are under way an idle lane looks for more as often as the ticker would."""


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
    """What one visit to a lane did. `more`: time was up before the lane was empty; `answered`: turns have answers to
    work."""

    calls: int = 0
    more: bool = False
    answered: bool = False
    journeys: set[UUID] = field(default_factory=set)


@dataclass(slots=True)
class Claimed:
    """What one claim found: the calls to make, whether to claim again at once, and how long to wait if not."""

    calls: list[Call] = field(default_factory=list)
    again: bool = False
    wait_s: float | None = None
    channel: Channel | None = None


class Deliverer:
    """Serves lanes. One per process; it keeps the channels of accounts, and so their connections, open."""

    def __init__(
        self, engine: Engine, config: Config, stopping: threading.Event | None = None, calls: Calls | None = None
    ):
        self.engine, self.config = engine, config
        self.stopping = stopping or threading.Event()
        self.calls, self.gate = calls or Calls(), Gate()
        self.lines: dict[int, Line] = {}
        self._channels: dict[int, tuple[tuple, Channel]] = {}
        self._graphs: dict[int, dict[str, tuple[str, dict[str, Any]]]] = {}
        self._lock = threading.Lock()

    @property
    def unsettled(self) -> list[int]:
        """Lanes with calls whose outcomes are not committed yet."""
        return [line.lane for line in tuple(self.lines.values()) if line.ended or line.under_way]

    def nudge(self, lane: int) -> None:
        """A lane that waits for its calls looks for further messages now."""
        if line := self.lines.get(lane):
            line.ring()

    def deliver(self, lane: int, now: datetime | None = None, for_s: float = math.inf) -> Delivered:
        """Send everything that is due in a lane; returns when it is empty, its account is stopped or time is up."""
        line, total, until, asked = self._line(lane), Delivered(), monotonic_s() + for_s, False
        while True:
            claimed = self._round(line, now, total)
            total.calls += len(claimed.calls)
            if claimed.again:
                continue
            if claimed.wait_s is None and line.is_idle():
                if asked or claimed.channel is None or not self._look_up(line, claimed.channel, now):
                    return total
                asked = True
            if monotonic_s() > until:
                total.more = True
                return total
            line.wait(POLL_S if claimed.wait_s is None else min(claimed.wait_s, POLL_S))

    def _line(self, lane: int) -> Line:
        with self._lock:
            return self.lines.setdefault(lane, Line(lane))

    def _round(self, line: Line, now: datetime | None, total: Delivered) -> Claimed:
        """One transaction: write what ended, claim the next; after its commit these are called."""
        calls, outcomes = line.what_ended()
        with self._keeping_outcomes(line, len(calls)), self.gate.passing(line.workspace), self._places(line) as places:
            with transaction(self.engine) as tx:
                at = now or database_now(tx)
                account = outbox.account(tx, line.lane)
                self._settle(tx, calls, outcomes, at, total)
                claimed = Claimed()
                if account is not None:
                    line.workspace = account.workspace_id
                    most = self._may_claim(tx, line, account, outcomes, at)
                    if most and not self.stopping.is_set():
                        channel = self._channel(account)
                        room = min(places.take(channel.width), most)
                        claimed = self._claim(tx, line, account, channel, room, at, total)
            for call in claimed.calls:
                line.begin(call)
                places.start(partial(self._call, line, claimed.channel, call))
        return claimed

    @contextmanager
    def _keeping_outcomes(self, line: Line, count: int) -> Iterator[None]:
        """Outcomes stay until they are committed. Those that the database refuses are let go: the lane must go on."""
        try:
            yield
        except Unavailable:
            raise
        except Exception:
            line.forget(count)
            raise
        line.forget(count)

    @contextmanager
    def _places(self, line: Line) -> Iterator["_Places"]:
        """Places for calls, taken while claiming; those that no call was started for are given back."""
        places = _Places(self.calls, line)
        try:
            yield places
        finally:
            places.give_back()

    def _may_claim(self, tx: Connection, line: Line, account: Row, outcomes: Sequence[Outcome], now: datetime) -> int:
        """How many: none while the account is stopped or its provider out of reach, one when it is time to try it."""
        if account.stopped_at is not None or any(outcome.state == "stop_account" for outcome in outcomes):
            return 0
        kind = CHANNELS[account.kind]
        for outcome in outcomes:
            line.failures = line.failures + 1 if kind.tells_of_outage(outcome) else 0
        if not kind.has_breaker:
            return UNLIMITED
        if account.probe_at is None:
            return 0 if self._breaks(tx, line, account, outcomes, now) else UNLIMITED
        if outcomes and line.failures == 0:
            outbox.close_breaker(tx, account.id)
            log.info("account is back", account=account.id)
            return UNLIMITED
        line.failures = 0
        if line.under_way or account.probe_at > now:
            return 0
        return int(outbox.take_probe(tx, account.id, now, now + _probe_pause(account.probes)))

    def _breaks(self, tx: Connection, line: Line, account: Row, outcomes: Sequence[Outcome], now: datetime) -> bool:
        """Open the circuit breaker when the provider failed too often in a row."""
        if line.failures < BREAK_AFTER:
            return False
        why = f"{outcomes[-1].code} {outcomes[-1].detail}".strip()[:500] if outcomes else ""
        outbox.open_breaker(tx, account.id, why, now, now + _probe_pause(0))
        log.error("account is out of reach", account=account.id)
        line.failures = 0
        return True

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
        self, tx: Connection, line: Line, account: Row, channel: Channel, room: int, now: datetime, total: Delivered
    ) -> Claimed:
        """Claim, check and render the next few; they are called after the commit."""
        if channel.pause_s:
            pause_s = channel.pause_s / RATE_USED
            room = min(room, channel.burst + math.floor((AHEAD_S - account.next_slot_in_s) / pause_s))
            if room < 1:
                return Claimed(channel=channel, wait_s=max(account.next_slot_in_s - AHEAD_S / 2, 0.001))
        if room < 1:
            return Claimed(channel=channel)
        marketing_first = line.claims % MARKETING_EVERY == MARKETING_EVERY - 1
        without = line.without(channel.place_width)
        rows = outbox.claimable(tx, line.lane, now, room, marketing_first, line.after(), without)
        ready, unfit, full = self._prepare(tx, line, channel, rows, now)
        line.served([row for row in rows if row.id not in full])
        slots = self._reserve(tx, line, channel, len(ready))
        if slots is None:  # another process reserves just now; what was locked is free again at once
            return Claimed(channel=channel, wait_s=RESERVED_BY_ANOTHER_S)
        for call, slot_s in zip(ready, slots, strict=True):
            call.slot_s = slot_s
        outbox.intend(tx, [call.row for call in ready] + [row for row, _ in unfit], now)
        failed = [(row, _outgoing(row, {}, now)) for row, _ in unfit]
        self._settle(tx, failed, [outcome for _, outcome in unfit], now, total)
        total.journeys |= {row.journey_id for row in rows}
        return Claimed(ready, _may_have_more(rows, ready, room), channel=channel)

    def _prepare(
        self, tx: Connection, line: Line, channel: Channel, rows: Sequence[Row], now: datetime
    ) -> tuple[list[Call], list[tuple[Row, Outcome]], set[UUID]]:
        """Leave out who may not go; the others rendered, those that cannot be, and those that stay queued."""
        counts: Counter = Counter()
        outbox.park(tx, [row.id for row in rows if row.stopped_by == "paused"])
        stopped = [row for row in rows if row.stopped_by not in ("", "paused")]
        outbox.suppress(tx, [(row.id, row.stopped_by) for row in stopped])
        counts.update(_place(row, "suppressed") for row in stopped)
        add_counts(tx, counts, process_slot())
        ready: list[Call] = []
        unfit: list[tuple[Row, Outcome]] = []
        full: list[tuple[Row, str]] = []
        begun: Counter[str] = Counter(line.by_place)
        for row in rows:
            if row.stopped_by:
                continue
            try:
                place = channel.place(self._settings(tx, row.version_id, row.node_id))
                if begun[place] >= channel.place_width:
                    full.append((row, place))
                    continue
                ready.append(Call(row, self._render(tx, row, now), place, monotonic_s()))
                begun[place] += 1
            except TemplateProblem as problem:
                unfit.append((row, Outcome(row.id, "failed", code=problem.code, detail=problem.message)))
            except DBAPIError:
                raise
            except Exception as error:  # one message that cannot be made must not hold up its lane
                log.warning("message cannot be made", error=type(error).__name__)
                unfit.append((row, Outcome(row.id, "failed", code="fault", detail=f"{type(error).__name__}: {error}")))
        self._hold_back(tx, line, full, ready, now)
        return ready, unfit, {row.id for row, _ in full}

    def _hold_back(
        self, tx: Connection, line: Line, full: Sequence[tuple[Row, str]], ready: Sequence[Call], now: datetime
    ) -> None:
        """Messages to a place that has its share of calls stay queued; their journey waits until one ends.

        Unless it also calls other places: those are not to stand behind a slow one, so its messages are put off.
        """
        elsewhere = {(call.row.journey_id, call.place) for call in ready}
        off = []
        for row, place in full:
            if any(journey == row.journey_id and other != place for journey, other in elsewhere):
                off.append(row.id)
            else:
                line.held_back[row.journey_id] = place
        outbox.put_off(tx, off, now + HELD_BACK)

    def _reserve(self, tx: Connection, line: Line, channel: Channel, count: int) -> list[float | None] | None:
        """A place in the account's rate for each; None when somebody else is reserving."""
        if not channel.pause_s or not count:
            return [None] * count
        pause_s = channel.pause_s / RATE_USED
        first_in_s = outbox.reserve(tx, line.lane, count, pause_s, LEAD_S - (channel.burst - 1) * pause_s)
        if first_in_s is None:
            return None
        here = monotonic_s()
        return [here + max(first_in_s + number * pause_s, 0.0) for number in range(count)]

    def _call(self, line: Line, channel: Channel, call: Call) -> None:
        """Wait for the place in the rate, and call."""
        try:
            while call.slot_s is not None and not _is_due(call.slot_s):
                call.slot_s = self._new_slot(line, channel)
            call.outcome = _too_late(call) or channel.attempt(call.outgoing)
        except Exception as error:  # the database is away: nothing has left
            detail = f"{type(error).__name__}: {error}"
            call.outcome = Outcome(call.row.id, "retry", code="not_sent", detail=detail, retry_after_s=1.0)
        finally:
            line.end(call)

    def _new_slot(self, line: Line, channel: Channel) -> float:
        """A new place for a message that came too late for its own."""
        while True:
            with self.gate.passing(line.workspace), transaction(self.engine) as tx:
                slots = self._reserve(tx, line, channel, 1)
            if slots:
                return slots[0]
            time.sleep(RESERVED_BY_ANOTHER_S)

    def _render(self, tx: Connection, row: Row, now: datetime) -> Outgoing:
        """The message as it leaves, with the customer's values of this moment."""
        settings = self._settings(tx, row.version_id, row.node_id)
        variables = {
            "customer": {**row.attributes, "id": str(row.customer_id)},
            "event": row.context.get("event", {}),
            "context": row.context.get("vars", {}),
            "journey": {"name": row.journey_name},
        }
        message_class = row._mapping["class"]
        way_out = ""
        if message_class == "marketing":
            way_out = unsubscribe_url(self.config, row.id, row.customer_id, row.workspace_id, row.channel)
        content = render_content(row.channel, settings, variables, way_out)
        return _outgoing(row, content, now)

    def _settings(self, tx: Connection, version_id: int, node_id: str) -> dict[str, Any]:
        """The settings of a node of a version."""
        return self._nodes(tx, version_id)[node_id][1]

    def _waits_for_answer(self, tx: Connection, row: Row) -> bool:
        kind, _ = self._nodes(tx, row.version_id).get(row.node_id, ("", {}))
        return kind in WAITS_FOR_ANSWER

    def _nodes(self, tx: Connection, version_id: int) -> dict[str, tuple[str, dict[str, Any]]]:
        """The kind and the settings of each node of a version; versions never change, so they are kept."""
        if version_id not in self._graphs:
            nodes = version_graph(tx, version_id)["nodes"]
            self._graphs[version_id] = {node["id"]: (node["kind"], _with_defaults(node)) for node in nodes}
        return self._graphs[version_id]

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
        ended = [(row, states[row.id].status) for row, _ in calls if row.id in states]
        tell_of_messages(tx, [(row, status) for row, status in ended if status in ("sent", "failed")], now)
        self._tell_answers(tx, calls, outcomes, states, now, total)
        for (row, _), outcome in zip(calls, outcomes, strict=True):
            if outcome.state == "stop_account":
                log.error("account stopped", account=row.account_id, code=outcome.code)
                outbox.stop_account(tx, row.account_id, f"{outcome.code} {outcome.detail}".strip(), now)

    def _tell_answers(
        self,
        tx: Connection,
        calls: Sequence[tuple[Row, Outgoing]],
        outcomes: Sequence[Outcome],
        states: Mapping[UUID, Row],
        now: datetime,
        total: Delivered,
    ) -> None:
        """Journeys that wait for what an address says are told of it, in the transaction that writes the outcome."""
        told = []
        for (row, _), outcome in zip(calls, outcomes, strict=True):
            ended = row.id in states and states[row.id].status in FINAL
            if ended and self._waits_for_answer(tx, row):
                told.append(answer_to(row, states[row.id].status, outcome, now))
        emit(tx, told)
        total.answered = total.answered or bool(told)

    def _look_up(self, line: Line, channel: Channel, now: datetime | None) -> bool:
        """Ask the provider about unknown messages whose time has come; the class decides when it knows nothing.

        Nothing is locked while the provider is asked, so receipts come in meanwhile; whoever resolves one first wins.
        """
        with self.gate.passing(line.workspace), transaction(self.engine) as tx:
            at = now or database_now(tx)
            rows = outbox.unknown(tx, line.lane, at, channel.width)
        for row in rows:
            self.calls.take(line.workspace, 1, at_least=1)
            line.begin_asking()
            self.calls.start(line.workspace, partial(self._ask, line, channel, row, at))
        return bool(rows)

    def _ask(self, line: Line, channel: Channel, row: Row, at: datetime) -> None:
        """Ask about one message, and write what it showed."""
        try:
            if self.stopping.is_set():
                return
            resolved = _resolved(channel, row, at)
            with self.gate.passing(line.workspace), transaction(self.engine) as tx:
                if outbox.resolve_unknown(tx, row.id, *resolved, at) and resolved[0] != "unknown":
                    changes = Counter({_place(row, "unknown"): -1})
                    changes[_place(row, resolved[0])] += resolved[0] != "queued"
                    add_counts(tx, changes, process_slot())
        except Exception as error:  # it is still unknown and due, so it is asked about again
            log.warning("not looked up", error=type(error).__name__)
        finally:
            line.end_asking()


class _Places:
    """Places for calls of one round."""

    def __init__(self, calls: Calls, line: Line):
        self.calls, self.line, self.left = calls, line, 0

    def take(self, width: int) -> int:
        wanted = max(width - self.line.under_way, 0)
        self.left = self.calls.take(self.line.workspace, wanted, at_least=0 if self.line.under_way else 1)
        return self.left

    def start(self, call: Any) -> None:
        self.left -= 1
        self.calls.start(self.line.workspace, call)

    def give_back(self) -> None:
        if self.left:
            self.calls.give_back(self.line.workspace, self.left)


def _may_have_more(rows: Sequence[Row], ready: Sequence[Call], room: int) -> bool:
    """Whether to claim again at once: a journey gave its whole share while others gave less, or nothing may go."""
    shares = {row.journey_id: row.share for row in rows}
    given = Counter(row.journey_id for row in rows)
    return bool(rows) and len(ready) < room and (not ready or any(given[id] >= share for id, share in shares.items()))


def _is_due(slot_s: float) -> bool:
    """Wait for a place in the rate; False when it has passed."""
    ahead_s = slot_s - monotonic_s()
    if ahead_s > 0:
        time.sleep(ahead_s)
    return monotonic_s() - slot_s < LATE_S


def _too_late(call: Call) -> Outcome | None:
    """A process that was frozen since its claim does not call: meanwhile the message may have been taken for lost, and
    a pause or an unsubscribe answered."""
    if monotonic_s() - call.claimed_s <= CALL_DEADLINE_S:
        return None
    return Outcome(call.row.id, "retry", code="not_sent", detail="the worker stood still", retry_after_s=1.0)


def _probe_pause(probes: int) -> timedelta:
    return timedelta(seconds=min(FIRST_PROBE_S * 2**probes, LONGEST_PROBE_S))


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
        "fault" if outcome.code == "fault" else outcome.detail,
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
