"""The rule language: a JSON tree of `all`, `any`, `not` over leaves, judged against what is known of one customer.

    rule     {"all": [rule, …]} | {"any": [rule, …]} | {"not": rule} | leaf
    leaf     {"attribute": name, "op": op, "value": v}        what the customer is
             {"property": name, "op": op, "value": v}         the event that started the enrollment
             {"context": name, "op": op, "value": v}          what the journey remembered
             {"event": name, "did": bool} or {"event": name, "measure": …, "op": op, "value": v}
             {"tag": …} {"segment": id} {"consent": channel, …} {"journey": id, …} {"message": what, …}

A missing value makes a leaf false, except under `not_exists`. Every judgement returns what it read, so that a decision
can say why. The same tree is compiled to SQL, and the two agree. `docs/rules.md` has every leaf with its window.
"""

from collections.abc import Callable
from typing import Any

from journey_engine.model.comparison import RuleProblem
from journey_engine.model.rules.base import NOUNS, Facts, Group, Leaf, Not, Rule, Verdict
from journey_engine.model.rules.compared import Compared
from journey_engine.model.rules.events import parse_event
from journey_engine.model.rules.standing import (
    parse_consent,
    parse_journey,
    parse_message,
    parse_segment,
    parse_tag,
)

__all__ = ["Facts", "Rule", "RuleProblem", "Verdict", "parse"]

MAX_LEAVES = 100
MAX_DEPTH = 10

ENROLLMENT, CUSTOMER = "enrollment", "customer"
"""What a rule may be about: somebody in a journey, or a customer alone."""

LEAVES: dict[str, Callable[[dict[str, Any]], Leaf]] = {
    "event": parse_event,
    "message": parse_message,
    "journey": parse_journey,
    "consent": parse_consent,
    "segment": parse_segment,
    "tag": parse_tag,
}
"""The word that a leaf is known by. The first of them found in it counts: a message leaf may name a journey."""


def parse(raw: Any, about: str = ENROLLMENT) -> Rule:
    """Read a rule from its JSON tree; raises RuleProblem with a sentence that says what to mend."""
    rule = _parse(raw, 0)
    if sum(1 for one in rule.walk() if isinstance(one, Leaf)) > MAX_LEAVES:
        raise RuleProblem("a rule has at most {n} comparisons", "一条规则最多 {n} 个条件", n=MAX_LEAVES)
    if about == CUSTOMER:
        _check_about_customer(rule)
    return rule


def _check_about_customer(rule: Rule) -> None:
    for leaf in rule.walk():
        if isinstance(leaf, Leaf) and leaf.reads().entry:
            raise RuleProblem(
                "“{leaf}” asks about one entry into a journey; here only the customer is known",
                "“{leaf}”涉及某次旅程的进入；这里只能使用客户本身的信息",
                leaf=leaf.summary(),
            )


def _parse(raw: Any, depth: int) -> Rule:
    if depth > MAX_DEPTH:
        raise RuleProblem("a rule is nested at most {n} deep", "规则最多嵌套 {n} 层", n=MAX_DEPTH)
    if not isinstance(raw, dict) or not raw:
        raise RuleProblem("add at least one comparison", "请至少添加一个条件")
    for word in ("all", "any"):
        if word in raw:
            return _parse_group(word, raw, depth)
    if "not" in raw:
        if set(raw) != {"not"}:
            raise RuleProblem("`not` takes one rule and nothing beside it", "not 只能包含一条规则")
        return Not(_parse_inner(raw["not"], depth, "not"))
    for word, read in LEAVES.items():
        if word in raw:
            return read(raw)
    for noun in NOUNS:
        if noun in raw:
            return Compared.parse(raw, noun)
    raise RuleProblem(
        "a rule is all, any, not, or a condition such as an attribute or an event",
        "规则由 all、any、not 或一个条件（例如属性、事件）组成",
    )


def _parse_group(word: str, raw: dict[str, Any], depth: int) -> Group:
    if set(raw) != {word} or not isinstance(raw[word], list) or not raw[word]:
        raise RuleProblem("`{word}` takes a list with at least one rule", "{word} 需要至少一条规则的列表", word=word)
    return Group(word == "all", tuple(_parse_inner(one, depth, word, n) for n, one in enumerate(raw[word])))


def _parse_inner(raw: Any, depth: int, *place: str | int) -> Rule:
    """A rule within another; a problem says where it stands."""
    try:
        return _parse(raw, depth + 1)
    except RuleProblem as problem:
        problem.path = (*place, *problem.path)
        raise
