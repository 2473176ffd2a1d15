"""Needs: what a node or a rule reads, so that the engine can fetch it once for everybody before they are judged.

The same names say whose verdict may change when something happens: a rule is judged again for a customer only when one
of the things it reads has changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(slots=True)
class Needs:
    """`activity` are event names of which count, first and last time are enough, `history` those whose events are read
    one by one; `attributes` are names at the top of the customer's attributes; `nodes` are those since whose visit
    something is counted; `entry` says that the enrollment itself is read, `clock` that time alone can change
    it, `zone` that the customer's own zone is read. `coupons` is the pool of which each visitor is to have a code."""

    activity: set[str] = field(default_factory=set)
    history: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    segments: set[str] = field(default_factory=set)
    consents: set[str] = field(default_factory=set)
    journeys: set[str] = field(default_factory=set)
    nodes: set[str] = field(default_factory=set)
    coupons: set[str] = field(default_factory=set)
    messages: bool = False
    entry: bool = False
    clock: bool = False
    zone: bool = False
    channel: str = ""

    def add(self, other: "Needs") -> "Needs":
        """These needs together with others."""
        for one in fields(self):
            own, more = getattr(self, one.name), getattr(other, one.name)
            setattr(self, one.name, own | more if isinstance(own, set) else own or more)
        return self

    def of_rule(self, rule: Any) -> "Needs":
        """These needs together with those of a rule."""
        return self.add(rule.needs())

    @property
    def events(self) -> set[str]:
        """Every event name that is read."""
        return self.activity | self.history

    def facts(self) -> Iterator[tuple[str, str]]:
        """The kinds of things about a customer that a change is announced of, each with its name."""
        for kind, names in (
            ("attribute", self.attributes),
            ("event", self.events),
            ("segment", self.segments),
            ("consent", self.consents),
            ("journey", self.journeys),
        ):
            yield from ((kind, name) for name in sorted(names))
        if self.messages:
            yield "message", ""
