"""The rule language: a JSON tree of `all`, `any`, `not` over leaves, judged against what is known of one customer.

    rule   {"all": [rule, …]} | {"any": [rule, …]} | {"not": rule} | leaf
    leaf   {"attribute": name, "op": op, "value": v}              what the customer is
           {"property": name, "op": op, "value": v}               the event that started the enrollment
           {"event": name, "did": bool, "since": "entry"|"ever", "where": [{"property", "op", "value"}, …]}

A missing value makes a leaf false, except under `not_exists`. Every judgement returns what it read, so that a decision
can say why.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from journey_engine.model.comparison import Comparison, RuleProblem, all_hold, parse_filters
from journey_engine.model.event import Activity, Event
from journey_engine.text import Text

MAX_LEAVES = 100
MAX_DEPTH = 10


class Facts(Protocol):
    """What a rule may read of one customer; a store or a test provides it."""

    attributes: dict[str, Any]
    properties: dict[str, Any]
    fired_at: datetime

    def activity(self, event: str) -> Activity | None: ...

    def events(self, event: str) -> Sequence[Event]: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule held, and each leaf with the value it read."""

    held: bool
    leaves: list[dict[str, Any]]

    def reason(self) -> dict[str, Any]:
        return {"why": "rule", "held": self.held, "leaves": self.leaves}


class Rule:
    """One node of the tree."""

    def judge(self, facts: Facts) -> Verdict:
        leaves: list[dict[str, Any]] = []
        return Verdict(self.holds(facts, leaves), leaves)

    def holds(self, facts: Facts, leaves: list[dict[str, Any]]) -> bool:
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

    def holds(self, facts: Facts, leaves: list[dict[str, Any]]) -> bool:
        judged = (rule.holds(facts, leaves) for rule in self.rules)
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

    def holds(self, facts: Facts, leaves: list[dict[str, Any]]) -> bool:
        return not self.rule.holds(facts, leaves)

    def walk(self) -> Iterator[Rule]:
        yield self
        yield from self.rule.walk()

    def summary(self, nested: bool = False) -> Text:
        inner = self.rule.summary(True)
        return Text(f"not {inner.en}", f"非 {inner.zh}")


@dataclass(frozen=True, slots=True)
class Compared(Rule):
    """A leaf that reads an attribute of the customer or a property of the event that started the enrollment."""

    noun: str
    comparison: Comparison

    def holds(self, facts: Facts, leaves: list[dict[str, Any]]) -> bool:
        tree = facts.attributes if self.noun == "attribute" else facts.properties
        held, read = self.comparison.judge(tree)
        leaf = {self.noun: self.comparison.name, "op": self.comparison.op, "value": self.comparison.value}
        leaves.append({"leaf": leaf, "read": read, "held": held})
        return held

    def summary(self, nested: bool = False) -> Text:
        return self.comparison.summary()


@dataclass(frozen=True, slots=True)
class Did(Rule):
    """A leaf that reads what the customer did: ever, or since the enrollment was entered."""

    event: str
    did: bool
    since_entry: bool
    where: tuple[Comparison, ...]

    def holds(self, facts: Facts, leaves: list[dict[str, Any]]) -> bool:
        last_at = self._last_at(facts)
        held = (last_at is not None) is self.did
        leaf = {"event": self.event, "did": self.did, "since": "entry" if self.since_entry else "ever"}
        leaves.append({"leaf": leaf, "read": last_at.isoformat() if last_at else None, "held": held})
        return held

    def _last_at(self, facts: Facts) -> datetime | None:
        """When it was last done within the window; activity answers unless properties are compared."""
        if self.where:
            matching = (e.occurred_at for e in facts.events(self.event) if all_hold(self.where, e.properties))
            last_at = max(matching, default=None)
        else:
            activity = facts.activity(self.event)
            last_at = activity.last_at if activity else None
        if last_at is not None and self.since_entry and last_at <= facts.fired_at:
            return None
        return last_at

    def summary(self, nested: bool = False) -> Text:
        where = [one.summary() for one in self.where]
        en = " with " + " and ".join(w.en for w in where) if where else ""
        zh = "(" + " 且 ".join(w.zh for w in where) + ")" if where else ""
        since = Text(" since entering", "进入后") if self.since_entry else Text("", "")
        verb = Text("did", "发生过") if self.did else Text("did not do", "没有发生")
        return Text(f"{verb.en} {self.event}{en}{since.en}", f"{since.zh}{verb.zh} {self.event}{zh}")


def parse(raw: Any) -> Rule:
    """Read a rule from its JSON tree; raises RuleProblem with a sentence that says what to mend."""
    rule = _parse(raw, 0)
    if sum(1 for one in rule.walk() if isinstance(one, Compared | Did)) > MAX_LEAVES:
        raise RuleProblem(f"a rule has at most {MAX_LEAVES} comparisons")
    return rule


def _parse(raw: Any, depth: int) -> Rule:
    if depth > MAX_DEPTH:
        raise RuleProblem(f"a rule is nested at most {MAX_DEPTH} deep")
    if not isinstance(raw, dict) or not raw:
        raise RuleProblem("add at least one comparison")
    for word in ("all", "any"):
        if word in raw:
            return _parse_group(word, raw, depth)
    if "not" in raw:
        return Not(_parse(raw["not"], depth + 1))
    if "event" in raw:
        return _parse_did(raw)
    for noun in ("attribute", "property"):
        if noun in raw:
            return Compared(noun, Comparison.parse(raw, noun))
    raise RuleProblem("a rule is all, any, not, or a comparison of an attribute, a property or an event")


def _parse_group(word: str, raw: dict[str, Any], depth: int) -> Group:
    if set(raw) != {word} or not isinstance(raw[word], list) or not raw[word]:
        raise RuleProblem(f"`{word}` takes a list with at least one rule")
    return Group(word == "all", tuple(_parse(one, depth + 1) for one in raw[word]))


def _parse_did(raw: dict[str, Any]) -> Did:
    event, did, since = raw.get("event"), raw.get("did", True), raw.get("since", "ever")
    if not isinstance(event, str) or not event.strip():
        raise RuleProblem("name the event")
    known = set(raw) <= {"event", "did", "since", "where"}
    if not known or not isinstance(did, bool) or since not in ("entry", "ever"):
        raise RuleProblem('an event leaf is {"event": name, "did": true, "since": "entry" or "ever", "where": [...]}')
    return Did(event, did, since == "entry", parse_filters(raw.get("where", [])))
