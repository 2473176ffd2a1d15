"""Approvals over HTTP: what waits, with who and what; one answer each; who may give it."""

import pytest

from journey_engine.pipeline.turn import turn

APPROVALS = "/api/v1/approvals"
HERE = {"x": 0, "y": 0}


@pytest.fixture
def asked(engine, shop):
    """Ann waits for a refund to be approved; her enrollment."""
    settings = {"question": "Refund?", "details": "{{ customer.name }} wants {{ event.value }} back"}
    nodes = [
        {"id": "in", "kind": "event", "settings": {"event": "Refund Asked"}, "position": HERE},
        {"id": "ask", "kind": "approval", "settings": settings, "position": HERE},
        {"id": "end", "kind": "exit", "settings": {}, "position": HERE},
    ]
    edges = [("in", "next", "ask"), ("ask", "released", "end"), ("ask", "refused", "end")]
    graph = {"settings": {}, "nodes": nodes, "edges": [{"from": a, "exit": x, "to": b} for a, x, b in edges]}
    shop.live(graph, "Refunds")
    ann = {"external_id": "ann", "email": "ann@mail.example"}
    shop.tell(name="Customer Updated", customer=ann, properties={"name": "Ann"})
    shop.tell(name="Refund Asked", customer=ann, properties={"value": 90})
    while turn(engine).worked:
        pass
    (found,) = shop.client().get(APPROVALS).json["items"]
    return found


def answer(shop, asked, verdict="release", role="marketer", **more):
    return shop.client(role).post(f"{APPROVALS}/{asked['enrollment_id']}", json={"verdict": verdict, **more})


def test_what_waits_says_who_and_what(asked):
    assert (asked["node"], asked["title"], asked["text"]) == ("ask", "Refund?", "Ann wants 90 back")
    assert (asked["customer"]["label"], asked["journey"]["name"], asked["until"]) == ("Ann", "Refunds", None)
    assert asked["event"] == {"name": "Refund Asked", "properties": {"value": 90}}


def test_an_answer_is_taken_once(engine, shop, asked):
    first = answer(shop, asked, note="fine")
    assert (first.status_code, first.json) == (200, {"enrollment_id": asked["enrollment_id"], "verdict": "release"})
    again = answer(shop, asked, "refuse")
    assert (again.status_code, again.json["code"]) == (409, "approval:gone")
    assert "审批" in again.json["error_zh"]
    assert shop.client().get(APPROVALS).json["items"] == []
    while turn(engine).worked:
        pass
    (shown,) = shop.client().get(f"/api/v1/journeys/{asked['journey']['id']}/enrollments").json["items"]
    assert shown["status"] == "completed"


def test_a_viewer_and_another_shop_answer_nothing(shop, other_shop, asked):
    assert answer(shop, asked, role="viewer").status_code == 403
    assert answer(other_shop, asked).status_code == 409
    assert other_shop.client().get(APPROVALS).json["items"] == []
    assert answer(shop, asked, "perhaps").status_code == 422
    assert answer(shop, asked).status_code == 200
