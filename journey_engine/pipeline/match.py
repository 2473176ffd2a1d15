"""Match: what arriving events mean. The customer changes first, then waiting enrollments hear, then triggers match.

apply    attributes and activity become what the event says
listen   enrollments end on their exit events, or leave a wait they are held at
match    triggers say who fires, arms, cancels or is refused
"""

from collections import defaultdict
from uuid import UUID

from journey_engine.graph import Graph
from journey_engine.model.comparison import look_up
from journey_engine.model.customer import Customer, apply_changes, what_changed
from journey_engine.model.decision import Decision
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.event import CUSTOMER_UPDATED, Activity, Event
from journey_engine.model.internal import CHANGED, STOPPED, is_internal
from journey_engine.model.visitor import Visitor
from journey_engine.nodes.base import Node
from journey_engine.pipeline.advance import cannot_say, finish, leave_hold
from journey_engine.pipeline.enroll import stop_clock
from journey_engine.pipeline.facts import know_numbers
from journey_engine.pipeline.routes import LiveJourney
from journey_engine.pipeline.scene import InboxItem, Scene
from journey_engine.triggers.base import CANCEL, Match, Trigger


def apply(scene: Scene, items: list[InboxItem]) -> None:
    """The customer becomes what the events say. An event kept for a paused journey was applied when it arrived."""
    for item in items:
        event = item.event
        customer = scene.customers[event.customer_id]
        customer.before = {}
        if item.journey_id is not None or is_internal(event.name):
            continue
        _count_activity(scene, customer, event)
        if event.name == CUSTOMER_UPDATED:
            before = customer.attributes
            customer.attributes = apply_changes(before, event.properties)
            customer.before = what_changed(before, customer.attributes)
            customer.changed = True
        if event.name in customer.history:
            customer.history[event.name].append(event)


def _count_activity(scene: Scene, customer: Customer, event: Event) -> None:
    once = Activity(1, event.occurred_at, event.occurred_at)
    known = customer.activity.get(event.name)
    customer.activity[event.name] = known.plus(event.occurred_at) if known else once
    added = scene.activity.get((customer.id, event.name))
    scene.activity[(customer.id, event.name)] = added.plus(event.occurred_at) if added else once


def foretell(scene: Scene, items: list[InboxItem]) -> None:
    """Note when the triggers that go by the clock will come for these customers, now that this has happened.

    Also of a paused journey: what comes for it is kept. An event that a pause had kept was noted when it arrived.
    """
    _know_zones(scene, items)
    for item in items:
        event = item.event
        for journey, trigger in scene.routes.rereads.get((event.workspace_id, event.name), ()):
            if item.journey_id is not None and (item.journey_id != journey.id or not is_internal(event.name)):
                continue
            dues = trigger.dues(scene.customers[event.customer_id], event, scene.now)
            if dues is not None:
                scene.note_dues((event.customer_id, journey.id, trigger.id), dues)


def _know_zones(scene: Scene, items: list[InboxItem]) -> None:
    """Have at hand what the local times of these triggers are read from."""
    rereads = scene.routes.rereads
    asking = [
        scene.customers[item.event.customer_id]
        for item in items
        if any(t.needs().zone for _, t in rereads.get((item.event.workspace_id, item.event.name), ()))
    ]
    if asking:
        know_numbers(scene.world, asking)


def listen(scene: Scene, items: list[InboxItem]) -> list[Decision]:
    """End those whose journey leaves on the event; the decisions of the nodes that waited for it."""
    hearing: dict[tuple[int, str], list[tuple[Visitor, Event]]] = defaultdict(list)
    for item in items:
        for enrollment in list(scene.customers[item.event.customer_id].live):
            visitor = _listen(scene, item, enrollment) if enrollment.live else None
            if visitor is not None:
                hearing[(enrollment.version_id, enrollment.node_id)].append((visitor, item.event))
    decisions = []
    for (version_id, node_id), party in hearing.items():
        node = scene.routes.graphs[version_id].nodes[node_id]
        scene.know((visitor for visitor, _ in party), node.needs())
        for visitor, event in party:
            decision = _hear(scene, node, visitor, event)
            if decision is not None:
                leave_hold(scene, visitor.enrollment)
                decisions.append(decision)
    return decisions


def _hear(scene: Scene, node: Node, visitor: Visitor, event: Event) -> Decision | None:
    """What the node wants now that this has happened; one that cannot say fails for this customer alone."""
    try:
        return node.hear(visitor, event, scene.now)
    except Exception as error:
        cannot_say(scene, node, visitor, error)
        return None


def _listen(scene: Scene, item: InboxItem, enrollment: Enrollment) -> Visitor | None:
    """The visitor, when its node waits for the event."""
    event, journey = item.event, scene.routes.journeys.get(enrollment.journey_id)
    if journey is None or (item.journey_id is not None and item.journey_id != journey.id):
        return None
    graph = scene.routes.graphs[enrollment.version_id]
    if journey.paused:
        if item.journey_id is not None or event.name in graph.events():
            scene.park(journey.id, event)
        return None
    if enrollment.status == "armed" and enrollment.version_id != journey.version_id:
        _hear_older_clock(scene, item, enrollment, graph)
        if not enrollment.live:
            return None
    leaves = ends_on(graph, enrollment, event) or (event.name == STOPPED and item.journey_id is not None)
    node = graph.nodes.get(enrollment.node_id) if enrollment.status == "waiting" else None
    if not leaves and (node is None or event.name not in node.hears()):
        return None  # asked of each of a customer's enrollments for each event, so nothing is made before this
    customer = scene.customers[enrollment.customer_id]
    visitor = Visitor(enrollment, customer, graph, {"why": "event", "event_id": str(event.id)})
    if leaves:
        why = "stopped" if event.name == STOPPED else "exit_event"
        finish(scene, visitor, "exited", {"why": why, "event": event.name, "event_id": str(event.id)})
        return None
    return visitor


def _hear_older_clock(scene: Scene, item: InboxItem, enrollment: Enrollment, graph: Graph) -> None:
    """A clock that an older version has set stops on what that version says, whatever the present one does."""
    trigger, event = graph.triggers.get(enrollment.node_id), item.event
    if trigger is None or event.name not in trigger.watches():
        return
    for one in trigger.match([(scene.customers[enrollment.customer_id], event)], scene.now):
        if one.kind == CANCEL and one.key == enrollment.key:
            stop_clock(scene, trigger, enrollment, one)


def ends_on(graph: Graph, enrollment: Enrollment, event: Event) -> bool:
    """Whether this is an event on which the journey is left at once."""
    for exit_event in graph.settings.exit_events:
        if exit_event.event == event.name:
            key = enrollment.context.get("key")
            if not exit_event.same_key or not key or str(look_up(event.properties, key)) == enrollment.key:
                return True
    return False


def match(scene: Scene, items: list[InboxItem]) -> list[tuple[LiveJourney, Trigger, Match]]:
    """What the events mean to the triggers that watch their names, asked once per trigger."""
    arrivals: dict[tuple[UUID, str], list[tuple[Customer, Event]]] = defaultdict(list)
    reached: dict[tuple[UUID, str], tuple[LiveJourney, Trigger]] = {}
    for item in items:
        event = item.event
        for journey, trigger in scene.routes.by_event.get((event.workspace_id, event.name), ()):
            if item.journey_id is not None and item.journey_id != journey.id:
                continue
            if journey.paused:
                _keep(scene, journey, trigger, item)
                continue
            reached[(journey.id, trigger.id)] = (journey, trigger)
            arrivals[(journey.id, trigger.id)].append((scene.customers[event.customer_id], event))
    found = []
    for place, (journey, trigger) in reached.items():
        found += [(journey, trigger, one) for one in trigger.match(arrivals[place], scene.now)]
    return found


def _keep(scene: Scene, journey: LiveJourney, trigger: Trigger, item: InboxItem) -> None:
    """Keep the event for a paused journey; of an update what it has changed, which cannot be told any more later."""
    event, customer = item.event, scene.customers[item.event.customer_id]
    if event.name != CUSTOMER_UPDATED or item.journey_id is not None or CHANGED not in trigger.watches():
        scene.park(journey.id, event)
    elif customer.before and (journey.id, event.id) not in scene.kept:
        scene.kept.add((journey.id, event.id))
        after = {name: customer.attributes.get(name) for name in customer.before}
        scene.emit(customer, CHANGED, {"before": customer.before, "after": after}, journey.id, event.occurred_at)
