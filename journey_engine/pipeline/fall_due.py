"""Fall due: what the clock brings becomes events, which turns work like all others.

    keep marks ─► tell what has come due ─► go on with the pass that is due

Nobody is polled: turns note when a trigger's moment comes for a customer, and what has come stands at the front of an
index. A trigger passes over customers in chunks: when it begins to count, and when a schedule says so. Each chunk is a
transaction that tells what it found and how far it has come, so whoever dies in the middle leaves nobody out and tells
nobody twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Engine, Row

from journey_engine.ids import uuid7
from journey_engine.model.calendar import Calendar
from journey_engine.model.customer import Customer
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.event import Activity, Event
from journey_engine.model.visitor import Visitor
from journey_engine.pipeline.facts import know_numbers
from journey_engine.pipeline.routes import LiveJourney, Routes
from journey_engine.pipeline.scene import Scene
from journey_engine.pipeline.turn import live_routes
from journey_engine.store import fall_due as store
from journey_engine.store import turns
from journey_engine.store.emitting import Emitted, emit
from journey_engine.store.ingest import be_seen, database_now
from journey_engine.store.locks import hold_control_shared
from journey_engine.store.session import transaction
from journey_engine.store.world import world_of
from journey_engine.triggers.base import Internal, Trigger

NOBODY = UUID(int=0)
CHUNK = 5_000
"""Customers per transaction: enough that its fixed cost is nothing, few enough that nobody waits long for a row."""

_kept: dict[str, int] = {}
"""The control revision up to which this process has kept the marks, per database."""


@dataclass(frozen=True, slots=True)
class Fallen:
    """What one round did: how many were told, and whether to go on at once."""

    told: int = 0
    more: bool = False


def fall_due(engine: Engine, now: datetime | None = None, chunk: int = CHUNK) -> Fallen:
    """One round: tell what has come due, and one chunk of a pass. One worker at a time does this."""
    with transaction(engine) as tx:
        hold_control_shared(tx)
        if not store.claim(tx):
            return Fallen()
        now, routes = now or database_now(tx), live_routes(tx)
        kept = _keep_marks(tx, routes, now)
        at = store.next_due(tx)
        if at is not None and at <= now:
            be_seen(tx)  # an erasure waits for those who may have read who they were
            told = _tell_due(tx, routes, now, chunk)
            passed = _pass_on(tx, routes, now, chunk)
            fallen = Fallen(told + (passed or 0), told == chunk or passed is not None)
        else:
            fallen = Fallen()
        revision = routes.revision
    if kept:
        _kept[str(engine.url)] = revision
    return fallen


def _keep_marks(tx: Connection, routes: Routes, now: datetime) -> bool:
    """Triggers that are live have a mark, others have none; one whose moments come otherwise now begins anew."""
    if _kept.get(str(tx.engine.url)) == routes.revision:
        return False
    live = {(journey.id, trigger.id): (journey, trigger) for journey, trigger in _by_the_clock(routes)}
    known = {(row.journey_id, row.trigger_id): row.settings for row in store.marks(tx)}
    same = {place for place, (_, trigger) in live.items() if known.get(place) == trigger.timing()}
    if gone := [place for place in known if place not in same]:
        store.forget(tx, gone)
    begun = [one for place, one in live.items() if place not in same]
    published = store.published_at(tx, [journey.version_id for journey, _ in begun]) if begun else {}
    for journey, trigger in begun:
        since = min(now, published[journey.version_id])
        home = routes.calendar(journey.workspace_id).zone
        begins_at, place = trigger.pass_at(since, since, home) or (None, "")
        store.add_mark(tx, journey.id, trigger.id, journey.workspace_id, trigger.timing(), since, begins_at, place)
    return True


def _by_the_clock(routes: Routes) -> Iterable[tuple[LiveJourney, Trigger]]:
    for journey in routes.journeys.values():
        for trigger in routes.graphs[journey.version_id].triggers.values():
            if trigger.timing() and not trigger.disabled:
                yield journey, trigger


def _tell_due(tx: Connection, routes: Routes, now: datetime, chunk: int) -> int:
    """Moments that were noted beforehand and have come."""
    rows = store.take_due(tx, now, chunk)
    told = []
    for row in rows:
        trigger = _trigger(routes, row)
        if trigger is not None:
            told.append(_told(row.workspace_id, row.customer_id, row.journey_id, trigger, row.key, row.due_at, now))
    emit(tx, told)
    return len(rows)


def _trigger(routes: Routes, row: Row) -> Internal | None:
    journey = routes.journeys.get(row.journey_id)
    return routes.graphs[journey.version_id].triggers.get(row.trigger_id) if journey else None


def _told(
    workspace: int, customer: UUID, journey: UUID, trigger: Internal, key: str, at: datetime, now: datetime
) -> Emitted:
    """The event that tells this trigger of its moment."""
    properties = {"trigger": trigger.id, "key": key, "at": at.isoformat()}
    return Emitted(Event(uuid7(now), workspace, customer, trigger.hears_of, at, now, properties), journey)


def _pass_on(tx: Connection, routes: Routes, now: datetime, chunk: int) -> int | None:
    """One chunk of the pass that has longest been due: how many were told; None when none is due."""
    mark = store.due_mark(tx, now)
    if mark is None:
        return None
    trigger = _trigger(routes, mark)
    home = routes.calendar(mark.workspace_id)
    customers = _meet(tx, home, mark, trigger, now, chunk)
    told, later = [], []
    for customer in _of_audience(tx, routes, mark, trigger, customers, now):
        for key, at in trigger.first_dues(customer, mark.since, mark.place).items():
            if at <= now:
                told.append(_told(mark.workspace_id, customer.id, mark.journey_id, trigger, key, at, now))
            else:
                place = (customer.id, mark.journey_id, trigger.id)
                later.append((*place, key, mark.workspace_id, customer.shard, at, trigger.extends))
    emit(tx, told)
    store.keep_dues(tx, later)
    if len(customers) == chunk:
        store.move_mark(tx, mark.journey_id, mark.trigger_id, mark.begins_at, mark.place, customers[-1].id)
    else:
        begins_at, place = trigger.pass_at(now, mark.since, home.zone, mark.place) or (None, mark.place)
        store.move_mark(tx, mark.journey_id, mark.trigger_id, begins_at, place, None)
    return len(told)


def _meet(tx: Connection, home: Calendar, mark: Row, trigger: Trigger, now: datetime, chunk: int) -> list[Customer]:
    """The next customers of a pass, with what the trigger reads of them."""
    wanted = trigger.passing()
    names = sorted(wanted.names) if wanted.names else None
    rows = store.page(
        tx, mark.workspace_id, mark.cursor, chunk, names, wanted.attribute, wanted.audience, home.zone, now
    )
    customers = [Customer(row.id, row.workspace_id, row.shard, row.attributes, calendar=home) for row in rows]
    needs = trigger.needs()
    _know_activity(tx, customers, needs.activity)
    if needs.zone:
        know_numbers(world_of(tx), customers)
    return customers


def _know_activity(tx: Connection, customers: list[Customer], names: set[str]) -> None:
    if names and customers:
        by_id = {customer.id: customer for customer in customers}
        for row in turns.read_activity(tx, list(by_id), sorted(names)):
            by_id[row.customer_id].activity[row.name] = Activity(row.count, row.first_at, row.last_at)


def _of_audience(
    tx: Connection, routes: Routes, mark: Row, trigger: Trigger, customers: list[Customer], now: datetime
) -> list[Customer]:
    """Those who belong to the audience of a pass, judged as everywhere; the database has left out most others."""
    rule = trigger.passing().audience
    if rule is None or not customers:
        return customers
    journey, needs = routes.journeys[mark.journey_id], rule.needs()
    _know_activity(tx, customers, needs.activity)
    visitors = [_onlooker(customer, journey, routes, now) for customer in customers]
    Scene(now, routes, world_of(tx), {one.id: one for one in customers}).know(visitors, needs)
    return [visitor.customer for visitor in visitors if rule.judge(visitor, now).held]


def _onlooker(customer: Customer, journey: LiveJourney, routes: Routes, now: datetime) -> Visitor:
    """A customer as rules read them, who is in no journey."""
    place = (customer.id, journey.id, journey.version_id)
    nobody = Enrollment(NOBODY, customer.workspace_id, customer.shard, *place, "", 0, "armed", "", None, {}, now)
    nobody.stored = False
    return Visitor(nobody, customer, routes.graphs[journey.version_id], {})
