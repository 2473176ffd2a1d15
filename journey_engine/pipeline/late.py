"""Late: what becomes of wakes that came due while their journey was paused, as the resume has said.

now     they go on, at once or spread over some time (the resume itself has set their instants)
fresh   those that are too late end their enrollment
skip    the node they were held at is passed over
"""

from datetime import datetime, timedelta
from typing import Any

from journey_engine.model.decision import go
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.visitor import Visitor
from journey_engine.nodes.base import Node
from journey_engine.pipeline.advance import advance, carry_out, finish, leave_hold
from journey_engine.pipeline.scene import Scene

NOW, FRESH, SKIP = "now", "fresh", "skip"
LATE = (NOW, FRESH, SKIP)


def pass_over(scene: Scene, wakes: list[Enrollment]) -> list[Enrollment]:
    """End or lead on those that a resume wants treated otherwise; the wakes that are to be worked as usual."""
    usual = []
    for enrollment in wakes:
        journey = scene.routes.journeys.get(enrollment.journey_id)
        resumed = journey.resumed if journey else None
        if resumed is None or enrollment.wake_at > datetime.fromisoformat(resumed["at"]):
            usual.append(enrollment)
        elif resumed["late"] == SKIP and enrollment.status == "waiting":
            _skip(scene, enrollment)
        elif resumed["late"] == FRESH and _is_too_late(enrollment, resumed):
            _end(scene, enrollment)
        else:
            usual.append(enrollment)
    return usual


def _is_too_late(enrollment: Enrollment, resumed: dict[str, Any]) -> bool:
    fresh = timedelta(minutes=resumed["fresh_minutes"])
    return enrollment.wake_at < datetime.fromisoformat(resumed["at"]) - fresh


def _end(scene: Scene, enrollment: Enrollment) -> None:
    visitor, due = _visitor(scene, enrollment), enrollment.wake_at
    finish(scene, visitor, "exited", {"why": "late", "due_at": due.isoformat()})


def _skip(scene: Scene, enrollment: Enrollment) -> None:
    """They leave the node as if nothing they were held for had come."""
    visitor, due = _visitor(scene, enrollment), enrollment.wake_at
    node = visitor.graph.nodes[enrollment.node_id]
    leave_hold(scene, enrollment)
    decision = go(visitor, _way_past(node), {"why": "passed over", "due_at": due.isoformat()})
    advance(scene, carry_out(scene, node, [decision]))


def _way_past(node: Node) -> str:
    """The exit of those for whom the node did nothing: never one that says something happened."""
    exits = [exit.id for exit in node.exit_list()]
    return next((id for id in ("skipped", "next", "timeout") if id in exits), exits[0] if exits else "next")


def _visitor(scene: Scene, enrollment: Enrollment) -> Visitor:
    graph = scene.routes.graphs[enrollment.version_id]
    return Visitor(enrollment, scene.customers[enrollment.customer_id], graph, {"why": "wake"})
