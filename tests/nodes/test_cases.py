"""Every node kind, decided case by case: settings, who comes, when, and what the node wants for each.

A case has `settings`, `visitors` (`{"ann": {attributes, properties, context, did, history, key, phone}}`; `reached`
says when they came to other nodes, `held` since when they stand here and `wakes` until when), `now` (else Monday 09:00
in London, 17:00 in Shanghai), the workspace's `holidays`, the moment (`visit`, `resume`, or `hear` with an event) and
`decides`: per visitor the exit, `end`, `send`, `hold <seconds>`, `until <instant>`, or `null` when it is nothing to
them; `effects` are what else happens to each.
"""

import json
from collections import Counter
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from journey_engine.ids import uuid7
from journey_engine.model.calendar import calendar_of
from journey_engine.model.coupon import Coupon
from journey_engine.model.customer import Customer, apply_changes
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.event import Activity, Event
from journey_engine.model.visitor import Visitor
from journey_engine.nodes import NODES
from tests.support.shop import MONDAY

POOL = UUID("019550a2-0000-7000-8000-00000000c0de")
FILES = sorted(Path(__file__).parent.glob("*.json"))
CASES = [(file.stem, case) for file in FILES for case in json.loads(file.read_text())]


@pytest.mark.parametrize(("kind", "case"), CASES, ids=[f"{kind}: {case['description']}" for kind, case in CASES])
def test_a_node_decides_as_its_case_says(kind, case):
    node = NODES[kind]("n1", **NODES[kind].load(case.get("settings", {})))
    visitors = {name: visitor(name, known) for name, known in case["visitors"].items()}
    for one in visitors.values():
        one.customer.calendar = calendar_of("Asia/Shanghai", {"holidays": case.get("holidays")})
    for name, decision in decide(node, case, visitors).items():
        assert said(decision, case["decides"][name]) == case["decides"][name], name
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
    now = instant(case.get("now")) or MONDAY
    if "hear" in case:
        return {name: node.hear(one, happened(case["hear"]), now) for name, one in visitors.items()}
    moment = node.resume if case.get("moment") == "resume" else node.visit
    return dict(zip(visitors, moment(list(visitors.values()), now), strict=True))


def instant(told):
    return datetime.fromisoformat(told) if told else None


def said(decision, expected):
    if decision is None:
        return None
    if decision.kind == "hold" and decision.until is None:
        return "hold"
    if decision.kind == "hold":
        if (expected or "").startswith("until"):
            return expected if decision.until == instant(expected[6:]) else f"until {decision.until.isoformat()}"
        return f"hold {int((decision.until - MONDAY).total_seconds())}"
    return decision.exit if decision.kind == "go" else decision.kind


def visitor(name, known):
    id = uuid7(MONDAY, sum(map(ord, name)))
    did = {event: Activity(1, at, at) for event, at in ((e, before(s)) for e, s in known.get("did", {}).items())}
    history = {name: [event(id, name, one) for one in events] for name, events in known.get("history", {}).items()}
    customer = Customer(id, 1, 0, known.get("attributes", {}), did, history, phone=known.get("phone", ""))
    context = {"event": known.get("properties", {}), **({"key": "cart"} if "key" in known else {})}
    context |= {"vars": known["context"]} if "context" in known else {}
    enrollment = Enrollment(
        id, 1, 0, id, uuid7(MONDAY, 1), 1, known.get("key", ""), 1, "active", "n1", None, context, fired_at=before(3600)
    )
    enrollment.held_since, enrollment.wake_at = instant(known.get("held")), instant(known.get("wakes"))
    enrollment.reached = {node: before(ago) for node, ago in known.get("reached", {}).items()}
    coupon = Coupon(POOL, known["coupon"]) if "coupon" in known else None
    return Visitor(enrollment, customer, None, {}, coupon=coupon)


def before(seconds) -> datetime:
    return MONDAY - timedelta(seconds=seconds)


def event(customer_id, name, told):
    at = before(told["ago"])
    return Event(uuid7(at), 1, customer_id, name, at, at, told.get("properties", {}))


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
    assert moves(half, more).keys() == {"ba"}
    assert 0.07 < moves(half, more)["ba"] / 4000 < 0.13
    assert arms(50, 50) == half
    three, heavier, without, more_of_all = arms(50, 25, 25), arms(100, 25, 25), arms(50, 25, 0), arms(500, 250, 250)
    assert moves(three, heavier).keys() == {"ba", "ca"}
    assert moves(three, without).keys() == {"ca", "cb"}
    assert more_of_all == three


def moves(before, after):
    """How many went from one arm to another, as `ab`."""
    return Counter(one + other for one, other in zip(before, after, strict=True) if one != other)


def test_copies_of_an_experiment_give_a_customer_the_same_arm_and_other_splits_do_not():
    people = [visitor("ann", {}) for _ in range(200)]
    for n, one in enumerate(people):
        one.customer.id = uuid7(MONDAY, n * 7919)

    two = NODES["random_split"].settings["arms"].default

    def arms(id, experiment):
        node = NODES["random_split"](id, **NODES["random_split"].load({"arms": two, "experiment": experiment}))
        return [decision.exit for decision in node.visit(people, MONDAY)]

    assert arms("n1", "subject") == arms("n2", "subject")
    assert arms("n1", "") != arms("n2", "")
    assert arms("n1", "subject") != arms("n1", "sender")


def test_random_waits_are_spread_evenly_and_computed_again_they_are_the_same():
    settings = {"least": {"amount": 1, "unit": "hours"}, "most": {"amount": 2, "unit": "hours"}}
    node = NODES["wait_random"]("n1", **NODES["wait_random"].load(settings))
    people = [visitor("ann", {}) for _ in range(2000)]
    for n, one in enumerate(people):
        one.enrollment.id = uuid7(MONDAY, n * 7919)
    waits = [int((decision.until - MONDAY).total_seconds()) for decision in node.visit(people, MONDAY)]
    assert (min(waits) >= 3600, max(waits) <= 7200) == (True, True)
    quarters = Counter((wait - 3600) // 901 for wait in waits)
    assert all(400 < quarters[n] < 600 for n in range(4)), quarters
    assert [decision.until for decision in node.visit(people, MONDAY)] == [MONDAY + timedelta(seconds=w) for w in waits]
