"""Routes: which journeys are live, which triggers an event name reaches, and the graph of every version in use."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from journey_engine.graph import Graph
from journey_engine.model.calendar import Calendar
from journey_engine.model.handover import Handover
from journey_engine.model.internal import CHANGED, MESSAGE
from journey_engine.model.segment import SegmentIndex
from journey_engine.model.zone import SAYS_ZONE
from journey_engine.triggers.base import Trigger

Loader = Callable[[int], Graph]


@dataclass(frozen=True, slots=True)
class LiveJourney:
    """A journey that customers can enter, or that is paused and will be entered again.

    `resumed` says what becomes of wakes that came due in its last pause, when they do not simply go on.
    """

    id: UUID
    workspace_id: int
    version_id: int
    paused: bool
    resumed: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """The account a message goes out through: the lane it queues in."""

    id: int
    workspace_id: int
    channel: str
    name: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class JourneyGoals:
    """The goals of one version, also of one that nobody enters any more."""

    version_id: int
    workspace_id: int
    journey_id: UUID
    goals: tuple[Any, ...]


class GoalBook:
    """The goals of all versions that were ever published. Versions never change, so it only grows."""

    def __init__(self) -> None:
        self.last_id = 0
        self.of_version: dict[int, tuple[Any, ...]] = {}
        self.by_event: dict[tuple[int, str], set[UUID]] = {}
        self.longest: dict[tuple[int, str], timedelta] = {}

    def add(self, one: JourneyGoals) -> None:
        self.last_id = max(self.last_id, one.version_id)
        self.of_version[one.version_id] = one.goals
        for goal in one.goals:
            if goal.event:
                place = (one.workspace_id, goal.event)
                self.by_event.setdefault(place, set()).add(one.journey_id)
                self.longest[place] = max(self.longest.get(place, timedelta()), goal.within.span)


@dataclass(slots=True)
class Routes:
    """An index over everything live, made once per control revision and shared by all turns of a process.

    `heard` are the names of all events that could start, move or end anybody, `attributes` those whose change could.
    `moving` has the journeys in which
    somebody may stand in a version that another was published over, with the handovers of those.
    """

    revision: int
    journeys: dict[UUID, LiveJourney]
    accounts: list[Account]
    graphs: dict[int, Graph]
    calendars: dict[int, Calendar] = field(default_factory=dict)
    moving: dict[UUID, list[Handover]] = field(default_factory=dict)
    holdouts: dict[int, int] = field(default_factory=dict)
    goals: GoalBook = field(default_factory=GoalBook)
    segments: SegmentIndex = field(default_factory=SegmentIndex)
    heard: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    by_event: dict[tuple[int, str], list[tuple[LiveJourney, Trigger]]] = field(default_factory=dict)
    rereads: dict[tuple[int, str], list[tuple[LiveJourney, Trigger]]] = field(default_factory=dict)
    _activity: tuple[int, list[str]] | None = None

    def __post_init__(self) -> None:
        for graph in self.graphs.values():
            self._listen(graph)
        if self.segments.reads("message") or self.segments.reads("consent"):
            self.heard.add(MESSAGE)
        for journey in self.journeys.values():
            for trigger in self.graphs[journey.version_id].triggers.values():
                for name in () if trigger.disabled else trigger.watches():
                    self.by_event.setdefault((journey.workspace_id, name), []).append((journey, trigger))
                for name in () if trigger.disabled else trigger.rereads():
                    self.rereads.setdefault((journey.workspace_id, name), []).append((journey, trigger))
                    self.heard.add(name)

    def calendar(self, workspace_id: int) -> Calendar:
        return self.calendars.get(workspace_id, Calendar())

    def know(self, version_ids: Iterable[int], load: Loader) -> None:
        """Have the graphs of these versions at hand; customers stay on the version they entered."""
        for version_id in set(version_ids) - self.graphs.keys():
            self.graphs[version_id] = load(version_id)
            self._listen(self.graphs[version_id])

    def _listen(self, graph: Graph) -> None:
        """What those in this graph could hear."""
        self.heard |= graph.events()
        listeners = [node for node in graph.nodes.values() if CHANGED in node.hears()]
        listeners += [one for one in graph.triggers.values() if CHANGED in one.watches() | one.rereads()]
        for needs in (one.needs() for one in listeners):
            self.attributes |= needs.attributes | (SAYS_ZONE if needs.zone else set())

    def activity_names(self) -> list[str]:
        """Event names whose count or last time some node, trigger or segment reads."""
        if self._activity is None or self._activity[0] != len(self.graphs):
            self._activity = len(self.graphs), self._read_activity()
        return self._activity[1]

    def _read_activity(self) -> list[str]:
        names: set[str] = set()
        for graph in self.graphs.values():
            for rule in graph.rules():
                names |= rule.needs().activity
            for node in graph.nodes.values():
                names |= node.needs().activity
            for trigger in graph.triggers.values():
                names |= trigger.needs().activity
        return sorted(names | self.segments.activity_names())

    def account_for(self, workspace_id: int, channel: str, wanted: str) -> Account | None:
        """The account a node names (by id or name), or the channel's default one."""
        for account in self.accounts:
            if account.workspace_id != workspace_id or account.channel != channel:
                continue
            if (wanted in (str(account.id), account.name)) if wanted else account.is_default:
                return account
        return None
