"""Segments: who is in which is kept true while customers change, while time passes, and while a rule is edited.

    review       in a turn: segments that read what an event changed are judged again for its customer
    review_rest  at the end of a turn: those that read what journeys changed
    flip_due     those whose verdict may change by time alone, when that time has come
    compute      a new or edited segment is gone through, a shard at a time

Whoever joins or leaves is counted, and told of as an event when a journey listens. All of it holds the shards of its
customers, so nobody is judged by two at once.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Engine

from journey_engine.config import CHAIN
from journey_engine.ids import shard_of
from journey_engine.model.alone import Alone
from journey_engine.model.customer import Customer
from journey_engine.model.event import CUSTOMER_UPDATED, Activity, Event
from journey_engine.model.internal import CHAIN_KEY, MESSAGE, SEGMENT_JOINED, SEGMENT_LEFT, is_internal
from journey_engine.model.needs import Needs
from journey_engine.model.segment import Fact, LiveSegment, SegmentState
from journey_engine.model.values import local_day
from journey_engine.pipeline.facts import know_customers
from journey_engine.pipeline.routes import Routes
from journey_engine.pipeline.scene import InboxItem, Scene
from journey_engine.store import segments as store
from journey_engine.store import turns
from journey_engine.store.emitting import emit
from journey_engine.store.ingest import be_seen, database_now
from journey_engine.store.locks import hold_control_shared, try_shards
from journey_engine.store.session import transaction
from journey_engine.store.world import world_of

CHUNK = 5_000
"""Customers judged in one go: enough that the fixed cost is nothing, few enough to hold in memory."""

FLIPS = 5_000
"""Verdicts looked at again in one transaction."""

Asked = dict[UUID, set[LiveSegment]]
"""Customers, and the segments they are to be judged for."""

RoutesOf = Callable[[Connection], Routes]


def review(scene: Scene, items: Iterable[InboxItem]) -> None:
    """Judge again, for those whom events have changed, the segments that read what changed."""
    index = scene.routes.segments
    if not index:
        return
    asked: Asked = {}
    for item in items:
        customer = scene.customers[item.event.customer_id]
        reading = index.reading(customer.workspace_id, _facts_of(item, customer))
        if customer.created_at == item.event.received_at:
            reading = reading | index.blank[customer.workspace_id]
        if reading:
            asked.setdefault(customer.id, set()).update(reading)
            customer.chain = max(customer.chain, _chain_of(item.event))
    judge(scene, asked)


def _facts_of(item: InboxItem, customer: Customer) -> list[Fact]:
    """What an event has changed. One kept for a paused journey was reviewed when it arrived."""
    event = item.event
    if item.journey_id is not None:
        return []
    if event.name == MESSAGE:
        return [("message", ""), ("consent", str(event.properties.get("channel")))]
    if is_internal(event.name):
        return []
    changed = customer.before if event.name == CUSTOMER_UPDATED else ()
    return [("event", event.name), *(("attribute", name) for name in changed)]


def _chain_of(event: Event) -> int:
    chain = event.properties.get(CHAIN_KEY, 0)
    return chain if isinstance(chain, int) and not isinstance(chain, bool) else 0


def review_rest(scene: Scene) -> None:
    """Judge again those whom journeys have changed in this turn: attributes, consents, entries and ends."""
    index = scene.routes.segments
    if not index:
        return
    facts: dict[UUID, list[Fact]] = {}
    for customer in scene.customers.values():
        if customer.altered:
            facts[customer.id] = [("attribute", name) for name in customer.altered]
    for one in scene.consents:
        facts.setdefault(one.customer.id, []).append(("consent", one.channel))
    if index.reads("journey"):
        for enrollment in scene.touched:
            facts.setdefault(enrollment.customer_id, []).append(("journey", str(enrollment.journey_id)))
    asked = {id: index.reading(scene.customers[id].workspace_id, changed) for id, changed in facts.items()}
    judge(scene, {id: reading for id, reading in asked.items() if reading})


def judge(scene: Scene, asked: Asked, already: bool = False) -> None:
    """Judge these customers for these segments and all that follow from them; what is known of everybody is fetched
    once. `already`: who joins was meant by the segment's rule from the beginning."""
    if not asked:
        return
    index = scene.routes.segments
    chosen = index.with_followers(set().union(*asked.values()))
    needs = Needs()
    for segment in chosen:
        needs.add(segment.needs)
    customers = [scene.customers[id] for id in asked]
    know_states(scene, customers, chosen)
    know_customers(scene, customers, needs)
    for customer in customers:
        wanted = asked[customer.id]
        for segment in chosen:
            if segment in wanted and _judge_one(scene, customer, segment, already):
                wanted |= index.followers(segment)


def _judge_one(scene: Scene, customer: Customer, segment: LiveSegment, already: bool) -> bool:
    """Whether the customer joined or left."""
    facts = Alone(customer)
    held = segment.rule.judge(facts, scene.now).held
    flip_at = segment.rule.next_flip(facts, scene.now) if segment.needs.clock else None
    return settle(scene, customer, segment, held, flip_at, already)


def settle(
    scene: Scene, customer: Customer, segment: LiveSegment, held: bool, flip_at: datetime | None, already: bool = False
) -> bool:
    """Keep what came of a judgement; whoever joined or left is counted, and told of if somebody listens."""
    state = scene.memberships[customer.id].setdefault(segment.id, SegmentState())
    changed = state.member is not held
    if changed:
        state.member, state.since = held, scene.now
        _count(scene, segment, held)
        _tell(scene, customer, segment, held, already)
        if customer.standing is not None:
            (customer.standing.segments.add if held else customer.standing.segments.discard)(str(segment.id))
    if changed or state.flip_at != flip_at:
        state.since = state.since or scene.now
        state.flip_at, state.touched = flip_at, True
    return changed


def _count(scene: Scene, segment: LiveSegment, joined: bool) -> None:
    day = local_day(scene.now, scene.routes.calendar(segment.workspace_id).zone)
    place = scene.segment_days.setdefault((segment.id, day, segment.workspace_id), [0, 0])
    place[0 if joined else 1] += 1


def _tell(scene: Scene, customer: Customer, segment: LiveSegment, joined: bool, already: bool) -> None:
    name, chain = SEGMENT_JOINED if joined else SEGMENT_LEFT, customer.chain
    if name not in scene.routes.heard or chain >= CHAIN:
        return
    told = {"segment": str(segment.id), "name": segment.name}
    told |= {"already": True} if already else {}
    scene.emit(customer, name, told | ({CHAIN_KEY: chain} if chain else {}))


def know_states(scene: Scene, customers: list[Customer], segments: list[LiveSegment]) -> None:
    """Have at hand what is kept of these customers in these segments."""
    ids = [one.id for one in segments]
    asking = []
    for customer in customers:
        known = scene.memberships.setdefault(customer.id, {})
        if any(id not in known for id in ids):
            asking.append(customer.id)
    if not asking:
        return
    for row in scene.world.states(asking, ids):
        known = scene.memberships[row.customer_id]
        if row.segment_id not in known:
            known[row.segment_id] = SegmentState(row.member, row.since, row.flip_at, stored=True)
    for id in asking:
        for segment in ids:
            scene.memberships[id].setdefault(segment, SegmentState())


def write_segments(tx: Connection, scene: Scene, slot: int) -> None:
    """What became of the segments in this scene. Who is in none and will not be by time alone is not kept."""
    rows, gone = [], []
    for customer_id, known in scene.memberships.items():
        for segment_id, state in known.items():
            if not state.touched:
                continue
            if state.member or state.flip_at is not None:
                workspace = scene.routes.segments.by_id[segment_id].workspace_id
                place = (customer_id, segment_id, workspace, shard_of(customer_id))
                rows.append((*place, state.member, state.since, state.flip_at))
            elif state.stored:
                gone.append((customer_id, segment_id))
    store.write_states(tx, rows, gone)
    days = [(segment, day, workspace, *n) for (segment, day, workspace), n in scene.segment_days.items()]
    store.add_days(tx, days, slot)


def flip_due(engine: Engine, routes_of: RoutesOf, now: datetime | None = None, most: int = FLIPS) -> int:
    """Judge those whose time has come; how many verdicts were looked at."""
    with transaction(engine) as tx:
        hold_control_shared(tx)
        now = now or database_now(tx)
        held = try_shards(tx, store.due_shards(tx, now))
        rows = store.due(tx, held, now, most) if held else []
        if not rows:
            return 0
        be_seen(tx)
        scene = _scene(tx, routes_of(tx), now, list({row.customer_id for row in rows}))
        by_id, asked = scene.routes.segments.by_id, {}
        for row in rows:
            if row.customer_id in scene.customers and row.segment_id in by_id:
                asked.setdefault(row.customer_id, set()).add(by_id[row.segment_id])
        judge(scene, asked)
        _end(tx, scene, min(held))
        stale = [row for row in rows if row.customer_id not in scene.customers or row.segment_id not in by_id]
        store.write_states(tx, [], [(row.customer_id, row.segment_id) for row in stale])
        return len(rows)


def compute(engine: Engine, routes_of: RoutesOf, now: datetime | None = None) -> bool:
    """Go through one shard of the segment that has waited longest; whether there was one, and its shard was free.

    Those who are already members by a new rule have not joined just now: only when a rule is edited it is news.
    """
    with transaction(engine) as tx:
        hold_control_shared(tx)
        row = store.next_computing(tx)
        if row is None or not try_shards(tx, [row.next_shard]):
            return False
        be_seen(tx)
        now, routes = now or database_now(tx), routes_of(tx)
        segment = routes.segments.by_id[row.id]
        ids = store.of_shard(tx, row.workspace_id, row.next_shard)
        for chunk in (ids[n : n + CHUNK] for n in range(0, len(ids), CHUNK)):
            _compute_chunk(tx, routes, now, segment, chunk, row)
        store.computed(tx, row.id, row.next_shard + 1, now)
        return True


def _compute_chunk(tx: Connection, routes: Routes, now: datetime, segment: LiveSegment, ids: list[UUID], row) -> None:
    already, zone = row.computed_at is None, routes.calendar(segment.workspace_id).zone
    members = None
    if not segment.needs.clock:
        members = store.satisfying(tx, segment.rule, segment.workspace_id, zone, now, ids)
    if members is None:
        scene = _scene(tx, routes, now, ids)
        judge(scene, {id: {segment} for id in scene.customers}, already)
    else:
        scene = Scene(now, routes, world_of(tx))
        _settle_members(tx, scene, segment, ids, members, already)
    _end(tx, scene, row.next_shard)


def _settle_members(
    tx: Connection, scene: Scene, segment: LiveSegment, ids: list[UUID], members: set[UUID], already: bool
) -> None:
    """The database said who is in; those for whom that is new join or leave, and what follows from it is asked."""
    customers = [Customer(id, segment.workspace_id, shard_of(id)) for id in ids]
    know_states(scene, customers, [segment])
    changed = [c.id for c in customers if settle(scene, c, segment, c.id in members, None, already)]
    store.ask_again(tx, changed, [one.id for one in scene.routes.segments.followers(segment)], scene.now)


def _scene(tx: Connection, routes: Routes, now: datetime, ids: list[UUID], more: Iterable[str] = ()) -> Scene:
    """A scene on which nothing happens but judging: these customers, with what they did."""
    scene = Scene(now, routes, world_of(tx))
    for row in turns.read_customers(tx, ids):
        calendar = routes.calendar(row.workspace_id)
        scene.customers[row.id] = Customer(row.id, row.workspace_id, row.shard, row.attributes, calendar=calendar)
    names = sorted(routes.segments.activity_names() | set(more))
    if names and scene.customers:
        for row in turns.read_activity(tx, list(scene.customers), names):
            scene.customers[row.customer_id].activity[row.name] = Activity(row.count, row.first_at, row.last_at)
    return scene


def _end(tx: Connection, scene: Scene, slot: int) -> None:
    write_segments(tx, scene, slot)
    emit(tx, scene.emitted)


def ask_again(
    tx: Connection, routes: Routes, workspace_id: int, customers: Iterable[UUID], facts: Iterable[Fact], now: datetime
) -> None:
    """Something changed outside of turns: those who read it are judged within a second or so."""
    reading = routes.segments.reading(workspace_id, facts)
    if reading:
        store.ask_again(tx, sorted(set(customers)), sorted(one.id for one in reading), now)


def judging(
    tx: Connection, routes: Routes, workspace_id: int, customer_id: UUID, needs: Needs, now: datetime
) -> Alone | None:
    """What rules may read of one customer at this moment; None when there is none."""
    scene = _scene(tx, routes, now, [customer_id], needs.activity)
    customer = scene.customers.get(customer_id)
    if customer is None or customer.workspace_id != workspace_id:
        return None
    know_customers(scene, [customer], needs)
    return Alone(customer)
