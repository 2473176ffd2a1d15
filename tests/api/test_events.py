"""The events door: acknowledged means committed, once per id, and bad input costs nobody else anything."""

import gzip
import json
import resource
import time
from datetime import timedelta

import pytest

from journey_engine.clock import now
from journey_engine.pipeline.turn import turn

ANN = {"external_id": "ann"}


@pytest.fixture
def push(app, shop):
    """Send a body to the events door with the ingest key."""
    client = app.test_client()

    def push(body, **options):
        headers = shop.key("ingest") | options.pop("headers", {})
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return client.post(
            "/api/v1/events", data=data, headers=headers, **{"content_type": "application/json"} | options
        )

    return push


def test_an_acknowledged_event_can_be_read_back(shop, push):
    answer = push({"name": "Cart", "customer": ANN, "properties": {"sku": "A1"}})

    found = shop.client().get(f"/api/v1/events/{answer.json['id']}").json
    assert answer.json["dedupe"] == "none"
    assert (found["name"], found["properties"], found["state"]) == ("Cart", {"sku": "A1"}, "pending")


def test_the_same_id_with_the_same_body_is_stored_once(shop, push):
    event = {"message_id": "m1", "name": "Cart", "customer": ANN}

    first, second = push(event), push(event)

    assert (first.json["duplicate"], second.json["duplicate"]) == (False, True)
    assert first.json["id"] == second.json["id"]
    assert len(shop.client().get("/api/v1/events").json["items"]) == 1


def test_the_same_id_with_another_body_is_a_conflict_and_the_first_stays(shop, push):
    first = push({"message_id": "m1", "name": "Cart", "customer": ANN})

    answer = push({"message_id": "m1", "name": "Order", "customer": ANN})

    assert (answer.status_code, answer.json["code"]) == (409, "event:conflict")
    assert [one["id"] for one in shop.client().get("/api/v1/events").json["items"]] == [first.json["id"]]


def test_good_events_of_a_mixed_batch_are_kept(shop, push):
    good, bad = {"name": "Cart", "customer": ANN}, {"name": "Cart"}

    answer = push({"events": [good, bad, good | {"name": "Order"}]})

    assert answer.status_code == 207
    assert [one["status"] for one in answer.json["results"]] == [200, 422, 200]
    assert answer.json["results"][1]["where"] == {"field": "customer"}
    assert len(shop.client().get("/api/v1/events").json["items"]) == 2


def test_a_batch_of_a_thousand_is_taken_and_one_more_is_not(push):
    event = {"name": "Cart", "customer": ANN}

    assert push({"events": [event] * 1_000}).status_code == 200
    assert push({"events": [event] * 1_001}).status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b"[" * 100_000,
        b'{"name": "Cart", "customer": ' + b'{"a":' * 40 + b"1" + b"}" * 41,
        b'{"name": "Cart", "properties": {"n": ' + b"9" * 5_000 + b"}}",
        b'{"name": NaN}',
        b'{"name": -Infinity}',
        b'{"name": "Cart", "name": "Order"}',
        b'{"name": "Cart"',
        b"\xff\xfe",
        b"",
    ],
    ids=["deep", "open", "forty levels", "digits", "NaN", "Infinity", "twice", "cut", "not UTF-8", "empty"],
)
def test_json_that_cannot_be_trusted_is_refused_within_a_moment(push, body):
    began = time.thread_time()
    answer = push(body)

    assert answer.status_code == 400, answer.json
    assert time.thread_time() - began < 0.05


def test_brackets_inside_texts_are_no_depth(push):
    assert push({"name": "Cart", "customer": ANN, "properties": {"text": '[{"' * 1_000}}).status_code == 200


@pytest.mark.parametrize("escape", ["\\u0000", "\\ud800"])
def test_a_text_that_cannot_be_stored_is_named(push, escape):
    answer = push(
        b'{"name": "Cart", "customer": {"external_id": "ann"}, "properties": {"note": "%s"}}' % escape.encode()
    )

    assert (answer.status_code, answer.json["where"]) == (422, {"field": "properties.note"})


def test_one_such_text_in_a_batch_costs_only_its_own_event(push):
    raw = b'{"events": [{"name": "A\\u0000", "customer": {"a": "1"}}, {"name": "B", "customer": {"a": "1"}}]}'

    assert [one["status"] for one in push(raw).json["results"]] == [422, 200]


def test_a_pair_of_surrogates_is_a_character_like_any_other(shop, push):
    push(b'{"name": "Cart", "customer": {"external_id": "ann"}, "properties": {"note": "\\ud83d\\ude00"}}')

    assert shop.client().get("/api/v1/events").json["items"][0]["properties"] == {"note": "😀"}


def test_a_body_over_the_cap_is_refused(push):
    assert push(b" " * 1_000_001).status_code == 413


def test_a_bomb_of_gzip_is_refused_with_flat_memory(push):
    packer = __import__("zlib").compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b" " * 10_000_000) for _ in range(100)) + packer.flush()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    answer = push(bomb, headers={"Content-Encoding": "gzip"})

    assert answer.status_code == 413
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kB


def test_a_gzip_body_is_read_and_a_cut_one_refused(push):
    packed = gzip.compress(b'{"name": "Cart", "customer": {"external_id": "ann"}}')

    assert push(packed, headers={"Content-Encoding": "gzip"}).status_code == 200
    assert push(packed[:-9], headers={"Content-Encoding": "gzip"}).status_code == 400
    assert push(b"no gzip", headers={"Content-Encoding": "gzip"}).status_code == 400


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", ""])
def test_another_content_type_is_refused(push, kind):
    assert push(b'{"name": "Cart"}', content_type=kind or None).status_code == 415


@pytest.mark.parametrize(
    "change",
    [
        {"message_id": "x" * 256},
        {"occurred_at": "9999-01-01T00:00:00Z"},
        {"occurred_at": -1},
        {"occurred_at": 1_790_000_000_000},
        {"occurred_at": (now() + timedelta(hours=48)).isoformat()},
        {"properties": {str(n): n for n in range(1_001)}},
        {"properties": {"k" * 301: 1}},
        {"workspace_id": 2},
        {"shard": 1},
        {"customer": {}},
        {"name": ""},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_value_out_of_range_is_named(push, change):
    answer = push({"name": "Cart", "customer": ANN} | change)

    assert answer.status_code == 422
    assert answer.json["where"]["field"] == next(iter(change))


def test_proto_is_a_key_like_any_other(shop, push):
    push({"name": "Cart", "customer": ANN, "properties": {"__proto__": {"admin": True}}})

    assert shop.client().get("/api/v1/events").json["items"][0]["properties"] == {"__proto__": {"admin": True}}


def test_an_event_tells_its_final_state_and_what_it_did(shop, push, waiting, engine):
    journey = shop.live(waiting)
    entered = push({"name": "Cart", "customer": ANN}).json["id"]
    refused = push({"name": "Cart", "customer": ANN}).json["id"]
    turn(engine)
    client = shop.client()

    first, second = (client.get(f"/api/v1/events/{id}").json for id in (entered, refused))

    assert first["state"] == second["state"] == "processed"
    assert [(e["kind"], e["journey_id"]) for e in first["effects"]] == [("entered", journey)]
    assert [(e["kind"], e["reason"]["why"]) for e in second["effects"]] == [("refused", "already in")]


def test_without_a_database_nothing_is_acknowledged(config, app, shop, postgres):
    from dataclasses import replace

    import api
    from journey_engine.store.session import engine_for

    url = config.database_url.rsplit("/", 1)[0] + "/gone"
    broken = api.create_app(replace(config, database_url=url), engine_for(url))

    answer = broken.test_client().post("/api/v1/events", json={"name": "Cart"}, headers=shop.key("ingest"))

    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert broken.test_client().get("/readyz").status_code == 503
    assert broken.test_client().get("/healthz").status_code == 200


def test_names_and_properties_of_events_are_offered_while_typing(shop, push):
    push({"name": "Cart", "customer": ANN, "properties": {"sku": "A1", "value": 3}})

    names = shop.client().get("/api/v1/event-names").json["items"]

    assert [(one["name"], sorted(one["properties"])) for one in names] == [("Cart", ["sku", "value"])]
