"""Segment: the journey starts when the customer joins a segment, or leaves it.

Those who are in it already when the journey is published can be let in too. Somebody who has left again before their
turn comes still enters: they did join.
"""

from journey_engine.model.internal import SEGMENT_JOINED, SEGMENT_LEFT
from journey_engine.model.needs import Needs
from journey_engine.model.rules.standing import InSegment
from journey_engine.setting import setting
from journey_engine.text import Text
from journey_engine.triggers.base import FIRE, Internal, Match, Passing

JOINS, LEAVES = "joins", "leaves"


class SegmentTrigger(Internal):
    kind, icon = "segment", "users"
    title = Text("Segment", "分群")
    help = Text(
        "Starts when a customer joins a segment, or leaves it.",
        "当客户加入或离开某个分群时进入旅程。",
    )
    sentence = Text("When the customer {what} the segment {segment}", "当客户{what}分群 {segment}")

    segment: str = setting("segment", "Segment", "分群", required=True)
    what: str = setting(
        "choice",
        "When they",
        "当客户",
        default=JOINS,
        choices={JOINS: Text("joins", "加入"), LEAVES: Text("leaves", "离开")},
    )
    already: bool = setting(
        "boolean",
        "Also those who are in it already",
        "包括已在分群中的客户",
        default=False,
        only_when={"what": (JOINS,)},
        help=Text("Everybody who is in it when you publish enters at once.", "发布时已在分群中的客户会立即进入。"),
    )

    @property
    def hears_of(self):
        return SEGMENT_LEFT if self.what == LEAVES else SEGMENT_JOINED

    @property
    def _lets_in(self):
        return self.what == JOINS and bool(self.already)

    def needs(self):
        return Needs(segments={self.segment}) if self._lets_in else Needs()

    def timing(self):
        return f"{self.segment} already" if self._lets_in else ""

    def pass_at(self, after, since, home, place=""):
        """Once, when it begins to count: those who are in it."""
        return None if place or not self._lets_in else (since, "all")

    def passing(self):
        return Passing(audience=InSegment(self.segment))

    def first_dues(self, customer, since, place):
        return {"": since}

    def meet(self, customer, event, now):
        told = event.properties
        own = "trigger" in told  # told in the pass over those who are in it already
        if not own and (told.get("segment") != self.segment or (told.get("already") and not self._lets_in)):
            return None
        reason = {"why": "segment", "segment": self.segment, "what": self.what, "name": told.get("name", "")}
        reason |= {"already": True} if own or told.get("already") else {}
        return Match(customer, event, FIRE, "", event.counts_from, reason, {"segment": self.segment})
