"""The demo shop: seeded people and visits, journeys that are made once, traffic that survives a killed server."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

import pytest

from journey_engine import graph, playbooks
from journey_engine.channels.content import render_content
from journey_engine.channels.sms_text import sms_parts
from journey_engine.demo.goods import COUPONS, PRODUCTS
from journey_engine.demo.journeys import LONGEST_S, SHOWN, hurried
from journey_engine.demo.people import REGULARS, person
from journey_engine.demo.traffic import DemoShop
from journey_engine.model.duration import Duration
from journey_engine.pipeline.ingest import read_event
from tests.support.installed import add_key, served
from tests.support.processes import until
from tests.support.shop import Shop

EVENTS = 240


@pytest.fixture
def shop(database_url):
    shop = Shop(database_url, datetime.now(UTC))
    for scope in ("ingest", "admin"):
        add_key(shop.engine, shop.workspace, scope, scope)
    return shop


@pytest.fixture
def server(database_url, valkey_url):
    with served(database_url, valkey_url) as server:
        yield server


def test_the_same_seed_draws_the_same_customers_and_visits():
    def names(seed):
        """What the regulars do; newcomers have numbers that grow with the time of day."""
        told = [(event["name"], event["customer"]) for event in an_hour(seed)[:500]]
        return [one for one in told if int(one[1]["external_id"].split("-")[1]) < REGULARS]

    assert [person(1, n) for n in range(50)] == [person(1, n) for n in range(50)]
    regulars = [names(seed) for seed in (1, 1, 2)]
    assert len(regulars[0]) > 100
    assert regulars[0][:100] == regulars[1][:100] != regulars[2][:100]


def test_no_two_customers_share_an_address():
    people = [person(1, number).identities for number in range(20_000)]
    for kind in ("external_id", "email", "phone"):
        known = [identities[kind] for identities in people if kind in identities]
        assert len(known) == len(set(known))


def test_every_event_of_the_demo_is_taken_by_the_door_and_has_an_id_of_its_own():
    events = an_hour(3)
    assert len({read_event(event).message_id for event in events}) == len(events)


def test_the_demo_is_gentle_and_keeps_only_the_visits_under_way():
    shop = DemoShop(1, "en", began=0.0)
    events = [event for second in range(3600) for event in shop.events_until(float(second), 1_000)]

    assert 2 < len(events) / 3600 < 4
    assert len(shop.under_way) < 60 and len(shop.introduced) <= 400


def test_carts_are_left_ordered_and_emptied():
    fate = Counter(event["name"] for event in an_hour(1))
    carts = {event["properties"]["cart_id"] for event in an_hour(1) if event["name"] == "Cart Updated"}
    assert 0.3 < fate["Order Completed"] / len(carts) < 0.7
    assert fate["Cart Emptied"] and fate["Coupon Used"] < fate["Coupon Issued"] and fate["Customer Registered"]


def test_after_an_outage_the_demo_does_not_catch_up_on_visitors_who_never_came():
    shop = DemoShop(1, "en", began=0.0)
    shop.events_until(10.0, 10_000)
    before = shop.visits
    shop.events_until(36_000.0, 10_000)
    assert shop.visits - before < 10


@pytest.mark.parametrize("id", SHOWN)
@pytest.mark.parametrize("language", playbooks.LANGUAGES)
def test_a_journey_of_the_demo_is_sound_and_never_waits_longer_than_a_minute(id, language):
    drawn = hurried(id, language, {"cart_coupons": str(UUID(int=1))})
    assert [one for one in graph.check(graph.read_shape(drawn)) if one.severity == "error"] == []
    assert max(span.span.total_seconds() for span in durations(drawn)) <= LONGEST_S


@pytest.mark.parametrize("id", SHOWN)
@pytest.mark.parametrize("language", playbooks.LANGUAGES)
def test_an_sms_of_the_demo_is_one_message_with_every_product_and_name(id, language):
    names = {person(1, number).attributes["first_name"] for number in range(300)}
    for node in (node for node in hurried(id, language)["nodes"] if node["kind"] == "send_sms"):
        for item in (product.as_item(language) for product in PRODUCTS):
            for name in (max(names, key=len), min(names, key=len)):
                customer = {"first_name": name, "offer": "BACK24", "welcome_code": "HELLO15"}
                event, told = {"code": COUPONS[0][0], "items": [item]}, {"coupon": "BACK-0F3A9"}
                content = render_content(
                    "sms", node["settings"], {"customer": customer, "event": event, "context": told}
                )
                assert sms_parts(content["text"], content["sign_name"]) == 1, content["text"]


def test_the_demo_publishes_its_journeys_once_and_its_customers_move(shop, server):
    for _ in range(2):
        demo = run_demo(server)
        assert demo.wait(60) == 0, demo.stderr.read()
    shop.now = datetime.now(UTC)
    shop.work()
    shop.wait(seconds=LONGEST_S)
    shop.work()

    statuses = [row.status for row in shop.rows("SELECT status FROM journeys")]
    assert statuses == ["live"] * len(SHOWN)
    assert shop.one("SELECT count(*) FROM events WHERE source <> 'journey'") == 2 * EVENTS
    channels = {row.channel for row in shop.rows("SELECT DISTINCT channel FROM messages")}
    assert channels == {"sms", "email"}
    assert "waiting" in {row.status for row in shop.enrollments()}


def test_a_renamed_journey_of_the_demo_is_not_made_again_nor_in_another_language(shop, server):
    assert run_demo(server, count=1).wait(60) == 0
    shop.do("UPDATE journeys SET name = 'Mine'")
    assert run_demo(server, language="zh").wait(60) == 0
    assert shop.one("SELECT count(*) FROM journeys") == len(SHOWN)
    assert {row.currency for row in shop.rows("SELECT DISTINCT properties ->> 'currency' AS currency FROM events")} == {
        "USD",
        None,
    }


def test_no_event_is_lost_or_doubled_when_the_server_is_killed_while_the_demo_runs(shop, server):
    demo = run_demo(server, speed=30)
    until(lambda: shop.one("SELECT count(*) FROM events WHERE source <> 'journey'") > EVENTS / 4, 30)
    server.stop()
    time.sleep(0.5)
    server.start()

    assert demo.wait(60) == 0, demo.stderr.read()
    assert shop.one("SELECT count(*) FROM events WHERE source <> 'journey'") == EVENTS
    assert shop.one("SELECT count(DISTINCT message_id) FROM events") == EVENTS


def test_the_demo_ends_at_once_when_it_is_told_to(shop, server):
    demo = run_demo(server, count=10**9, speed=1)
    until(lambda: shop.one("SELECT count(*) FROM events WHERE source <> 'journey'") > 0, 30)
    demo.send_signal(signal.SIGTERM)
    began = time.monotonic()
    demo.wait(5)
    assert time.monotonic() - began < 1


def test_a_wrong_key_is_one_sentence_with_the_remedy(shop, server):
    demo = run_demo(server, write_key="wrong")
    assert demo.wait(30) == 1
    said = demo.stderr.read()
    assert "write key" in said and "ready.json" in said and "Traceback" not in said


def an_hour(seed):
    shop = DemoShop(seed, "en", began=0.0)
    return [event for second in range(3600) for event in shop.events_until(float(second), 1_000)]


def durations(value):
    if isinstance(value, list):
        return [found for one in value for found in durations(one)]
    if isinstance(value, dict):
        if value.keys() == {"amount", "unit"}:
            return [Duration.parse(value)]
        return [found for one in value.values() for found in durations(one)]
    return []


def run_demo(server, count=EVENTS, speed=60, write_key="ingest", language="en"):
    keys = ["--write-key", write_key, "--admin-key", "admin"]
    pace = ["--count", str(count), "--speed", str(speed), "--language", language]
    return subprocess.Popen(
        [sys.executable, "-m", "journey_engine.cli", "demo", "--url", server.url, *keys, *pace],
        env=os.environ | {"LC_ALL": "C.UTF-8"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
