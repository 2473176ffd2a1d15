"""Segments: rules about customers that the engine keeps true, and the index from facts to the segments that read them.

When something about a customer changes, only the segments that read it are judged again, and those that read these.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from journey_engine.model.alone import Alone
from journey_engine.model.customer import Customer
from journey_engine.model.needs import Needs
from journey_engine.model.rule import Rule
from journey_engine.model.standing import Standing

Fact = tuple[str, str]
"""A kind of thing about a customer and its name, as `Needs.facts` says them."""


@dataclass(frozen=True, eq=False, slots=True)
class LiveSegment:
    """A segment with its rule and what that reads. Each is one object, so it can be told apart by itself."""

    id: UUID
    workspace_id: int
    name: str
    rule: Rule
    needs: Needs


@dataclass(slots=True)
class SegmentState:
    """One customer and one segment: whether they are in it and since when, and when that may change by itself."""

    member: bool = False
    since: datetime | None = None
    flip_at: datetime | None = None
    stored: bool = False
    touched: bool = False


BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Any instant will do to judge somebody who has done nothing."""


@dataclass(slots=True)
class SegmentIndex:
    """All segments, those that are read before those that read them.

    `blank` are those, by workspace, that somebody new is in from the beginning.
    """

    segments: list[LiveSegment] = field(default_factory=list)
    by_id: dict[UUID, LiveSegment] = field(default_factory=dict)
    _place: dict[LiveSegment, int] = field(default_factory=dict)
    blank: dict[int, set[LiveSegment]] = field(default_factory=lambda: defaultdict(set))
    _reading: dict[tuple[int, str, str], set[LiveSegment]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, segments: Iterable[LiveSegment]) -> "SegmentIndex":
        index = cls()
        index.by_id = {one.id: one for one in segments}
        for one in index.by_id.values():
            index._add(one)
        index._find_blank()
        return index

    def _add(self, segment: LiveSegment) -> None:
        if segment in self._place:
            return
        self._place[segment] = -1  # a cycle is refused when a segment is saved; one that got in ends here
        for id in sorted(segment.needs.segments):
            if UUID(id) in self.by_id:
                self._add(self.by_id[UUID(id)])
        self._place[segment] = len(self.segments)
        self.segments.append(segment)
        for kind, name in segment.needs.facts():
            self._reading[(segment.workspace_id, kind, name)].add(segment)

    def _find_blank(self) -> None:
        """Segments of which a customer is a member of whom nothing is known yet."""
        nobody = Customer(UUID(int=0), 0, 0, standing=Standing())
        for segment in self.segments:
            if segment.rule.judge(Alone(nobody), BEGINNING).held:
                nobody.standing.segments.add(str(segment.id))
                self.blank[segment.workspace_id].add(segment)

    def __bool__(self) -> bool:
        return bool(self.segments)

    def reading(self, workspace_id: int, facts: Iterable[Fact]) -> set[LiveSegment]:
        """The segments that read one of these facts."""
        found: set[LiveSegment] = set()
        for kind, name in facts:
            found |= self._reading.get((workspace_id, kind, name), set())
        return found

    def reads(self, kind: str) -> bool:
        """Whether any segment reads anything of this kind."""
        return any(place[1] == kind for place in self._reading)

    def followers(self, segment: LiveSegment) -> set[LiveSegment]:
        """The segments that read this one."""
        return self._reading.get((segment.workspace_id, "segment", str(segment.id)), set())

    def with_followers(self, segments: Iterable[LiveSegment]) -> list[LiveSegment]:
        """These and all that follow from them, each after those it reads."""
        found, queue = set(segments), list(segments)
        while queue:
            more = self.followers(queue.pop()) - found
            found |= more
            queue += more
        return sorted(found, key=self._place.__getitem__)

    def activity_names(self) -> set[str]:
        """Event names whose count or last time some segment reads."""
        return {name for segment in self.segments for name in segment.needs.activity}
