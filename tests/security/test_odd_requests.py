"""Requests that no honest program sends get a clear refusal, soon, and leave the server as it was."""

import json

import pytest

from journey_engine.clock import monotonic_s
from tests.api.conftest import PASSWORD

EVENT = '{"name": "Cart", "customer": {"external_id": "ann"}, "properties": {"a": %s}}'


@pytest.fixture
def push(app, shop):
    """Push a body as it is written."""
    return lambda body: app.test_client().post(
        "/api/v1/events", data=body, content_type="application/json", headers=shop.key("ingest")
    )


@pytest.mark.parametrize("number", ["1e400", "-1e999", "0." + "1" * 5_000])
def test_a_number_that_would_be_read_as_infinity_is_refused(push, number):
    answer = push(EVENT % number)
    assert (answer.status_code, answer.json["code"]) == (400, "request:json")


def test_a_key_that_is_there_twice_among_very_many_is_found_at_once(push):
    keys = ",".join(f'"{number:05}":1' for number in range(60_000))
    began = monotonic_s()
    answer = push(EVENT % f'{{{keys},"59999":2}}')
    assert (answer.status_code, answer.json["code"]) == (400, "request:json")
    assert "59999" in answer.json["error"]
    assert monotonic_s() - began < 10


@pytest.mark.parametrize(
    "wrong",
    [
        {"timestamp": "0001-01-01T00:00:00+14:00"},
        {"timestamp": "9999-12-31T23:59:59-14:00"},
        {"timestamp": "0001-01-02T00:00:00Z", "sentAt": "9999-12-30T00:00:00Z"},
        {"timestamp": "9999-12-30T00:00:00Z", "sentAt": "0001-01-02T00:00:00Z"},
        {"type": ["track"]},
        {"type": {}},
    ],
    ids=json.dumps,
)
def test_one_odd_call_of_a_library_does_not_cost_the_batch(app, shop, wrong):
    good = {"type": "track", "event": "Cart", "userId": "ann"}
    answer = app.test_client().post("/v1/batch", json={"batch": [good, {**good, **wrong}]}, auth=("tea-ingest", ""))
    assert answer.status_code == 200
    assert [one["at"] for one in answer.json["rejected"]] == [1]
    assert len(shop.client().get("/api/v1/events").json["items"]) == 1


@pytest.mark.parametrize("revision", [2**31, 10**17, -1])
def test_a_revision_that_no_draft_can_have_is_refused(shop, revision):
    journey = shop.client().post("/api/v1/journeys", json={"name": "Carts"}).json["id"]
    body = {"revision": revision, "graph": {"nodes": [], "edges": []}}
    assert shop.client().put(f"/api/v1/journeys/{journey}/draft", json=body).status_code == 422
    assert shop.client().post(f"/api/v1/journeys/{journey}/publish", json={"revision": revision}).status_code == 422


@pytest.mark.parametrize("header", ["Basic \xff", "Bearer \xff", "Basic", "Basic \u00e4\u00f6", "Digest x"])
def test_an_authorization_nobody_can_read_is_no_key(app, header):
    answer = app.test_client().get("/api/v1/journeys", headers={"Authorization": header})
    assert answer.status_code == 401


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"])
def test_numbers_are_not_given_to_whoever_comes_through_a_proxy(app, name):
    assert app.test_client().get("/metrics").status_code == 200
    assert app.test_client().get("/metrics", headers={name: "127.0.0.1"}).status_code == 401


def test_spaces_around_an_email_give_no_more_tries(app, shop):
    client = app.test_client()

    def attempt(spaces):
        given = {"email": f"{' ' * spaces}admin@tea.example", "password": "wrong"}
        return client.post("/api/v1/login", json=given).status_code

    assert [attempt(number) for number in range(11)] == [401] * 10 + [429]
    assert client.post("/api/v1/login", json={"email": "admin@tea.example ", "password": PASSWORD}).status_code == 429
