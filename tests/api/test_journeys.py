"""Journeys: a draft is never lost to another's save, a version never changes, and control takes effect at once."""

import copy
from datetime import timedelta

import pytest
from sqlalchemy import text

from journey_engine.clock import now
from journey_engine.pipeline.turn import turn

ANN = {"external_id": "ann", "phone": "+8613800138000"}


def counts(shop, journey):
    return shop.client().get(f"/api/v1/journeys/{journey}/counts").json


def conserved(totals):
    return totals["entered"] == totals["waiting"] + totals["completed"] + totals["exited"] + totals["failed"]


def act(shop, journey, what):
    answer = shop.client().post(f"/api/v1/journeys/{journey}/{what}", json={})
    assert answer.status_code == 200, answer.json
    return answer.json["status"]


def changed(graph, **change):
    graph = copy.deepcopy(graph)
    graph["nodes"][1] |= change
    return graph


def test_saving_over_a_newer_draft_is_refused_with_the_newer_one(shop, waiting):
    client = shop.client()
    path = f"/api/v1/journeys/{client.post('/api/v1/journeys', json={'name': 'Cart'}).json['id']}/draft"

    first = client.put(path, json={"revision": 1, "graph": waiting})
    second = client.put(path, json={"revision": 1, "graph": {"nodes": [], "edges": []}})

    assert (first.status_code, first.json["revision"], first.json["problems"]) == (200, 2, [])
    assert (second.status_code, second.json["code"], second.json["where"]) == (409, "draft:stale", {"revision": 2})
    assert second.json["draft"]["graph"] == waiting


def test_what_is_wrong_with_a_draft_is_said_in_both_languages(shop):
    graph = {"nodes": [{"id": "w", "kind": "wait", "settings": {}}], "edges": []}
    journey = shop.client().post("/api/v1/journeys", json={"name": "Cart", "graph": graph}).json

    codes = {problem["code"] for problem in journey["draft"]["problems"]}

    assert "graph:no_trigger" in codes
    assert all(problem[part][language] for problem in journey["draft"]["problems"]
               for part in ("message", "remedy") for language in ("en", "zh"))  # fmt: skip


@pytest.mark.parametrize(
    "graph, code",
    [
        ({"nodes": [{"id": "a", "kind": "wait"}, {"id": "a", "kind": "wait"}], "edges": []}, "graph:duplicate_id"),
        ({"nodes": [{"id": "a", "kind": "teleport"}], "edges": []}, "graph:unknown_kind"),
        ({"nodes": [{"id": "a", "kind": "wait"}],
          "edges": [{"from": "a", "exit": "next", "to": "b"}]}, "graph:dangling_edge"),
        ({"nodes": [{"id": "a", "kind": "wait"}],
          "edges": [{"from": "a", "exit": "next", "to": "a"}]}, "graph:self_edge"),
        ({"nodes": [{"id": str(n), "kind": "wait"} for n in range(10_001)], "edges": []}, "graph:too_many_nodes"),
    ],
)  # fmt: skip
def test_what_can_never_be_a_drawing_is_not_saved(shop, graph, code):
    answer = shop.client().post("/api/v1/journeys", json={"name": "Cart", "graph": graph})

    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_a_cycle_without_a_wait_is_not_published_and_its_nodes_are_named(shop, waiting):
    graph = changed(waiting, kind="condition", settings={"rule": {"attribute": "vip", "op": "exists"}})
    graph["edges"] = [
        {"from": "cart", "exit": "next", "to": "wait"},
        {"from": "wait", "exit": "yes", "to": "again"},
        {"from": "wait", "exit": "no", "to": "bye"},
        {"from": "again", "exit": "yes", "to": "wait"},
        {"from": "again", "exit": "no", "to": "bye"},
    ]
    graph["nodes"].append(graph["nodes"][1] | {"id": "again"})
    journey = shop.client().post("/api/v1/journeys", json={"name": "Cart", "graph": graph}).json["id"]

    answer = shop.client().post(f"/api/v1/journeys/{journey}/publish", json={"revision": 1})

    assert (answer.status_code, answer.json["code"]) == (422, "graph:cycle")
    assert answer.json["where"]["nodes"] == ["again", "wait"]
    assert answer.json["error_zh"]


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "http://127.0.0.1/", "http://0x7f.1/", "http://[::1]/"])
def test_a_webhook_to_an_inner_address_is_not_published(shop, waiting, url):
    graph = changed(waiting, kind="send_webhook", settings={"url": url, "body": "{}"})
    journey = shop.client().post("/api/v1/journeys", json={"name": "Hook", "graph": graph}).json

    answer = shop.client().post(f"/api/v1/journeys/{journey['id']}/publish", json={"revision": 1})

    assert answer.status_code == 422
    assert "graph:address" in {problem["code"] for problem in answer.json["where"]["problems"]}


def test_a_send_without_an_account_is_not_published(shop, waiting):
    graph = changed(waiting, kind="send_email", settings={"subject": "Hi", "html": "<p>Hi</p>"})
    journey = shop.client().post("/api/v1/journeys", json={"name": "Mail", "graph": graph}).json["id"]

    answer = shop.client().post(f"/api/v1/journeys/{journey}/publish", json={"revision": 1})

    assert (answer.status_code, answer.json["code"]) == (422, "graph:account")


def test_a_version_never_changes_and_the_next_one_is_another(shop, waiting):
    journey = shop.live(waiting)
    later = changed(waiting, settings={"duration": {"amount": 2, "unit": "hours"}})
    client, path = shop.client(), f"/api/v1/journeys/{journey}"

    client.put(f"{path}/draft", json={"revision": 1, "graph": later})
    between = client.get("/api/v1/journeys").json["items"][0]
    published = client.post(f"{path}/publish", json={"revision": 2}).json

    assert (between["live_version"], between["has_draft_changes"]) == (1, True)
    assert published == {"version": 2, "status": "live"}
    assert client.get(f"{path}/versions/1").json["graph"] == waiting
    assert client.get(f"{path}/versions/2").json["graph"] == later
    assert [one["published_by"] for one in client.get(path).json["versions"]] == ["admin@tea.example"] * 2


def test_publishing_a_revision_that_is_not_the_newest_is_refused(shop, waiting):
    journey = shop.client().post("/api/v1/journeys", json={"name": "Cart", "graph": waiting}).json["id"]

    answer = shop.client().post(f"/api/v1/journeys/{journey}/publish", json={"revision": 7})

    assert (answer.status_code, answer.json["code"]) == (409, "draft:stale")


def test_only_a_draft_that_was_never_published_can_be_deleted(shop, waiting):
    client = shop.client()
    draft, live = client.post("/api/v1/journeys", json={"name": "Draft"}).json["id"], shop.live(waiting)

    assert client.delete(f"/api/v1/journeys/{draft}").status_code == 200
    assert client.get(f"/api/v1/journeys/{draft}").status_code == 404
    assert client.delete(f"/api/v1/journeys/{live}").status_code == 409


def test_a_pause_keeps_everything_and_a_resume_goes_on_with_it(shop, engine, waiting):
    journey = shop.live(waiting)
    shop.tell(name="Cart", customer={"external_id": "ann"})
    turn(engine)
    assert counts(shop, journey)["nodes"]["wait"]["waiting"] == 1

    assert act(shop, journey, "pause") == "paused"
    shop.tell(name="Cart", customer={"external_id": "bob"})
    turn(engine, now() + timedelta(hours=2))
    paused = counts(shop, journey)["totals"]

    assert act(shop, journey, "resume") == "live"
    while turn(engine, now() + timedelta(hours=2)).worked:
        pass
    resumed = counts(shop, journey)["totals"]

    assert (paused["entered"], paused["waiting"], paused["completed"]) == (1, 1, 0)
    assert resumed["entered"] == 2 and resumed["completed"] >= 1
    assert conserved(paused) and conserved(resumed)


def test_a_message_that_is_queued_does_not_leave_a_paused_journey(shop, engine, sending):
    journey = shop.live(sending)
    shop.tell(name="Cart", customer=ANN)
    turn(engine)

    act(shop, journey, "pause")
    parked = due(engine)
    act(shop, journey, "resume")

    assert parked == [("queued", False)]
    assert due(engine) == [("queued", True)]


def test_a_stop_ends_everybody_and_sends_nothing_more(shop, engine, waiting, sending):
    graph = copy.deepcopy(sending)
    graph["nodes"][2] = waiting["nodes"][1]
    graph["nodes"].append(waiting["nodes"][2])
    graph["edges"] = [
        sending["edges"][0],
        {"from": "sms", "exit": "next", "to": "wait"},
        {"from": "wait", "exit": "next", "to": "bye"},
    ]
    journey = shop.live(graph)
    shop.tell(name="Cart", customer=ANN)
    turn(engine)

    assert act(shop, journey, "stop") == "stopped"
    after = counts(shop, journey)
    customer = shop.client().get("/api/v1/customers").json["items"][0]["id"]
    history = shop.client().get(f"/api/v1/customers/{customer}/history").json["items"]

    assert (after["totals"]["waiting"], after["totals"]["exited"]) == (0, 1) and conserved(after["totals"])
    assert after["nodes"]["wait"]["waiting"] == 0
    assert after["messages"]["sms"]["suppressed"] == 1
    assert due(engine) == [("suppressed", False)]
    assert ("ended", {"why": "stopped"}) in [(item["kind"], item.get("reason")) for item in history]
    assert not turn(engine, now() + timedelta(days=1)).worked


def test_a_stop_stops_the_clocks_that_are_running(shop, engine, waiting):
    absence = {"event": "Cart", "not_events": ["Order"], "within": {"amount": 1, "unit": "hours"}}
    graph = copy.deepcopy(waiting)
    graph["nodes"][0] |= {"kind": "absence", "settings": absence}
    journey = shop.live(graph)
    shop.tell(name="Cart", customer={"external_id": "ann"})
    turn(engine)
    armed = counts(shop, journey)["totals"]["armed"]

    act(shop, journey, "stop")

    totals = counts(shop, journey)["totals"]
    assert (armed, totals["armed"], totals["cancelled"], totals["entered"]) == (1, 0, 1, 0)


@pytest.mark.parametrize("what", ["pause", "resume", "stop"])
def test_a_draft_has_nothing_to_control(shop, what):
    journey = shop.client().post("/api/v1/journeys", json={"name": "Draft"}).json["id"]

    answer = shop.client().post(f"/api/v1/journeys/{journey}/{what}", json={})

    assert (answer.status_code, answer.json["code"]) == (409, "journey:state")


def test_who_stands_at_a_node_is_listed(shop, engine, waiting):
    journey = shop.live(waiting)
    shop.tell(name="Cart", customer={"email": "ann@example.com"})
    turn(engine)
    path = f"/api/v1/journeys/{journey}/enrollments"

    here = shop.client().get(f"{path}?node=wait").json["items"]

    assert [(one["customer"]["label"], one["status"], one["node"]) for one in here] == [
        ("ann@example.com", "waiting", "wait")
    ]
    assert shop.client().get(f"{path}?node=bye").json["items"] == []


def due(engine):
    with engine.begin() as tx:
        return [tuple(row) for row in tx.execute(text("SELECT status, due_at IS NOT NULL FROM messages"))]
