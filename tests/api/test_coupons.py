"""Coupon pools over HTTP: making one, filling it from a list or a file, and seeing that it runs low."""

import pytest

POOLS = "/api/v1/coupon-pools"


@pytest.fixture
def pool(shop):
    answer = shop.client("marketer").post(POOLS, json={"name": "Welcome", "low_at": 2})
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def add(shop, pool, data, role="marketer", kind="text/csv"):
    return shop.client(role).post(f"{POOLS}/{pool}/codes", data=data, content_type=kind)


def add_by_key(shop, pool, data, kind):
    client = shop.app.test_client()
    return client.post(f"{POOLS}/{pool}/codes", data=data, content_type=kind, headers=shop.key("admin"))


def test_a_new_pool_is_empty_and_low(shop, pool):
    (shown,) = shop.client("viewer").get(POOLS).json["items"]
    assert (shown["id"], shown["name"], shown["total"], shown["left"], shown["low"]) == (pool, "Welcome", 0, 0, True)
    assert (shown["expires_at"], shown["used_by"]) == (None, [])


def test_codes_come_as_a_list_and_the_same_list_again_adds_none(shop, pool):
    codes = {"codes": ["A1", " A2 ", {"code": "A3", "expires_at": "2099-01-01T00:00:00+08:00"}]}
    client = shop.client("marketer")
    answer = client.post(f"{POOLS}/{pool}/codes", json=codes)
    assert (answer.status_code, answer.json) == (200, {"added": 3, "duplicates": 0, "refused": []})
    assert client.post(f"{POOLS}/{pool}/codes", json=codes).json == {"added": 0, "duplicates": 3, "refused": []}
    shown = client.get(f"{POOLS}/{pool}").json
    assert (shown["total"], shown["granted"], shown["left"], shown["low"]) == (3, 0, 3, False)


def test_codes_come_as_a_file_with_its_odd_lines_named(shop, pool):
    text = f"\ufeffCode,expires_at\r\nA1,\r\n\r\nA2,2099-01-01\r\nA3,soon\r\n{'x' * 101},\r\n".encode()
    answer = add(shop, pool, text)
    assert (answer.json["added"], answer.json["duplicates"]) == (2, 0)
    assert [(one["line"], one["code"][:2]) for one in answer.json["refused"]] == [(3, "A3"), (4, "xx")]


def test_a_code_that_has_ended_is_not_left(shop, pool):
    assert add(shop, pool, b"A1,2020-01-01\nA2\n").json["added"] == 2
    shown = shop.client().get(f"{POOLS}/{pool}").json
    assert (shown["total"], shown["left"]) == (2, 1)
    changed = shop.client().patch(f"{POOLS}/{pool}", json={"expires_at": "2020-01-01T00:00:00Z", "name": "Old"})
    assert (changed.json["name"], changed.json["left"]) == ("Old", 0)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"codes": "A1"}', "application/json", 422),
        (b'["A1"]', "application/json", 422),
        (b"\xff\xfe\x00", "text/csv", 400),
        (b"A1", "text/plain", 415),
    ],
)
def test_what_is_no_list_of_codes_is_refused(shop, pool, body, kind, status):
    assert add_by_key(shop, pool, body, kind).status_code == status


def test_another_sites_form_cannot_add_codes_in_an_operators_name(shop, pool):
    assert add(shop, pool, b"A1", kind="text/plain").status_code == 403


def test_a_viewer_changes_nothing_and_another_shop_sees_nothing(shop, other_shop, pool):
    assert shop.client("viewer").post(POOLS, json={"name": "Mine"}).status_code == 403
    assert add(shop, pool, b"A1", role="viewer").status_code == 403
    assert other_shop.client().get(POOLS).json["items"] == []
    assert other_shop.client().get(f"{POOLS}/{pool}").status_code == 404
    assert add(other_shop, pool, b"A1").status_code == 404


def test_a_pool_says_which_journeys_give_from_it_and_an_empty_one_is_warned_of(shop, pool):
    here = {"x": 0, "y": 0}
    nodes = [
        {"id": "in", "kind": "event", "settings": {"event": "Cart"}, "position": here},
        {"id": "give", "kind": "grant_coupon", "settings": {"pool": pool}, "position": here},
        {"id": "end", "kind": "exit", "settings": {}, "position": here},
    ]
    edges = [("in", "next", "give"), ("give", "next", "end"), ("give", "no_coupon", "end")]
    graph = {"settings": {}, "nodes": nodes, "edges": [{"from": a, "exit": x, "to": b} for a, x, b in edges]}
    journey = shop.live(graph, "Welcome")
    assert shop.client().get(f"{POOLS}/{pool}").json["used_by"] == [{"journey_id": journey, "name": "Welcome"}]
    problems = shop.client().get(f"/api/v1/journeys/{journey}").json["draft"]["problems"]
    assert [(one["code"], one["severity"]) for one in problems] == [("graph:coupon_pool_empty", "warning")]
    graph["nodes"][1]["settings"]["pool"] = "01890000-0000-7000-8000-000000000000"
    saved = shop.client().put(f"/api/v1/journeys/{journey}/draft", json={"revision": 1, "graph": graph})
    assert [one["code"] for one in saved.json["problems"]] == ["graph:coupon_pool"]


def test_pools_come_in_pages(shop, pool):
    client = shop.client()
    for name in ("B", "C"):
        client.post(POOLS, json={"name": name})
    first = client.get(f"{POOLS}?limit=2").json
    assert [one["name"] for one in first["items"]] == ["C", "B"]
    second = client.get(f"{POOLS}?limit=2&cursor={first['next']}").json
    assert ([one["name"] for one in second["items"]], second["next"]) == (["Welcome"], None)
