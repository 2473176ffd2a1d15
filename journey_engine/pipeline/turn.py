"""Turn: take what is due, let everybody move as far as they can, write it down – one transaction, one instant.

    take shards ─► inbox, due wakes ─► customers ─► (apply ─► listen ─► match ─► enroll ─► advance)* ─► write, commit

A turn holds its shards until it commits, so two turns never meet over a customer, and dying on any line undoes all of
it: the events are still in the inbox, the wakes still due.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine, Row

from journey_engine.clock import monotonic_s
from journey_engine.config import BATCH, TRIES
from journey_engine.errors import Unavailable
from journey_engine.graph import Graph, build
from journey_engine.ids import shard_of
from journey_engine.journey_settings import JourneySettings
from journey_engine.model.calendar import calendar_of
from journey_engine.model.customer import Customer
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.event import Activity, Event
from journey_engine.model.handover import Handover, read_handover
from journey_engine.model.holdout import percent_of
from journey_engine.model.rule import CUSTOMER, parse
from journey_engine.model.segment import LiveSegment, SegmentIndex
from journey_engine.pipeline.advance import advance, let_go, resume
from journey_engine.pipeline.enroll import enroll, ring_out
from journey_engine.pipeline.goals import reach_goals
from journey_engine.pipeline.handover import hand_over
from journey_engine.pipeline.late import pass_over
from journey_engine.pipeline.match import apply, foretell, listen, match
from journey_engine.pipeline.routes import Account, GoalBook, JourneyGoals, LiveJourney, Routes
from journey_engine.pipeline.scene import InboxItem, Scene
from journey_engine.pipeline.segments import review, review_rest, write_segments
from journey_engine.store import (
    approvals,
    consents,
    counts,
    counts_read,
    coupons,
    fall_due,
    goals,
    handovers,
    segments,
    turns,
    volumes,
)
from journey_engine.store import routes as stored_routes
from journey_engine.store.emitting import emit
from journey_engine.store.fall_due import Place
from journey_engine.store.ingest import database_now
from journey_engine.store.locks import hold_control_shared, hold_shards, try_shards
from journey_engine.store.session import transaction
from journey_engine.store.world import world_of

log = structlog.get_logger()

PLAY_S = 5.0
"""After this a turn writes down what it has, however much one customer still has before them: the database would end a
transaction that computes for half a minute, and the same turn would be tried for ever."""

FEW_SHARDS = 8
"""A full batch is drawn from at least this many shards, so that one busy shard does not keep the others waiting."""


@dataclass(slots=True)
class Turned:
    """What a turn did. `more` says that it took a full batch, so there is probably more to do."""

    events: int = 0
    wakes: int = 0
    moved: int = 0
    messages: int = 0
    more: bool = False
    journeys: set[UUID] = field(default_factory=set)
    lanes: set[int] = field(default_factory=set)

    @property
    def worked(self) -> bool:
        return self.events + self.wakes + self.moved > 0


def turn(engine: Engine, now: datetime | None = None, batch: int = BATCH) -> Turned:
    """Work one batch. `now` is the database's clock unless a test or a replay hands in its own."""
    try:
        return _turn(engine, now, batch, None, set())
    except _PartyFailed as failed:
        return _turn_by_halves(engine, now, batch, failed)


class _PartyFailed(Exception):
    """The batch could not be worked or stored as a whole."""

    def __init__(self, scene: Scene, cause: Exception):
        super().__init__(str(cause))
        self.customers, self.cause = list(scene.customers), cause
        self.wake = scene.waking if len(self.customers) == 1 else None


def _turn_by_halves(engine: Engine, now: datetime | None, batch: int, failed: _PartyFailed) -> Turned:
    """Find the customers who cannot be worked: try each half, then halves of halves; a single one is set back."""
    done = Turned(more=True)
    if len(failed.customers) == 1:
        _set_back(engine, now, failed)
        return done
    middle = len(failed.customers) // 2
    for half in (failed.customers[:middle], failed.customers[middle:]):
        try:
            part = _turn(engine, now, batch, half, {shard_of(id) for id in half})
        except _PartyFailed as again:
            part = _turn_by_halves(engine, now, batch, again)
        done.events, done.wakes = done.events + part.events, done.wakes + part.wakes
        done.moved += part.moved
        done.messages += part.messages
        done.journeys |= part.journeys
        done.lanes |= part.lanes
    return done


def _turn(engine: Engine, now: datetime | None, batch: int, only: list[UUID] | None, shards: set[int]) -> Turned:
    """One transaction. `only`: nobody but these customers, whose shards are `shards`."""
    scene: Scene | None = None
    try:
        with transaction(engine) as tx:
            hold_control_shared(tx)
            now = now or database_now(tx)
            routes = live_routes(tx)
            held = try_shards(tx, sorted(shards)) if only else _take_shards(tx, routes, now, batch)
            if not held:
                return Turned()
            scene = Scene(now, routes, world_of(tx))
            done = _take(tx, scene, batch, held, only)
            play(scene, monotonic_s() + PLAY_S)
            review_rest(scene)
            _write(tx, scene, slot=min(held))
            left = _put_back(tx, scene)
            done.events, done.more = done.events - left, done.more or left > 0
            done.more = done.more or bool(scene.emitted)
            done.messages, done.journeys = len(scene.messages), scene.moved()
            done.lanes = {message.account_id for message in scene.messages}
            return done
    except Unavailable:
        raise
    except Exception as error:
        if scene is None or not scene.customers:
            raise
        raise _PartyFailed(scene, error) from error


def _take_shards(tx: Connection, routes: Routes, now: datetime, batch: int) -> list[int]:
    """Hold as many free shards as fill a batch, those with the oldest work first, those with handovers only last."""
    cap = max(batch // FEW_SHARDS, 1)
    held: list[int] = []
    wanted: list[int] = []
    room = batch
    for row in turns.shards_with_work(tx, now, cap):
        wanted.append(row.shard)
        room -= row.events + row.wakes
        if room <= 0:
            held += try_shards(tx, wanted)
            if held:
                return held
            wanted, room = [], batch
    if routes.moving:
        wanted += set(handovers.shards_to_move(tx, list(routes.moving))) - {*wanted, *held}
    return held + (try_shards(tx, wanted) if wanted else [])


def _take(tx: Connection, scene: Scene, batch: int, shards: list[int], only: list[UUID] | None) -> Turned:
    """Put everything due of these shards on the scene."""
    per_shard = max(batch // len(shards), batch // FEW_SHARDS, 1)
    rows = turns.take_inbox(tx, shards, scene.now, per_shard, only)
    scene.horizons = _horizons(rows)
    wakes = turns.due_wakes(tx, shards, scene.horizons, scene.now, per_shard, only)
    moved = _take_moves(tx, scene, batch - len(rows) - len(wakes), shards, only)
    rows = _load_customers(tx, scene, rows, [*wakes, *moved])
    _load_enrollments(tx, scene, {row.customer_id for row in rows}, [*wakes, *moved])
    _load_events(tx, scene, rows)
    _load_activity(tx, scene)
    scene.busy = list(scene.customers)
    full = len(rows) + len(wakes) + len(moved) >= min(batch, per_shard * len(shards)) // 2
    return Turned(len(rows), len(wakes), len(moved), more=full)


def _take_moves(
    tx: Connection, scene: Scene, room: int, shards: list[int], only: list[UUID] | None
) -> list[Enrollment]:
    """Those who wait to be handed over to a version published anew, as many as the batch has room for."""
    moving = list(scene.routes.moving)
    return handovers.take_moves(tx, shards, moving, room, only) if moving and room > 0 else []


def _horizons(rows: list[Row]) -> dict[tuple[int, int], datetime]:
    """A workspace whose queue in a shard was not emptied has wakes worked there only up to the last event taken: an
    earlier event comes first."""
    taken: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in rows:
        taken[(row.shard, row.workspace_id)].append(row)
    return {place: queue[-1].received_at for place, queue in taken.items() if len(queue) >= queue[-1].share}


def _load_customers(tx: Connection, scene: Scene, rows: list[Row], wakes: list[Enrollment]) -> list[Row]:
    """The customers of the batch; events of customers who are gone are sent on or ended. The rows that stay."""
    ids = list({row.customer_id for row in rows} | {wake.customer_id for wake in wakes})
    for row in turns.read_customers(tx, ids):
        calendar = scene.routes.calendar(row.workspace_id)
        customer = Customer(row.id, row.workspace_id, row.shard, row.attributes, calendar=calendar)
        customer.created_at = row.created_at
        scene.customers[row.id] = customer
    gone = [row for row in rows if row.customer_id not in scene.customers]
    if not gone:
        return rows
    survivors = turns.survivors(tx, list({row.customer_id for row in gone}))
    merged = [row for row in gone if row.customer_id in survivors]
    erased = [row for row in gone if row.customer_id not in survivors]
    if merged:
        turns.send_on(tx, merged, survivors, shard_of)
    if erased:
        turns.note_outcomes(tx, erased, "ignored", "the customer was erased", scene.now)
    return [row for row in rows if row.customer_id in scene.customers]


def _load_enrollments(tx: Connection, scene: Scene, heard: set[UUID], wakes: list[Enrollment]) -> None:
    """All live enrollments of customers who have events or whose clock rings out, the due ones of the others."""
    deciding = heard | {wake.customer_id for wake in wakes if wake.status == "armed"}
    enrollments = {e.id: e for e in turns.live_enrollments(tx, list(deciding))} if deciding else {}
    for wake in wakes:
        enrollments.setdefault(wake.id, wake)
    for enrollment in enrollments.values():
        scene.customers[enrollment.customer_id].live.append(enrollment)
    versions = {e.version_id for e in enrollments.values()}
    versions |= {one.version_id for handed in scene.routes.moving.values() for one in handed}
    scene.routes.know(versions, lambda id: _graph(tx, id))


def _load_events(tx: Connection, scene: Scene, rows: list[Row]) -> None:
    events = turns.read_events(tx, [row.event_id for row in rows])
    for row in rows:
        stored = events.get(row.event_id)
        if stored is None:  # erased while it waited
            continue
        event = Event(
            row.event_id,
            row.workspace_id,
            row.customer_id,
            stored.name,
            stored.occurred_at,
            row.received_at,
            stored.properties,
        )
        scene.queue_up(InboxItem(event, row.seq, row.journey_id))


def _load_activity(tx: Connection, scene: Scene) -> None:
    names = scene.routes.activity_names()
    if names and scene.customers:
        for row in turns.read_activity(tx, list(scene.customers), names):
            scene.customers[row.customer_id].activity[row.name] = Activity(row.count, row.first_at, row.last_at)


def play(scene: Scene, until: float = math.inf) -> None:
    """Work every customer's events and wakes in their order, one of each customer at a time, all customers together.

    What `until` leaves no time for stays in the scene's inbox, or is still due.
    """
    hand_over(scene)
    while True:
        items, wakes = scene.next_items()
        scene.waking = wakes[0].id if wakes else None
        if not items and not wakes:
            return
        if items:
            apply(scene, items)
            review(scene, items)
            foretell(scene, items)
            jumping = reach_goals(scene, items)
            let_go(scene, listen(scene, items))
            advance(scene, jumping)
            advance(scene, enroll(scene, match(scene, items)))
        going = pass_over(scene, [wake for wake in wakes if not _parks(scene, wake)])
        armed = [wake for wake in going if wake.status == "armed"]
        held = [wake for wake in going if wake.status == "waiting"]  # before the armed enter and are held in turn
        advance(scene, ring_out(scene, armed))
        resume(scene, held)
        if monotonic_s() > until:
            return


def _put_back(tx: Connection, scene: Scene) -> int:
    """Events there was no time for keep their place in the inbox; how many."""
    left = [(item.event, item.seq, item.journey_id) for queue in scene.inbox.values() for item in queue]
    turns.put_back(
        tx,
        [
            (shard_of(e.customer_id), seq, e.workspace_id, e.customer_id, e.id, e.received_at, journey_id)
            for e, seq, journey_id in left
        ],
    )
    return len(left)


def _parks(scene: Scene, enrollment: Enrollment) -> bool:
    """A wake that comes due while its journey is paused is put aside until it is resumed."""
    journey = scene.routes.journeys.get(enrollment.journey_id)
    if journey is not None and not journey.paused:
        return False
    enrollment.parked_wake_at, enrollment.wake_at = enrollment.wake_at, None
    scene.touch(enrollment)
    return True


def _write(tx: Connection, scene: Scene, slot: int) -> None:
    """Everything that changed, one statement per table."""
    turns.add_activity(tx, [_activity_row(scene, key, did) for key, did in scene.activity.items()])
    turns.update_attributes(tx, [(c.id, c.attributes) for c in scene.customers.values() if c.changed])
    turns.add_enrollments(tx, [e for e in scene.touched if not e.stored])
    turns.update_enrollments(tx, [e for e in scene.touched if e.stored])
    turns.add_paths(tx, scene.paths, scene.now)
    turns.add_refusals(tx, scene.refusals, scene.now, shard_of)
    turns.add_messages(tx, scene.messages)
    coupons.grant(tx, scene.granted, scene.now)
    approvals.ask(tx, scene.asked, scene.now)
    write_segments(tx, scene, slot)
    emit(tx, scene.emitted)
    fall_due.note_dues(tx, scene.anew, [row for place in scene.dues.items() for row in _due_rows(scene, *place)])
    volumes.write(tx, sorted(scene.volumes.items(), key=lambda one: one[0]))
    _change_consents(tx, scene)
    goals.add_conversions(tx, scene.conversions, scene.now)
    goals.add_exposures(tx, scene.exposures, scene.now)
    turns.park_events(tx, [_parked_row(journey, event) for (journey, _), event in scene.parked.items()])
    counts.add_counts(tx, scene.counts, slot, slot)


def _change_consents(tx: Connection, scene: Scene) -> None:
    """What journeys changed of consents; a withdrawal keeps what is queued from leaving."""
    for one in scene.consents:
        customer = one.customer
        change = {"workspace_id": customer.workspace_id, "customer_id": customer.id, "channel": one.channel}
        change |= {"topic": one.topic, "state": one.state, "at": scene.now, "id": scene.new_id(scene.now)}
        consents.change(tx, change | {"source": "journey", "evidence": one.evidence})
        if one.state == "withdrawn":
            unsent = counts_read.suppressed(consents.suppress(tx, customer.id, one.channel))
            for place, n in unsent.items():
                scene.counts[(customer.workspace_id, *place)] += n


def _activity_row(scene: Scene, key: tuple[UUID, str], did: Activity) -> tuple:
    customer = scene.customers[key[0]]
    return (customer.id, key[1], customer.workspace_id, customer.shard, did.count, did.first_at, did.last_at)


def _due_rows(scene: Scene, place: Place, dues: dict[str, datetime]) -> Iterator[tuple]:
    customer_id, journey_id, trigger_id = place
    customer = scene.customers[customer_id]
    trigger = scene.routes.graphs[scene.routes.journeys[journey_id].version_id].triggers[trigger_id]
    for key, at in dues.items():
        yield (*place, key, customer.workspace_id, customer.shard, at, trigger.extends)


def _parked_row(journey_id: UUID, event: Event) -> tuple:
    shard = shard_of(event.customer_id)
    return (journey_id, event.workspace_id, shard, event.customer_id, event.id, event.received_at)


_cached: dict[str, Routes] = {}


def live_routes(tx: Connection) -> Routes:
    """The routes of this revision; control changes are locked out, so they stay true for the whole turn."""
    revision, database = stored_routes.revision(tx), str(tx.engine.url)
    routes = _cached.get(database)
    if routes is None or routes.revision != revision:
        live = stored_routes.live_journeys(tx)
        journeys = {
            row.id: LiveJourney(row.id, row.workspace_id, row.live_version_id, row.status == "paused", row.resumed)
            for row in live
        }
        moving: dict[UUID, list[Handover]] = defaultdict(list)
        for row in handovers.unsettled(tx):
            if not journeys[row.journey_id].paused:
                moving[row.journey_id].append(read_handover(row))
        accounts = [
            Account(row.id, row.workspace_id, row.channel, row.name, row.is_default)
            for row in stored_routes.accounts(tx)
        ]
        graphs = routes.graphs if routes else {}
        graphs |= {row.live_version_id: build(row.graph) for row in live if row.live_version_id not in graphs}
        workspaces = stored_routes.workspaces(tx)
        calendars = {row.id: calendar_of(row.timezone, row.settings) for row in workspaces}
        holdouts = {row.id: percent_of(row.settings) for row in workspaces}
        book = _goals(tx, routes.goals if routes else GoalBook())
        routes = _cached[database] = Routes(
            revision, journeys, accounts, graphs, calendars, dict(moving), holdouts, book, _segments(tx)
        )
    return routes


def _segments(tx: Connection) -> SegmentIndex:
    """Every segment with what its rule reads."""
    found = []
    for row in segments.live(tx):
        rule = parse(row.rule, CUSTOMER)
        found.append(LiveSegment(row.id, row.workspace_id, row.name, rule, rule.needs()))
    return SegmentIndex.of(found)


def _goals(tx: Connection, book: GoalBook) -> GoalBook:
    """The goals of all versions, those published since the last look added."""
    for row in goals.versions_with_goals(tx, book.last_id):
        read = JourneySettings.load({"goals": row.goals})["goals"]
        book.add(JourneyGoals(row.id, row.workspace_id, row.journey_id, read))
    return book


def _graph(tx: Connection, version_id: int) -> Graph:
    return build(stored_routes.version_graph(tx, version_id))


def _set_back(engine: Engine, now: datetime | None, failed: _PartyFailed) -> None:
    """One customer cannot be worked: try again later, and after several tries put the first event aside, readably.

    When it is a wake that cannot be worked, their events go on, and after several tries its enrollment fails.
    """
    customer, why = failed.customers[0], f"{type(failed.cause).__name__}: {failed.cause}"[:500]
    shard = shard_of(customer)
    log.warning("customer set back", error=type(failed.cause).__name__)
    with transaction(engine) as tx:
        hold_control_shared(tx)
        hold_shards(tx, [shard])
        now = now or database_now(tx)
        rows = [] if failed.wake else turns.set_back(tx, customer, shard, why, now)
        if not rows:
            turns.set_back_wakes(tx, customer, why, now, failed.wake, TRIES)
            turns.fail_due(tx, customer, shard, why, now, failed.wake)
        elif rows[0].tries >= TRIES:
            turns.note_outcomes(tx, rows[:1], "dead_lettered", why, now)
            turns.drop_from_inbox(tx, rows[0].shard, rows[0].seq, customer)
