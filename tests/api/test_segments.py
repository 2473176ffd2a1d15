"""Segments over HTTP: made, looked at, changed and deleted; and what a rule says before it is saved."""

import pytest

from journey_engine.pipeline.segments import compute
from journey_engine.pipeline.turn import live_routes, turn

SEGMENTS = "/api/v1/segments"
GOLD = {"attribute": "tier", "op": "is", "value": "gold"}


@pytest.fixture
def people(shop, engine):
    for who, tier in (("ann", "gold"), ("bob", "gold"), ("cat", "silver")):
        customer = {"external_id": who, "email": f"{who}@mail.example"}
        shop.tell(name="Customer Updated", customer=customer, properties={"tier": tier})
    turn(engine)


@pytest.fixture
def gold(shop, people, engine):
    answer = shop.client("marketer").post(SEGMENTS, json={"name": "Gold", "rule": GOLD})
    assert (answer.status_code, answer.json["state"], answer.json["size"]) == (201, "computing", 0)
    while compute(engine, live_routes):
        pass
    return answer.json["id"]


def test_a_segment_is_shown_with_its_sentence_and_size(shop, gold):
    (shown,) = shop.client("viewer").get(SEGMENTS).json["items"]
    assert shown["sentence"] == {"en": "tier is gold", "zh": "tier 是 gold"}
    assert (shown["id"], shown["size"], shown["state"], shown["used_by"]) == (gold, 2, "live", [])


def test_its_members_come_in_pages_with_since_when(shop, gold):
    client = shop.client()
    first = client.get(f"{SEGMENTS}/{gold}/members?limit=1").json
    second = client.get(f"{SEGMENTS}/{gold}/members?limit=1&cursor={first['next']}").json
    labels = [page["items"][0]["label"] for page in (first, second)]
    assert sorted(labels) == ["ann@mail.example", "bob@mail.example"]
    assert (second["next"], bool(first["items"][0]["since"])) == (None, True)


def test_its_growth_is_told_by_day(shop, gold):
    (day,) = shop.client().get(f"{SEGMENTS}/{gold}/growth?days=7").json["items"]
    assert (day["joined"], day["left"], day["size"]) == (2, 0, 2)


def test_a_segment_gets_another_name_and_another_rule(shop, gold):
    changed = shop.client("marketer").patch(f"{SEGMENTS}/{gold}", json={"name": "Best"}).json
    assert (changed["name"], changed["state"]) == ("Best", "live")
    rule = {"attribute": "tier", "op": "exists"}
    assert shop.client("marketer").patch(f"{SEGMENTS}/{gold}", json={"rule": rule}).json["state"] == "computing"


def test_two_segments_cannot_have_one_name(shop, gold):
    answer = shop.client().post(SEGMENTS, json={"name": "Gold", "rule": GOLD})
    assert (answer.status_code, answer.json["code"]) == (409, "segment:name_taken")


def test_a_segment_that_a_journey_uses_is_not_deleted(shop, gold):
    nodes = [
        {"id": "t", "kind": "segment", "settings": {"segment": gold}},
        {"id": "end", "kind": "exit", "settings": {}},
    ]
    journey = shop.live({"nodes": nodes, "edges": [{"from": "t", "exit": "next", "to": "end"}]}, "Hello")
    answer = shop.client().delete(f"{SEGMENTS}/{gold}")
    assert (answer.status_code, answer.json["code"]) == (409, "segment:used")
    assert answer.json["where"]["used_by"] == [{"journey_id": journey, "name": "Hello"}]


def test_a_journey_cannot_read_a_segment_that_does_not_exist(shop):
    nothing = "00000000-0000-0000-0000-00000000000b"
    nodes = [
        {"id": "t", "kind": "event", "settings": {"event": "Seen"}},
        {"id": "if", "kind": "condition", "settings": {"rule": {"not": {"segment": nothing}}}},
        {"id": "end", "kind": "exit", "settings": {}},
    ]
    edges = [("t", "next", "if"), ("if", "yes", "end"), ("if", "no", "end")]
    graph = {"nodes": nodes, "edges": [dict(zip(("from", "exit", "to"), edge, strict=True)) for edge in edges]}
    journey = shop.client().post("/api/v1/journeys", json={"name": "J", "graph": graph}).json["id"]
    answer = shop.client().post(f"/api/v1/journeys/{journey}/publish", json={"revision": 1})
    assert (answer.status_code, [one["code"] for one in answer.json["where"]["problems"]]) == (422, ["graph:segment"])


def test_an_unused_segment_is_deleted(shop, gold):
    assert shop.client("marketer").delete(f"{SEGMENTS}/{gold}").status_code == 200
    assert shop.client().get(f"{SEGMENTS}/{gold}").status_code == 404


def test_a_rule_is_tried_before_it_is_saved(shop, people):
    rule = {"all": [GOLD, {"event": "Customer Updated", "measure": "count", "op": ">=", "value": 1}]}
    found = shop.client("viewer").post("/api/v1/rules/preview", json={"rule": rule}).json
    assert (found["size"], found["about"], len(found["sample"]), found["problems"]) == (2, False, 2, [])
    assert found["sentence"]["en"] == "tier is gold and the number of Customer Updated is at least 1"


def test_a_faulty_rule_is_named_with_its_place_in_both_languages(shop):
    rule = {"all": [GOLD, {"not": {"attribute": "total", "op": ">", "value": "many"}}]}
    (problem,) = shop.client().post("/api/v1/rules/preview", json={"rule": rule}).json["problems"]
    assert problem["path"] == ["all", 1, "not"]
    assert problem["message"]["en"] == "`>` compares numbers; 'many' is not one"
    assert "不是数字" in problem["message"]["zh"]
    answer = shop.client().post(SEGMENTS, json={"name": "Odd", "rule": rule})
    assert (answer.status_code, answer.json["code"]) == (422, "rule:problem")


def test_a_rule_about_an_entry_cannot_be_a_segment(shop):
    rule = {"event": "Order Completed", "since": "entry"}
    (problem,) = shop.client().post("/api/v1/rules/preview", json={"rule": rule}).json["problems"]
    assert "only the customer is known" in problem["message"]["en"]


def test_a_rule_says_of_one_customer_what_it_read(shop, people):
    ann = shop.client().get("/api/v1/customers?search=ann").json["items"][0]["id"]
    told = shop.client("viewer").post("/api/v1/rules/judge", json={"rule": GOLD, "customer_id": ann}).json
    assert told == {"held": True, "leaves": [{"leaf": GOLD, "read": "gold", "held": True}]}
