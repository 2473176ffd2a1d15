"""A draft may hold anything that a hand or a program half-filled: it is kept, and what is wrong with it is named."""

import json

import pytest

from journey_engine.clock import monotonic_s
from journey_engine.graph import check, read_shape

ODD = [
    ("wait", {"duration": {"amount": 1, "unit": ["days"]}}),
    ("wait", {"duration": {"amount": "1", "unit": {}}}),
    ("wait", {"duration": {"amount": 10**17, "unit": "days"}}),
    ("random_split", {"arms": [{"id": "a", "name": "A", "weight": -1}, {"id": "b", "weight": 10**9}]}),
    ("random_split", {"arms": [{"id": [], "name": {}, "weight": "x"}, 5, None]}),
    ("wait_until_event", {"events": [{"id": {}, "event": []}, 5], "timeout": []}),
    ("wait_until_event", {"events": [{"name": "no id yet"}]}),
    ("condition", {"rule": {"attribute": "tier", "op": [], "value": 1}}),
    ("condition", {"rule": {"event": [], "did": 5, "where": 5, "since": []}}),
    ("event", {"event": "Cart", "where": [{"property": "sku", "op": {}, "value": 1}]}),
    ("absence", {"event": "Cart", "not_events": [[], {}], "within": {}}),
    ("update_customer", {"changes": [{"attribute": "a", "action": [], "value": {"b": 1}}, 5]}),
    ("send_email", {"subject": "Hello\r\nBcc: x@y.example", "html": {}, "account": 10**17}),
    ("send_webhook", {"url": ["http://169.254.169.254/"], "body": 5}),
]


@pytest.mark.parametrize("kind, settings", ODD, ids=[json.dumps(settings)[:60] for _, settings in ODD])
def test_an_odd_setting_is_named_and_the_draft_is_kept(shop, kind, settings):
    graph = {"nodes": [{"id": "odd", "kind": kind, "settings": settings}], "edges": []}
    answer = shop.client().post("/api/v1/journeys", json={"name": "Odd", "graph": graph})
    assert answer.status_code == 201, answer.json
    assert any(one["code"] == "graph:setting" and one["nodes"] == ["odd"] for one in answer.json["draft"]["problems"])


def test_an_arm_with_a_weight_out_of_range_keeps_its_exit(shop):
    arms = [{"id": "a", "name": "A", "weight": -1}, {"id": "b", "name": "B", "weight": 1}]
    nodes = [
        {"id": "cart", "kind": "event", "settings": {"event": "Cart"}},
        {"id": "split", "kind": "random_split", "settings": {"arms": arms}},
        {"id": "bye", "kind": "exit", "settings": {}},
    ]
    edges = [{"from": "cart", "exit": "next", "to": "split"}]
    edges += [{"from": "split", "exit": arm["id"], "to": "bye"} for arm in arms]
    assert [problem.code for problem in check({"nodes": nodes, "edges": edges})] == ["graph:setting"]


def test_twenty_thousand_edges_are_checked_within_seconds():
    nodes = [{"id": str(number), "kind": "exit", "settings": {}} for number in range(1_000)]
    edges = [
        {"from": str(number), "exit": f"e{way}", "to": str((number + 1) % 1_000)}
        for number in range(1_000)
        for way in range(20)
    ]
    began = monotonic_s()
    problems = check(read_shape({"nodes": nodes, "edges": edges}))
    assert sum(problem.code == "graph:unknown_exit" for problem in problems) == 20_000
    assert monotonic_s() - began < 5
