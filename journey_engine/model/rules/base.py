"""What all parts of a rule have in common: they judge facts at a moment, say what they read and when they may turn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from journey_engine.model.comparison import When
from journey_engine.model.event import Activity, Event
from journey_engine.model.needs import Needs
from journey_engine.model.standing import Entered, SentMessage
from journey_engine.model.values import MISSING, look_up
from journey_engine.text import Text


class Facts(Protocol):
    """What a rule may read of one customer; a store or a test provides it."""

    attributes: dict[str, Any]
    properties: dict[str, Any]
    variables: dict[str, Any]
    fired_at: datetime
    home_zone: str
    journey_id: str
    consents: dict[tuple[str, str], str]
    segments: set[str]
    messages: Sequence[SentMessage]
    entries: Sequence[Entered]

    def activity(self, event: str) -> Activity | None: ...

    def events(self, event: str) -> Sequence[Event]: ...

    def reached_at(self, node: str) -> datetime | None: ...


NOUNS = {"attribute": "attributes", "property": "properties", "context": "variables"}
"""The values that have a name of their own, and where they stand among the facts."""


class Scope(NamedTuple):
    """One judgement: the facts, the moment, and the leaves read so far."""

    facts: Facts
    when: When
    leaves: list[dict[str, Any]]

    def known(self, reference: dict[str, str]) -> Any:
        """What a reference to an attribute, the starting event or the context stands for."""
        ((kind, name),) = reference.items()
        return look_up(getattr(self.facts, NOUNS[kind]), name)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule held, and each leaf with the value it read."""

    held: bool
    leaves: list[dict[str, Any]]

    def reason(self) -> dict[str, Any]:
        return {"why": "rule", "held": self.held, "leaves": self.leaves}


class Rule:
    """One part of the tree."""

    def judge(self, facts: Facts, now: datetime) -> Verdict:
        scope = Scope(facts, When(now, facts.home_zone), [])
        return Verdict(self.holds(scope), scope.leaves)

    def next_flip(self, facts: Facts, now: datetime) -> datetime | None:
        """The earliest instant at which the verdict may change although nothing happens; None: never."""
        scope = Scope(facts, When(now, facts.home_zone), [])
        flips = (leaf.turns_at(scope) for leaf in self.walk() if isinstance(leaf, Leaf))
        return min((at for at in flips if at is not None), default=None)

    def needs(self) -> Needs:
        """Everything the rule reads."""
        needs = Needs()
        for leaf in self.walk():
            if isinstance(leaf, Leaf):
                needs.add(leaf.reads())
        return needs

    def holds(self, scope: Scope) -> bool:
        raise NotImplementedError

    def walk(self) -> Iterator["Rule"]:
        yield self

    def summary(self, nested: bool = False) -> Text:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Group(Rule):
    """`all` or `any` of several rules; judging stops at the first that decides."""

    every: bool
    rules: tuple[Rule, ...]

    def holds(self, scope: Scope) -> bool:
        judged = (rule.holds(scope) for rule in self.rules)
        return all(judged) if self.every else any(judged)

    def walk(self) -> Iterator[Rule]:
        yield self
        for rule in self.rules:
            yield from rule.walk()

    def summary(self, nested: bool = False) -> Text:
        parts = [rule.summary(True) for rule in self.rules]
        en = (" and " if self.every else " or ").join(part.en for part in parts)
        zh = (" 且 " if self.every else " 或 ").join(part.zh for part in parts)
        return Text(f"({en})", f"({zh})") if nested and len(parts) > 1 else Text(en, zh)


@dataclass(frozen=True, slots=True)
class Not(Rule):
    """The opposite of a rule."""

    rule: Rule

    def holds(self, scope: Scope) -> bool:
        return not self.rule.holds(scope)

    def walk(self) -> Iterator[Rule]:
        yield self
        yield from self.rule.walk()

    def summary(self, nested: bool = False) -> Text:
        inner = self.rule.summary(True)
        return Text(f"not {inner.en}", f"非 {inner.zh}")


class Leaf(Rule):
    """A part that reads something; `read` answers what it found and whether that makes it hold."""

    def holds(self, scope: Scope) -> bool:
        held, found = self.read(scope)
        scope.leaves.append({"leaf": self.to_json(), "read": found, "held": held})
        return held

    def read(self, scope: Scope) -> tuple[bool, Any]:
        raise NotImplementedError

    def reads(self) -> Needs:
        raise NotImplementedError

    def turns_at(self, scope: Scope) -> datetime | None:
        """The earliest instant at which this leaf may say otherwise by itself."""
        return None

    def to_json(self) -> dict[str, Any]:
        raise NotImplementedError


def missing(value: Any) -> Any:
    """A value as it is written down: what is missing is null."""
    return None if value is MISSING else value
