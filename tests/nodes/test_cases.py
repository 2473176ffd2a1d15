"""Every node kind, decided case by case: settings, who comes, when, and what the node wants for each.

A case has `settings`, `visitors` (`{"ann": {attributes, properties, context, did, history, key}}`), the moment
(`visit`, `resume`, or `hear` with an event) and `decides`: per visitor the exit, `end`, `send`, `hold <seconds>`, or
`null` when it is nothing to them; `effects` are what else happens to each.
"""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from journey_engine.ids import uuid7
from journey_engine.model.customer import Customer, apply_changes
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.event import Activity, Event
from journey_engine.model.visitor import Visitor
from journey_engine.nodes import NODES
from tests.support.shop import MONDAY

FILES = sorted(Path(__file__).parent.glob("*.json"))
CASES = [(file.stem, case) for file in FILES for case in json.loads(file.read_text())]


@pytest.mark.parametrize(("kind", "case"), CASES, ids=[f"{kind}: {case['description']}" for kind, case in CASES])
def test_a_node_decides_as_its_case_says(kind, case):
    node = NODES[kind]("n1", **NODES[kind].load(case.get("settings", {})))
    visitors = {name: visitor(name, known) for name, known in case["visitors"].items()}
    for name, decision in decide(node, case, visitors).items():
        assert said(decision) == case["decides"][name], name
        if decision is not None and decision.kind != "send":
            assert decision.reason["why"]
        if "attributes" in case and decision.changes is not None:
            assert apply_changes(visitors[name].attributes, decision.changes) == case["attributes"][name]
        if "effects" in case:
            assert [told(effect) for effect in decision.effects] == case["effects"][name]


def told(effect):
    """An effect as a case writes it: its kind and what it carries."""
    values = {name: value for name, value in asdict(effect).items() if value is not None}
    return {type(effect).__name__: json.loads(json.dumps(values, default=str))}


def decide(node, case, visitors):
    if "hear" in case:
        return {name: node.hear(one, happened(case["hear"]), MONDAY) for name, one in visitors.items()}
    moment = node.resume if case.get("moment") == "resume" else node.visit
    return dict(zip(visitors, moment(list(visitors.values()), MONDAY), strict=True))


def said(decision):
    if decision is None:
        return None
    if decision.kind == "hold":
        return f"hold {int((decision.until - MONDAY).total_seconds())}"
    return decision.exit if decision.kind == "go" else decision.kind


def visitor(name, known):
    id = uuid7(MONDAY, sum(map(ord, name)))
    did = {event: Activity(1, at, at) for event, at in ((e, before(s)) for e, s in known.get("did", {}).items())}
    history = {name: [event(id, one) for one in events] for name, events in known.get("history", {}).items()}
    customer = Customer(id, 1, 0, known.get("attributes", {}), did, history)
    context = {"event": known.get("properties", {}), **({"key": "cart"} if "key" in known else {})}
    context |= {"vars": known["context"]} if "context" in known else {}
    enrollment = Enrollment(
        id, 1, 0, id, uuid7(MONDAY, 1), 1, known.get("key", ""), 1, "active", "n1", None, context, fired_at=before(3600)
    )
    return Visitor(enrollment, customer, None, {})


def before(seconds) -> datetime:
    return MONDAY - timedelta(seconds=seconds)


def event(customer_id, told):
    at = before(told["ago"])
    return Event(uuid7(at), 1, customer_id, "", at, at, told.get("properties", {}))


def happened(told):
    return Event(uuid7(MONDAY, 9), 1, uuid7(MONDAY, 8), told["event"], MONDAY, MONDAY, told.get("properties", {}))


def test_a_random_split_keeps_its_proportions_and_moves_only_the_share_that_must_move():
    def arms(*weights):
        settings = {"arms": [{"id": id, "weight": weight} for id, weight in zip("abc", weights, strict=False)]}
        node = NODES["random_split"]("n1", **NODES["random_split"].load(settings))
        people = [visitor("ann", {}) for _ in range(4000)]
        for n, one in enumerate(people):
            one.customer.id = uuid7(MONDAY, n * 7919)
        return [decision.exit for decision in node.visit(people, MONDAY)]

    half, more = arms(50, 50), arms(60, 40)
    assert 0.46 < half.count("a") / 4000 < 0.54
    moved = [(before, after) for before, after in zip(half, more, strict=True) if before != after]
    assert {*moved} == {("b", "a")}
    assert 0.07 < len(moved) / 4000 < 0.13
    assert arms(50, 50) == half
