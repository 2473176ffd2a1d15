"""The scene: everything one turn works on, in memory. Stages read and change it; the store fills it and writes it back.

Nothing here knows a database: live turns, test runs and replays put on the same scene. What a stage needs beyond what
was loaded it asks of `world`, once for all visitors of a party.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from journey_engine.ids import uuid7
from journey_engine.model.conversion import Attributed, Conversion, Exposure
from journey_engine.model.coupon import Coupon
from journey_engine.model.customer import Customer
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.event import Activity, Event
from journey_engine.model.history import PathRow, Refusal
from journey_engine.model.internal import BY_THE_CLOCK
from journey_engine.model.message import Message
from journey_engine.model.needs import Needs
from journey_engine.model.segment import SegmentState
from journey_engine.model.visitor import Visitor
from journey_engine.pipeline.facts import know_facts
from journey_engine.pipeline.routes import Routes
from journey_engine.store.emitting import Emitted
from journey_engine.store.fall_due import Place
from journey_engine.store.volumes import Volume
from journey_engine.triggers.base import Dues

CountKey = tuple[int, int, str, str]
"""workspace, version, node ('' for the journey itself), what"""


class World(Protocol):
    """What stages ask for beyond the scene; a store answers for the live world."""

    def entries(self, pairs: set[tuple[UUID, UUID]]) -> Iterable[tuple]:
        """Per customer, journey and key: the highest entry number, whether one was really entered, and when the last
        was and ended."""

    def volume(self, journey: UUID, workspace: int) -> Volume:
        """The places of a journey that lets in only so many, locked until this turn ends."""

    def history(self, customers: list[UUID], names: list[str]) -> Iterable[Event]:
        """The stored events of these customers under these names, oldest first."""

    def addresses(self, customers: list[UUID], kind: str) -> dict[UUID, str]:
        """The newest identity of a kind of each customer."""

    def coupons(self, workspace_id: int, pool: UUID, count: int, without: Sequence[str], now: datetime) -> list[Coupon]:
        """Up to so many free codes of a pool beside those held already, kept from others until the turn ends."""

    def withdrawn(self, customers: list[UUID], channel: str) -> set[UUID]:
        """Customers who do not want marketing on this channel."""

    def consents(self, customers: list[UUID]) -> Iterable[tuple[UUID, str, str, str]]:
        """Per customer, channel and topic: the state."""

    def memberships(self, customers: list[UUID], segments: list[str]) -> Iterable[tuple[UUID, UUID]]:
        """Which of these segments the customers are in."""

    def states(self, customers: list[UUID], segments: list[UUID]) -> Iterable[Any]:
        """What is kept of these customers in these segments."""

    def messages(self, customers: list[UUID]) -> Iterable[tuple]:
        """Messages that left, once for each thing that was said of them: customer, message, journey, node, channel,
        when it left, what was said, and since when."""

    def entered(self, customers: list[UUID], journeys: list[str]) -> Iterable[tuple[UUID, UUID, UUID, bool, list[str]]]:
        """Entries into these journeys: customer, enrollment, journey, whether it is live, and the nodes reached."""

    def reached(self, enrollments: list[UUID], nodes: list[str]) -> Iterable[tuple[UUID, str, datetime]]:
        """When these enrollments last came to these nodes."""

    def converted(self, enrollments: list[UUID]) -> Iterable[tuple[UUID, str, UUID | None]]:
        """The goals that these enrollments reached already."""

    def sent(self, customers: list[UUID], enrollments: list[UUID]) -> Iterable[tuple[UUID, datetime, UUID, str]]:
        """Messages of these enrollments that went out or were held out: enrollment, when, id and node."""

    def ended(self, customers: list[UUID], journeys: list[UUID], since: datetime) -> list[Enrollment]:
        """Enrollments of these customers that were entered and have ended since then."""


@dataclass(slots=True)
class InboxItem:
    """An event waiting for its customer; `journey_id` set: only that journey may hear it."""

    event: Event
    seq: int
    journey_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """A consent that a journey changed for one of its customers."""

    customer: Customer
    channel: str
    topic: str
    state: str
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Granted:
    """A code and the visit it was given to."""

    coupon: Coupon
    enrollment: Enrollment
    node_id: str
    visit: int


@dataclass(frozen=True, slots=True)
class Asked:
    """An enrollment that waits for a person's word from now on, at most until an instant."""

    enrollment: Enrollment
    node_id: str
    until: datetime | None


@dataclass(slots=True)
class Stock:
    """Codes of a pool that this turn keeps from others: all of them by code, and those that nobody has yet."""

    held: list[str] = field(default_factory=list)
    free: list[Coupon] = field(default_factory=list)


@dataclass(slots=True)
class Entry:
    """What re-entry needs to know of one customer, journey and key."""

    highest: int = 0
    entered: bool = False
    last_entered_at: datetime | None = None
    last_ended_at: datetime | None = None


@dataclass(slots=True)
class Scene:
    """`now` is the turn's one instant; `horizons` says per shard and workspace up to when wakes may be worked, where
    that is not up to now.

    `dues` are the moments of triggers that changed, by customer, journey and trigger; those in `anew` have no others.
    `busy` are the customers who may have something left to do. `waking` is the wake being worked, so that one which
    cannot be is known by name.
    """

    now: datetime
    routes: Routes
    world: World
    customers: dict[UUID, Customer] = field(default_factory=dict)
    inbox: dict[UUID, deque[InboxItem]] = field(default_factory=dict)
    horizons: dict[tuple[int, int], datetime] = field(default_factory=dict)
    new_id: Callable[[datetime], UUID] = uuid7

    entries: dict[tuple[UUID, UUID], dict[str, Entry]] = field(default_factory=dict)
    touched: list[Enrollment] = field(default_factory=list)
    activity: dict[tuple[UUID, str], Activity] = field(default_factory=dict)
    paths: list[PathRow] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    parked: dict[tuple[UUID, UUID], Event] = field(default_factory=dict)
    emitted: list[Emitted] = field(default_factory=list)
    volumes: dict[UUID, Volume] = field(default_factory=dict)
    kept: set[tuple[UUID, UUID]] = field(default_factory=set)
    dues: dict[Place, dict[str, datetime]] = field(default_factory=dict)
    anew: set[Place] = field(default_factory=set)
    consents: list[ConsentChange] = field(default_factory=list)
    coupons: dict[str, Stock] = field(default_factory=dict)
    granted: list[Granted] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    sent: dict[UUID, list[Attributed]] = field(default_factory=dict)
    noted: int = 0
    converted: dict[UUID, set[str]] = field(default_factory=dict)
    past: dict[UUID, list[Enrollment]] = field(default_factory=dict)
    conversions: list[Conversion] = field(default_factory=list)
    exposures: list[Exposure] = field(default_factory=list)
    counts: dict[CountKey, int] = field(default_factory=lambda: defaultdict(int))
    memberships: dict[UUID, dict[UUID, SegmentState]] = field(default_factory=dict)
    segment_days: dict[tuple[UUID, date, int], list[int]] = field(default_factory=dict)
    waking: UUID | None = None
    busy: list[UUID] = field(default_factory=list)

    def next_items(self) -> tuple[list[InboxItem], list[Enrollment]]:
        """One item per customer: their next event or their next due wake, whichever comes first in their own time.

        An event takes its place by when it happened, but never later than it arrived: a purchase made before a
        timeout counts even when the turn that sees both comes late. Events themselves keep the order of arrival.
        """
        events: list[InboxItem] = []
        wakes: list[Enrollment] = []
        for customer_id in self.busy:
            queue = self.inbox.get(customer_id)
            wake = self._next_wake(self.customers[customer_id].live)
            if queue and (wake is None or queue[0].event.counts_from <= wake.wake_at):
                events.append(queue.popleft())
            elif wake is not None:
                wakes.append(wake)
        self.busy = [item.event.customer_id for item in events] + [wake.customer_id for wake in wakes]
        return events, wakes

    def _next_wake(self, live: Iterable[Enrollment]) -> Enrollment | None:
        found = None
        for enrollment in live:
            at = enrollment.wake_at
            if at is None or at > self.now or enrollment.ended_at is not None:
                continue
            if self.horizons and at > self.horizons.get((enrollment.shard, enrollment.workspace_id), self.now):
                continue
            if found is None or at < found.wake_at:
                found = enrollment
        return found

    def touch(self, enrollment: Enrollment) -> None:
        """This enrollment changed and is to be written."""
        if not enrollment.touched:
            enrollment.touched = True
            self.touched.append(enrollment)

    def count(self, enrollment: Enrollment, node_id: str, what: str, by: int = 1) -> None:
        self.counts[(enrollment.workspace_id, enrollment.version_id, node_id, what)] += by

    def moved(self) -> set[UUID]:
        """The journeys in which anything changed."""
        return {enrollment.journey_id for enrollment in self.touched} | {r.journey_id for r in self.refusals}

    def park(self, journey_id: UUID, event: Event) -> None:
        """Keep the event for a paused journey, once; resume brings it back in order."""
        self.parked[(journey_id, event.id)] = event

    def emit(
        self,
        customer: Customer,
        name: str,
        properties: dict[str, Any],
        journey_id: UUID | None = None,
        at: datetime | None = None,
    ) -> None:
        """Tell of the customer what a later turn is to work; it happens now, or happened `at` that time."""
        event = Event(
            self.new_id(self.now), customer.workspace_id, customer.id, name, at or self.now, self.now, properties
        )
        self.emitted.append(Emitted(event, journey_id))

    def note_dues(self, place: Place, dues: Dues) -> None:
        """When this trigger's moments come for this customer; it is written with the turn."""
        if dues.whole:
            self.anew.add(place)
            self.dues[place] = {}
        self.dues.setdefault(place, {}).update(dues.at)

    def queue_up(self, item: InboxItem) -> None:
        """An event takes its place behind those that arrived before; what the clock tells, by when it came due."""
        line = self.inbox.setdefault(item.event.customer_id, deque())
        place = len(line)
        if item.event.name in BY_THE_CLOCK:
            while place and line[place - 1].event.counts_from > item.event.occurred_at:
                place -= 1
        line.insert(place, item)

    def know_entries(self, pairs: Iterable[tuple[UUID, UUID]]) -> None:
        """Have the past entries of these customers in these journeys at hand, asked for once."""
        unknown = set(pairs) - self.entries.keys()
        if not unknown:
            return
        for pair in unknown:
            self.entries[pair] = {}
        for customer_id, journey_id, key, *known in self.world.entries(unknown):
            self.entries[(customer_id, journey_id)][key] = Entry(*known)

    def know(self, visitors: Iterable[Visitor], needs: Needs) -> None:
        """Have everything at hand that these needs name, asked for once."""
        know_facts(self, list(visitors), needs)

    def queue(self, message: Message) -> None:
        """The message is to be written; it is the last of its enrollment."""
        self.messages.append(message)

    def _note_queued(self) -> None:
        """Messages of this turn are the last of their enrollments; asked only where there are goals."""
        for message in self.messages[self.noted :]:
            sent = Attributed(message.queued_at, message.id, message.node_id)
            self.sent.setdefault(message.enrollment_id, []).append(sent)
        self.noted = len(self.messages)

    def know_goals(self, enrollments: Iterable[Enrollment]) -> None:
        """Have the goals these enrollments reached and the messages they were sent at hand, asked for once."""
        asking = {one.id: one for one in enrollments if one.id not in self.converted}
        self.converted.update({id: {} for id in asking})
        stored = [one for one in asking.values() if one.stored]
        if not stored:
            return
        ids = [one.id for one in stored]
        for id, goal, event_id in self.world.converted(ids):
            self.converted[id][goal] = event_id
        before: dict[UUID, list[Attributed]] = defaultdict(list)
        for id, at, message_id, node_id in self.world.sent(list({one.customer_id for one in stored}), ids):
            before[id].append(Attributed(at, message_id, node_id))
        for id, messages in before.items():
            self.sent[id] = messages + self.sent.get(id, [])

    def last_message(self, enrollment: Enrollment, at: datetime, within: timedelta) -> Attributed | None:
        """The last message of this enrollment up to that moment, unless it is longer ago than `within`."""
        self._note_queued()
        sent = (one for one in reversed(self.sent.get(enrollment.id, ())) if at - within <= one.at <= at)
        return max(sent, key=lambda message: message.at, default=None)

    def convert(self, conversion: Conversion) -> None:
        """The goal is reached: written, and counted for the journey and for the node whose message led to it."""
        enrollment, goal = conversion.enrollment, conversion.goal
        self.converted[enrollment.id][goal] = conversion.event_id
        self.conversions.append(conversion)
        what = f"converted_held_out:{goal}" if conversion.held_out else f"converted:{goal}"
        self.count(enrollment, "", what)
        if conversion.message is not None:
            self.count(enrollment, conversion.message.node_id, what)

    def hold_coupons(self, visitors: Sequence[Visitor], pool: str) -> None:
        """Have a code of the pool for each of these visitors, as far as there are any."""
        stock = self.coupons.setdefault(pool, Stock())
        missing = len(visitors) - len(stock.free)
        if missing > 0:
            workspace_id = visitors[0].enrollment.workspace_id
            found = self.world.coupons(workspace_id, UUID(pool), missing, stock.held, self.now)
            stock.held += [coupon.code for coupon in found]
            stock.free += found
        for visitor in visitors:
            visitor.coupon = stock.free.pop(0) if stock.free else None

    def give_back(self, coupon: Coupon) -> None:
        """A code that was held for somebody who does not get it is the next one's."""
        self.coupons[str(coupon.pool_id)].free.append(coupon)

    def know_history(self, customers: Iterable[Customer], names: set[str]) -> None:
        """Have the events of these names at hand, without those that the customer's queue still holds."""
        asking = [customer for customer in customers if not names <= customer.history.keys()]
        if not asking:
            return
        by_id = {customer.id: customer for customer in asking}
        pending = {item.event.id for id in by_id for item in self.inbox.get(id, ())}
        for customer in asking:
            customer.history.update({name: [] for name in names})
        for event in self.world.history(list(by_id), sorted(names)):
            if event.id not in pending:
                by_id[event.customer_id].history[event.name].append(event)
