"""Telling a story: live through it in a world, and say what came of it.

A world is whatever has a clock (`now`), takes journeys and events, and can be asked what became of them: the world in
memory, and the tests' shop in PostgreSQL.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from journey_engine.as_code.files import document_of
from journey_engine.stories.drawing import drawing, in_short, span

NAMING = ("journey", "pool", "segment")
"""What holds the id of a journey, a pool or a segment, in settings and in rules; a story writes its name."""

ACTS = ("approve", "answer")
TOTALS = ("waiting", "completed", "exited", "failed")
STEPS = 10_000
"""Moments of one story; a journey that never comes to rest must not be waited for."""


class World(Protocol):
    """What a story asks of a world."""

    now: datetime

    def publish(self, graph: dict[str, Any], name: str = "Journey") -> UUID: ...
    def publish_again(self, journey: UUID, graph: dict[str, Any], **how: Any) -> None: ...
    def tell(self, who: Any, name: str, at: datetime | None = None, message_id: str | None = None, **with_: Any): ...
    def unsubscribe(self, who: str, channel: str) -> None: ...
    def pool(self, name: str, codes: list[str]) -> UUID: ...
    def segment(self, name: str, rule: dict[str, Any]) -> UUID: ...
    def approve(self, who: str, verdict: str = "release", note: str = "") -> None: ...
    def answer(self, who: str, status: int = 200, body: Any = None) -> None: ...
    def work(self) -> int: ...
    def next_due(self) -> datetime | None: ...
    def who(self, customer_id: UUID) -> str: ...
    def enrollments(self, who: str | None = None) -> list[Any]: ...
    def messages(self) -> list[Any]: ...
    def refusals(self) -> list[Any]: ...
    def conversions(self) -> list[Any]: ...
    def path(self, enrollment_id: UUID) -> str: ...
    def counts(self, journey: UUID) -> dict[str, Any]: ...


def tell(story: dict[str, Any], world: World) -> dict[str, Any]:
    """Live through the story, and say what came of it."""
    began = world.now
    named: dict[str, UUID] = {name: world.pool(name, codes) for name, codes in story.get("coupons", {}).items()}
    for name, rule in story.get("segments", {}).items():
        named[name] = world.segment(name, _named(rule, named))
    journeys: dict[str, UUID] = {}
    for name, one in _journeys_of(story).items():
        journeys[name] = world.publish(drawing(_with_ids(one, {**named, **journeys})), name)
    for at, _, what in sorted(_happenings(story), key=lambda one: one[:2]):
        if "turns" not in story:
            _run_to(world, began + at)
        world.now = began + at
        if what == "turn":
            world.work()
        elif "do" in what:
            _control(world, journeys, story, what)
        else:
            _happen(world, began, what)
        if "turns" not in story:
            world.work()
    if "turns" not in story:
        _run_to(world, began + span(story.get("until", "400d")))
    return _ending_of(world, journeys, began)


def _journeys_of(story: dict[str, Any]) -> dict[str, Any]:
    return story["journeys"] if "journeys" in story else {"Journey": story["journey"]}


def _with_ids(told: dict[str, Any], named: dict[str, UUID]) -> dict[str, Any]:
    """A drawing that names pools, segments, and journeys which the story has told before, by what they are called."""
    document = document_of(told)
    for node in document["nodes"]:
        node["settings"] = _named(node.get("settings") or {}, named)
    return document


def _named(value: Any, named: dict[str, UUID]) -> Any:
    """The same with ids in place of names, however deep in a rule they stand."""
    if isinstance(value, list):
        return [_named(inner, named) for inner in value]
    if not isinstance(value, dict):
        return value
    known = {
        name: str(named[one]) for name, one in value.items() if name in NAMING and isinstance(one, str) and one in named
    }
    return {name: known.get(name, _named(inner, named)) for name, inner in value.items()}


def _happenings(story: dict[str, Any]) -> Iterator[tuple[timedelta, int, Any]]:
    """Everything by time; what is told at the same time happens in the order of the file, turns last."""
    for place, event in enumerate(story["events"]):
        yield span(event.get("arrives", event["at"])), place, event
    for place, at in enumerate(story.get("turns", ())):
        yield span(at), len(story["events"]) + place, "turn"


def _run_to(world: World, until: datetime) -> None:
    """Let the clock go from wake to wake and from due to due, working whatever comes."""
    for _ in range(STEPS):
        due = [row.wake_at for row in world.enrollments() if row.wake_at is not None]
        due = [at for at in (*due, world.next_due()) if at is not None and at <= until]
        if not due:
            return
        world.now = max(world.now, min(due))
        world.work()
    raise ValueError("the story does not come to rest; look for a wait that begins again and again")


def _happen(world: World, began: datetime, what: dict[str, Any]) -> None:
    happened = began + span(what["at"])
    world.tell(what["who"], what["event"], happened, what.get("id"), **what.get("with", {}))


def _control(world: World, journeys: dict[str, UUID], story: dict[str, Any], what: dict[str, Any]) -> None:
    journey = journeys[what.get("journey", next(iter(journeys)))]
    rest = {name: value for name, value in what.items() if name not in ("at", "do", "who", "journey", "channel")}
    if what["do"] == "unsubscribe":
        world.unsubscribe(what["who"], what["channel"])
    elif what["do"] in ACTS:
        getattr(world, what["do"])(what["who"], **rest)
    elif what["do"] == "publish":
        world.publish_again(journey, drawing(story["second version"]), **rest)
    else:
        getattr(world, what["do"])(journey, **rest)


def _ending_of(world: World, journeys: dict[str, UUID], began: datetime) -> dict[str, Any]:
    """What came of it: per customer the enrollments with their walk, and who was refused why."""
    names = {id: name for name, id in journeys.items()}
    messages = sorted(world.messages(), key=lambda m: m.visit)
    conversions = sorted(world.conversions(), key=lambda one: (one.occurred_at, one.goal))
    ending: dict[str, Any] = {}
    for row in sorted(
        world.enrollments(),
        key=lambda row: (world.who(row.customer_id), row.fired_at, names[row.journey_id], row.key, row.entry_no),
    ):
        own = [m for m in messages if m.enrollment_id == row.id]
        told = _told(row, world.path(row.id), own, began)
        goals = [_reached(one, began) for one in conversions if one.enrollment_id == row.id]
        told |= {"goals": goals} if goals else {}
        told |= {"journey": names[row.journey_id]} if len(names) > 1 else {}
        ending.setdefault(world.who(row.customer_id), []).append(told)
    refused = world.refusals()
    if refused:
        ending["refused"] = sorted(f"{world.who(row.customer_id)}: {row.reason['why']}" for row in refused)
    for id in journeys.values():
        conserved(world.counts(id), [row for row in world.enrollments() if row.journey_id == id])
    return ending


def _told(row: Any, walk: str, messages: list[Any], began: datetime) -> dict[str, Any]:
    """One enrollment as it reads in a story."""
    told: dict[str, Any] = {"walk": walk, "end": f"{row.status}{': ' + row.end_reason if row.end_reason else ''}"}
    told |= {"entered": in_short(row.entered_at - began)} if row.entered_at else {}
    told |= {"wakes": in_short(row.wake_at - began)} if row.wake_at else {}
    told |= {"key": row.key} if row.key else {}
    sent = [f"{m.channel} {m.status} from {m.node_id} at {in_short(m.queued_at - began)}" for m in messages]
    return told | ({"messages": sent} if sent else {})


def _reached(conversion: Any, began: datetime) -> str:
    """A goal that was reached: when, by the message of which node, and what it was worth."""
    told = f"{conversion.goal} at {in_short(conversion.occurred_at - began)}"
    told += f" by {conversion.node_id}" if conversion.node_id else ""
    told += f": {conversion.value} {conversion.currency}".rstrip() if conversion.value is not None else ""
    return told + (" (held out)" if conversion.held_out else "")


def conserved(counts: dict[str, Any], enrollments: list[Any]) -> None:
    """The numbers on the canvas are those of the enrollments; raises AssertionError."""
    totals = counts["totals"]
    entered = [row for row in enrollments if row.entered_at]
    assert totals["entered"] == len(entered), "entered"
    assert totals["armed"] == sum(row.status == "armed" for row in enrollments), "armed"
    for status in TOTALS:
        assert totals[status] == sum(row.status == status for row in entered), status
