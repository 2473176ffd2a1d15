"""Customers: found by any identity, told with every reason, let go in one click, and erased without a trace."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from journey_engine.clock import now
from journey_engine.links import unsubscribe_url
from journey_engine.pipeline.turn import turn
from journey_engine.store import retention
from journey_engine.store.session import transaction

ANN = {"external_id": "ann-1", "email": "ann@example.com", "phone": "+8613800138000"}


@pytest.fixture
def ann(shop):
    """Ann's id, once she put something into the cart."""
    shop.tell(name="Customer Updated", customer=ANN, properties={"name": "Ann", "tier": "gold"})
    event = shop.tell(name="Cart", customer=ANN, properties={"sku": "A1"})
    return shop.client().get(f"/api/v1/events/{event}").json["customer_id"]


@pytest.fixture
def texted(shop, engine, sending, ann):
    """Ann, who was queued an SMS by a live journey."""
    shop.live(sending)
    shop.tell(name="Cart", customer=ANN)
    while turn(engine).worked:
        pass
    return ann


@pytest.mark.parametrize(
    "search", ["ann-1", "ann@example.com", "ANN@example.com", "+8613800138000", "13800138000", "ann@"]
)
def test_a_customer_is_found_by_any_identity_however_it_is_written(shop, ann, search):
    shop.tell(name="Cart", customer={"external_id": "bob"})

    found = shop.client().get("/api/v1/customers", query_string={"search": search}).json["items"]

    assert [one["id"] for one in found] == [ann]


@pytest.mark.parametrize("search", ["nobody", "%", "_", "' OR 1=1 --"])
def test_a_search_that_matches_nobody_finds_nobody(shop, ann, search):
    assert shop.client().get("/api/v1/customers", query_string={"search": search}).json["items"] == []


def test_a_profile_tells_what_is_known(shop, texted):
    profile = shop.client().get(f"/api/v1/customers/{texted}").json

    assert (profile["label"], profile["attributes"]["tier"]) == ("Ann", "gold")
    assert {one["kind"] for one in profile["identities"]} == {"external_id", "email", "phone"}
    assert {one["event"]: one["count"] for one in profile["activity"]}["Cart"] == 2


def test_the_history_tells_every_decision_with_its_reason(shop, texted):
    history = shop.client().get(f"/api/v1/customers/{texted}/history").json["items"]

    kinds = [item["kind"] for item in history]
    path = next(item for item in history if item["kind"] == "visit")["path"]
    assert [item["at"] for item in history] == sorted((item["at"] for item in history), reverse=True)
    assert sorted(set(kinds)) == ["ended", "entered", "event", "message", "visit"]
    assert [(node["kind"], node["exit"]) for node in path] == [("event", "next"), ("send_sms", "next"), ("exit", None)]
    assert path[1]["reason"]["why"] == "sent" and path[1]["title"]["zh"]
    assert all(item["journey"]["name"] == "Journey" for item in history if item["kind"] != "event")


def test_the_history_says_every_reason_as_a_sentence_in_both_languages(shop, texted):
    history = shop.client().get(f"/api/v1/customers/{texted}/history").json["items"]

    reasons = [one for item in history for one in [item, *item.get("path", [])] if one.get("reason")]

    assert reasons
    for one in reasons:
        assert one["said"]["en"] and one["said"]["zh"], one


def test_the_pages_of_a_history_are_the_history(shop, texted):
    path, pages, cursor = f"/api/v1/customers/{texted}/history", [], ""
    while cursor is not None:
        answer = shop.client().get(path, query_string={"limit": 2, "cursor": cursor}).json
        pages += answer["items"]
        cursor = answer["next"]

    assert pages == shop.client().get(path).json["items"]
    assert len(pages) > 4


def test_a_page_says_since_when_the_history_is_kept_once_something_of_it_was_removed(shop, engine, ann):
    assert shop.client().get(f"/api/v1/customers/{ann}").json["kept_since"] is None
    with transaction(engine) as tx:
        retention.prepare(tx)
        retention.note(tx, retention.MESSAGES, 1, datetime(2025, 1, 1, tzinfo=UTC), now())
    assert shop.client().get(f"/api/v1/customers/{ann}").json["kept_since"] is None, "she came later"
    with transaction(engine) as tx:
        retention.note(tx, retention.MESSAGES, 1, now() + timedelta(days=1), now())
    assert shop.client().get(f"/api/v1/customers/{ann}").json["kept_since"] > now().isoformat()


def test_a_merge_is_in_the_history_of_who_survived(shop, ann):
    shop.tell(name="Cart", customer={"anonymous_id": "b-1"})
    shop.tell(name="Cart", customer={"anonymous_id": "b-1", "external_id": "ann-1"})

    history = shop.client().get(f"/api/v1/customers/{ann}/history").json["items"]

    assert [item["kind"] for item in history].count("merged") == 1
    assert [item["kind"] for item in history].count("event") == 4


def test_a_message_tells_why_it_might_go(shop, texted):
    listed = shop.client().get("/api/v1/messages?channel=sms").json["items"]

    message = shop.client().get(f"/api/v1/messages/{listed[0]['id']}").json

    assert (message["status"], message["to"], message["customer"]["label"]) == ("queued", "+8613800138000", "Ann")
    assert {check["check"] for check in message["checks"]} >= {"address", "consent"}
    assert shop.client().get("/api/v1/messages?channel=email").json["items"] == []


def test_a_viewer_sees_addresses_without_their_middle(shop, texted):
    seen = str(shop.client("viewer").get("/api/v1/messages").json) + str(
        shop.client("viewer").get(f"/api/v1/customers/{texted}").json
    )

    assert "13800138000" not in seen and "ann@example.com" not in seen
    assert "a***@example.com" in seen


def test_one_click_unsubscribes_without_signing_in(app, shop, config, engine, texted):
    message = shop.client().get("/api/v1/messages").json["items"][0]["id"]
    link = unsubscribe_url(config, UUID(message), UUID(texted), shop.id, "sms").removeprefix(config.public_url)
    mail_program = app.test_client()

    looked = mail_program.get(link)
    before = shop.client().get(f"/api/v1/messages/{message}").json["status"]
    clicked = mail_program.post(link, data={"List-Unsubscribe": "One-Click"})

    assert (looked.status_code, before, clicked.status_code) == (200, "queued", 200)
    assert b"<script" not in looked.data
    after = shop.client().get(f"/api/v1/messages/{message}").json
    assert (after["status"], after["reason"]) == ("suppressed", "unsubscribed")
    consents = shop.client().get(f"/api/v1/customers/{texted}").json["consents"]
    assert [(one["channel"], one["state"], one["source"]) for one in consents] == [("sms", "withdrawn", "link")]


def test_nobody_is_texted_after_an_unsubscribe(shop, engine, texted):
    queued = len(shop.client().get("/api/v1/messages?status=queued").json["items"])
    shop.client().post(f"/api/v1/customers/{texted}/unsubscribe", json={"channel": "sms"})

    shop.tell(name="Cart", customer=ANN)
    turn(engine)

    statuses = [one["status"] for one in shop.client().get("/api/v1/messages").json["items"]]
    latest = shop.client().get(f"/api/v1/customers/{texted}/history").json["items"]
    path = next(item for item in latest if item["kind"] == "visit")["path"]
    assert queued and statuses == ["suppressed"] * queued
    assert (path[1]["reason"]["why"], path[1]["reason"]["check"]) == ("skipped", "consent")


@pytest.mark.parametrize("token", ["x", "WzEsImEiXQ.aaaa", ""])
def test_a_link_that_nobody_made_unsubscribes_nobody(app, token):
    assert app.test_client().post(f"/u/{token}").status_code in (404, 405)


def test_nothing_of_an_erased_customer_is_left(shop, engine, waiting, texted):
    shop.live(waiting, "Second")
    shop.tell(name="Cart", customer=ANN)
    turn(engine)

    assert shop.client().delete(f"/api/v1/customers/{texted}").status_code == 200

    assert shop.client().get(f"/api/v1/customers/{texted}").status_code == 404
    assert traces(engine, "ann@example.com", "13800138000", "ann-1", texted) == []
    for journey in shop.client().get("/api/v1/journeys").json["items"]:
        totals = journey["counts"]
        assert totals["entered"] == totals["waiting"] + totals["completed"] + totals["exited"] + totals["failed"]
        assert totals["waiting"] == 0


def traces(engine, *words):
    """Tables in which one of the words still stands, anywhere in a row."""
    with engine.begin() as tx:
        tables = tx.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        return [
            (table, word)
            for table in tables
            for word in words
            if tx.scalar(
                text(f'SELECT count(*) FROM "{table}" t WHERE CAST(t AS text) LIKE :word'), {"word": f"%{word}%"}
            )
        ]
