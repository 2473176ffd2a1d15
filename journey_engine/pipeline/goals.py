"""Goals: who did in time what a journey is for, through which message, and what follows from it for those still inside.

An event is asked about everybody of its customer who was entered: those inside, and those who ended so lately that the
goal's time still runs. It counts by when it happened, however late it is told. Each enrollment reaches a goal once.
When one event is a goal of several enrollments of a journey, all of them reached it, and the last one entered has the
revenue.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from journey_engine.journey_settings import COUNT, FROM_ENTRY, GO_TO
from journey_engine.model.comparison import MISSING, all_hold, look_up
from journey_engine.model.conversion import Attributed, Conversion, currency_of, money
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.event import Event
from journey_engine.model.visitor import Visitor
from journey_engine.pipeline.advance import finish, leave_hold, note
from journey_engine.pipeline.match import ends_on
from journey_engine.pipeline.scene import InboxItem, Scene


def reach_goals(scene: Scene, items: list[InboxItem]) -> list[Visitor]:
    """Count the goals that these events reach; the visitors whose goal leads them to another node stand there."""
    book = scene.routes.goals
    asked = [item for item in items if (item.event.workspace_id, item.event.name) in book.by_event]
    if not asked:
        return []
    _know_past(scene, asked)
    candidates = [(item.event, _candidates(scene, item)) for item in asked]
    scene.know_goals(one for _, enrollments in candidates for one in enrollments)
    jumping = []
    for event, enrollments in candidates:
        followed = [_follow(scene, event, one, goals) for one, goals in _count(scene, event, enrollments)]
        jumping += [visitor for visitor in followed if visitor is not None]
    return jumping


def _know_past(scene: Scene, items: list[InboxItem]) -> None:
    """Have the enrollments that ended lately at hand, of each customer once a turn."""
    book, wanted, since = scene.routes.goals, {}, scene.now
    journeys: set[UUID] = set()
    for item in items:
        customer = item.event.customer_id
        if customer in scene.past:
            continue
        wanted[customer] = scene.past[customer] = []
        for event in (item.event, *(later.event for later in scene.inbox.get(customer, ()))):
            place = (event.workspace_id, event.name)
            if place in book.by_event:
                journeys |= book.by_event[place]
                since = min(since, event.occurred_at - book.longest[place])
    if wanted:
        for enrollment in scene.world.ended(list(wanted), sorted(journeys), since):
            wanted[enrollment.customer_id].append(enrollment)


def _candidates(scene: Scene, item: InboxItem) -> list[Enrollment]:
    """Everybody of this customer whose journey has the event as a goal, the first entered first.

    While a journey is paused and the customer is inside, the event waits for it to go on, and counts then.
    """
    event, routes = item.event, scene.routes
    customer = scene.customers[event.customer_id]
    journeys = routes.goals.by_event[(event.workspace_id, event.name)]
    if item.journey_id is not None:
        journeys = journeys & {item.journey_id}
    waiting = {
        one.journey_id
        for one in customer.live
        if one.live and (journey := routes.journeys.get(one.journey_id)) is not None and journey.paused
    }
    known = {one.id: one for one in (*scene.past[customer.id], *customer.live)}
    found = [
        one
        for one in known.values()
        if one.entered_at is not None and one.journey_id in journeys and one.journey_id not in waiting
    ]
    return sorted(found, key=lambda one: (one.fired_at, one.id))


def _count(scene: Scene, event: Event, enrollments: Iterable[Enrollment]) -> list[tuple[Enrollment, list[Any]]]:
    """Write and count what the event is a goal of; the goals that each enrollment reached by it."""
    timely = defaultdict(list)
    for enrollment in enrollments:
        for goal in scene.routes.goals.of_version.get(enrollment.version_id, ()):
            if goal.event == event.name and _is_meant(goal, enrollment, event):
                in_time, message = _in_time(scene, goal, enrollment, event)
                if in_time:
                    timely[(enrollment.journey_id, goal.id)].append((enrollment, goal, message))
    reached: dict[UUID, tuple[Enrollment, list[Any]]] = {}
    for found in timely.values():
        # an event that a pause kept comes again for those who waited; its value was counted the first time
        counted = any(scene.converted[one.id].get(goal.id) == event.id for one, goal, _ in found)
        for place, (enrollment, goal, message) in enumerate(found, 1):
            if goal.id not in scene.converted[enrollment.id]:
                last = place == len(found) and not counted
                scene.convert(_conversion(enrollment, goal, event, message, last))
                reached.setdefault(enrollment.id, (enrollment, []))[1].append(goal)
    return list(reached.values())


def _is_meant(goal: Any, enrollment: Enrollment, event: Event) -> bool:
    if goal.same_key:
        key = enrollment.context.get("key")
        if key and str(look_up(event.properties, key)) != enrollment.key:
            return False
    return all_hold(goal.where, event.properties)


def _in_time(scene: Scene, goal: Any, enrollment: Enrollment, event: Event) -> tuple[bool, Attributed | None]:
    """Whether it happened within the goal's time, and the last message before it in that time."""
    at, within = event.occurred_at, goal.within.span
    if at <= enrollment.fired_at:
        return False, None
    message = scene.last_message(enrollment, at, within)
    if goal.counted_from == FROM_ENTRY:
        return at <= enrollment.fired_at + within, message
    return message is not None, message


def _conversion(enrollment: Enrollment, goal: Any, event: Event, message: Attributed | None, last: bool) -> Conversion:
    value = money(look_up(event.properties, goal.value)) if last and goal.value else None
    currency = look_up(event.properties, goal.currency) if value is not None and goal.currency else MISSING
    return Conversion(enrollment, goal.id, event.occurred_at, event.id, message, value, currency_of(currency))


def _follow(scene: Scene, event: Event, enrollment: Enrollment, goals: list[Any]) -> Visitor | None:
    """What the first goal that does more than count makes of one who is inside: the end, or another node.

    An event on which the journey is left anyway leads nowhere else.
    """
    goal = next((one for one in goals if one.verb != COUNT), None)
    graph = scene.routes.graphs.get(enrollment.version_id)
    if goal is None or graph is None or enrollment.status != "waiting" or ends_on(graph, enrollment, event):
        return None
    cause = {"why": "event", "event_id": str(event.id)}
    visitor = Visitor(enrollment, scene.customers[enrollment.customer_id], graph, cause)
    reason = {"why": "goal", "goal": goal.id, "event": event.name, "event_id": str(event.id)}
    if goal.verb != GO_TO:
        finish(scene, visitor, "exited", reason)
        return None
    if goal.node not in graph.nodes or goal.node == enrollment.node_id:
        return None
    leave_hold(scene, enrollment)
    note(visitor, f"goal:{goal.id}", reason | {"to": goal.node})
    scene.count(enrollment, enrollment.node_id, f"exit:goal:{goal.id}")
    enrollment.node_id = goal.node
    return visitor
