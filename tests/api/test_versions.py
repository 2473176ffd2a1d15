"""Versions: publishing shows what changes and who stands where, and does to them what was asked."""

import copy

from journey_engine.pipeline.turn import turn

TWO_HOURS = {"amount": 2, "unit": "hours"}


def drawn(graph, **wait):
    graph = copy.deepcopy(graph)
    graph["nodes"][1] |= wait
    return graph


def with_customers(shop, engine, graph, n=3):
    journey = shop.live(graph)
    for number in range(n):
        shop.tell(name="Cart", customer={"external_id": f"c{number}"})
    turn(engine)
    return journey


def save(shop, journey, graph, revision=1):
    answer = shop.client().put(f"/api/v1/journeys/{journey}/draft", json={"revision": revision, "graph": graph})
    return answer.json["revision"]


def renamed(graph):
    """The wait is another node now."""
    text = copy.deepcopy(graph)
    text["nodes"][1]["id"] = "pause"
    text["edges"] = [
        {"from": "cart", "exit": "next", "to": "pause"},
        {"from": "pause", "exit": "next", "to": "bye"},
    ]
    return text


def counts(shop, journey, **query):
    return shop.client().get(f"/api/v1/journeys/{journey}/counts", query_string=query).json


def test_the_preview_tells_the_difference_and_who_stands_where(shop, engine, waiting):
    journey = with_customers(shop, engine, waiting)
    save(shop, journey, renamed(waiting))

    told = shop.client("viewer").get(f"/api/v1/journeys/{journey}/publish-preview").json

    assert [one["node"] for one in told["diff"]["added"]] == ["pause"]
    assert [one["node"] for one in told["diff"]["removed"]] == ["wait"]
    assert told["standing"] == [
        {"version": 1, "node": "wait", "kind": "wait", "deleted": True, "waiting": 3, "armed": 0,
         "title": {"en": "Wait", "zh": "等待"}, "sentence": {"en": "Wait 1 hour", "zh": "等待 1 小时"}}]  # fmt: skip
    assert told["problems"] == []


def test_publishing_moves_whom_the_dialogue_moved(shop, engine, waiting):
    journey = with_customers(shop, engine, waiting)
    revision, client = save(shop, journey, renamed(waiting)), shop.client()
    path = f"/api/v1/journeys/{journey}/publish"

    refused = client.post(path, json={"revision": revision, "standing": "move"})
    told = client.post(path, json={"revision": revision, "standing": "move", "targets": {"wait": "pause"}})
    turn(engine)

    assert (refused.status_code, refused.json["code"]) == (422, "publish:targets")
    assert refused.json["where"] == {"nodes": ["wait"]} and "等待 1 小时" in refused.json["error_zh"]
    assert told.json == {"version": 2, "status": "live"}
    assert counts(shop, journey)["nodes"]["pause"]["waiting"] == 3
    first, second = (counts(shop, journey, version=number)["totals"] for number in (1, 2))
    assert (first["entered"], first["moved_out"], first["waiting"]) == (3, 3, 0)
    assert (second["entered"], second["moved_in"], second["waiting"]) == (0, 3, 3)


def test_a_move_is_told_in_the_history_with_the_version_it_led_to(shop, engine, waiting):
    journey = with_customers(shop, engine, waiting, 1)
    revision = save(shop, journey, drawn(waiting, settings={"duration": TWO_HOURS}))
    shop.client().post(f"/api/v1/journeys/{journey}/publish", json={"revision": revision, "standing": "move"})
    turn(engine)

    customer = shop.client().get("/api/v1/customers").json["items"][0]["id"]
    items = shop.client().get(f"/api/v1/customers/{customer}/history").json["items"]
    visits = [item for item in items if item["kind"] == "visit"]

    assert [item["journey"]["version"] for item in visits] == [2, 1]
    assert visits[0]["path"][0]["reason"]["why"] == "moved"


def test_a_choice_that_is_none_is_refused(shop, waiting):
    journey = shop.live(waiting)
    for body in ({"standing": "vanish"}, {"targets": {"wait": 7}}, {"targets": []}):
        answer = shop.client().post(f"/api/v1/journeys/{journey}/publish", json={"revision": 1, **body})
        assert (answer.status_code, answer.json["code"]) == (422, "invalid")


def test_an_older_version_is_published_again_as_a_new_one(shop, waiting):
    journey = shop.live(waiting)
    later = drawn(waiting, settings={"duration": TWO_HOURS})
    client, path = shop.client(), f"/api/v1/journeys/{journey}"
    client.post(f"{path}/publish", json={"revision": save(shop, journey, later)})

    previewed = client.get(f"{path}/publish-preview?version=1").json
    told = client.post(f"{path}/rollback", json={"version": 1})

    assert previewed["diff"]["timing"][0]["after"]["en"] == "Wait 1 hour"
    assert told.json == {"version": 3, "status": "live"}
    assert client.get(f"{path}/versions/3").json["graph"] == waiting
    assert client.get(path).json["draft"]["graph"] == later
    assert client.post(f"{path}/rollback", json={"version": 9}).status_code == 404


def test_two_versions_are_compared(shop, waiting):
    journey = shop.live(waiting)
    later = drawn(waiting, settings={"duration": TWO_HOURS})
    client, path = shop.client(), f"/api/v1/journeys/{journey}"
    client.post(f"{path}/publish", json={"revision": save(shop, journey, later)})

    told = client.get(f"{path}/versions/1/diff/2").json

    assert told["changed"][0]["settings"][0]["after"] == {"en": "2 hours", "zh": "2 小时"}
    assert client.get(f"{path}/versions/1/diff/7").status_code == 404


def test_a_resume_is_asked_what_becomes_of_what_came_due(shop, engine, waiting):
    journey = with_customers(shop, engine, waiting)
    client, path = shop.client(), f"/api/v1/journeys/{journey}"
    client.post(f"{path}/pause", json={})

    state = client.get(f"{path}/pause-state?fresh_minutes=30").json
    strange = client.post(f"{path}/resume", json={"late": "never"})
    told = client.post(f"{path}/resume", json={"late": "fresh", "fresh_minutes": 30})

    assert state == {"due": 0, "fresh": 0, "oldest_due_at": None, "parked_events": 0}
    assert (strange.status_code, strange.json["code"]) == (422, "invalid")
    assert told.json == {"status": "live"}


def test_journeys_of_other_workspaces_are_not_there(shop, other_shop, waiting):
    journey = shop.live(waiting)
    client, path = other_shop.client(), f"/api/v1/journeys/{journey}"
    for address in ("publish-preview", "pause-state", "versions/1/diff/1", "versions/1"):
        assert client.get(f"{path}/{address}").status_code == 404, address
    assert client.post(f"{path}/rollback", json={"version": 1}).status_code == 404
    assert client.post(f"{path}/publish", json={"revision": 1, "standing": "exit"}).status_code == 404
