"""Client libraries of Segment and RudderStack work as they are, and what they send arrives once."""

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest
from rudderstack.analytics.client import Client as Rudder
from segment.analytics.client import Client as Segment

from tests.api.server import serving


@pytest.fixture
def call(app, shop):
    """Call the door as a library does, with the write key as the name."""
    client = app.test_client()

    def call(path, body, key="tea-ingest", **options):
        return client.post(f"/v1/{path}", json=body, auth=(key, ""), **options)

    return call


def events(shop):
    return shop.client().get("/api/v1/events?limit=200").json["items"]


def identities(shop):
    customers = shop.client().get("/api/v1/customers").json["items"]
    return [{(one["kind"], one["value"]) for one in customer["identities"]} for customer in customers]


@pytest.mark.parametrize("library, packed", [(Segment, False), (Rudder, True)], ids=["Segment", "RudderStack, gzip"])
def test_an_unmodified_library_is_understood(config, shop, library, packed):
    with serving(config) as url:
        client = library(write_key="tea-ingest", host=url, gzip=packed, sync_mode=False, max_retries=3)
        client.identify(user_id="ann", anonymous_id="b-1", traits={"email": "Ann@Example.com", "tier": "gold"})
        client.track(user_id="ann", event="Product Added", properties={"sku": "A1"})
        client.page(anonymous_id="b-2", name="Home")
        client.alias(previous_id="b-2", user_id="ann")
        client.group(user_id="ann", group_id="g1", traits={"plan": "pro"})
        client.screen(user_id="ann", name="Basket")
        client.flush()
        client.join()

    arrived = sorted(event["name"] for event in events(shop))
    assert arrived == [
        "Customer Aliased",
        "Customer Grouped",
        "Customer Updated",
        "Page Viewed",
        "Product Added",
        "Screen Viewed",
    ]
    assert identities(shop) == [
        {("external_id", "ann"), ("anonymous_id", "b-1"), ("anonymous_id", "b-2"), ("email", "ann@example.com")}
    ]


@pytest.mark.parametrize("library", [Segment, Rudder], ids=["Segment", "RudderStack"])
def test_what_was_stored_before_the_server_died_is_sent_again_and_stored_once(config, shop, library, tmp_path):
    marker = tmp_path / "died"
    with serving(config, marker) as url:
        client = library(write_key="tea-ingest", host=url, max_retries=5)
        for number in range(20):
            client.track(user_id="ann", event="Product Viewed", properties={"n": number})
        client.flush()
        client.join()

    assert marker.exists()
    assert sorted(event["properties"]["n"] for event in events(shop)) == list(range(20))


def test_a_wrong_write_key_is_refused(call):
    assert call("track", {"userId": "ann", "event": "Cart"}, key="nobody").status_code == 401


def test_a_call_that_means_nothing_is_refused_in_the_words_libraries_read(call):
    answer = call("track", {"userId": "ann"})

    assert answer.status_code == 400
    assert answer.json["code"] == "event:name" and answer.json["message"]


def test_good_calls_of_a_mixed_batch_are_kept(call, shop):
    good = {"type": "track", "event": "Cart", "userId": "ann"}

    answer = call("batch", {"batch": [good, {"type": "nonsense"}, good | {"event": "Order"}]})

    assert (answer.status_code, answer.json["success"]) == (200, True)
    assert sorted(event["name"] for event in events(shop)) == ["Cart", "Order"]


def test_the_clock_of_a_phone_is_put_right(call, shop):
    hours_fast = datetime.now(UTC) + timedelta(hours=5)
    call(
        "track",
        {
            "userId": "ann",
            "event": "Cart",
            "timestamp": (hours_fast - timedelta(minutes=10)).isoformat(),
            "sentAt": hours_fast.isoformat(),
        },
    )

    happened = datetime.fromisoformat(events(shop)[0]["occurred_at"])
    assert abs(datetime.now(UTC) - timedelta(minutes=10) - happened) < timedelta(seconds=10)


def test_history_that_is_imported_keeps_its_times(call, shop):
    call("import", {"batch": [{"type": "track", "event": "Cart", "userId": "a", "timestamp": "2024-02-03T04:05:06Z"}]})

    assert events(shop)[0]["occurred_at"] == "2024-02-03T04:05:06Z"


def test_a_trait_that_is_no_address_is_still_a_trait(call, shop):
    call("identify", {"userId": "ann", "traits": {"email": "not an address", "phone": "13800138000"}})

    assert identities(shop) == [{("external_id", "ann")}]
    assert events(shop)[0]["properties"]["email"] == "not an address"


def test_an_alias_joins_two_customers_that_were_both_known(call, shop):
    call("track", {"userId": "old", "event": "Cart"})
    call("track", {"userId": "new", "event": "Cart"})

    call("alias", {"userId": "new", "previousId": "old"})

    assert identities(shop) == [{("external_id", "old"), ("external_id", "new")}]


def test_a_browser_that_sends_plain_text_is_understood(app, shop):
    key = base64.b64encode(b"tea-ingest:").decode()
    body = gzip.compress(json.dumps({"anonymousId": "b", "event": "Cart"}).encode())
    headers = {"Authorization": f"Basic {key}", "Content-Encoding": "gzip"}

    answer = app.test_client().post("/v1/track", data=body, headers=headers, content_type="text/plain")

    assert answer.json == {"success": True}
