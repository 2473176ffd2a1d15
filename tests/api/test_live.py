"""The live line: the counts of a watched journey arrive as they change, and only at those who may see them."""

import json
import threading
import time
from dataclasses import replace

import pytest
import redis
from simple_websocket import Client, ConnectionClosed, ConnectionError
from werkzeug.serving import make_server

import api
from journey_engine.pipeline.report import report
from journey_engine.pipeline.turn import turn
from tests.api.conftest import open_shop


class Page:
    """An open page: a WebSocket that speaks Socket.IO. Its `Host` names no port."""

    def __init__(self, port, cookie, origin):
        headers = {"Cookie": f"journey_session={cookie}"} if cookie else {}
        if origin:
            headers["Origin"] = origin
        self.line = Client(f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket", headers=headers)
        self.line.send("40")
        self.opened = self.hear(lambda message: message.startswith(("40", "44")))

    def watch(self, journey):
        self.line.send("420" + json.dumps(["watch", {"journey_id": journey}]))
        return self.hear(lambda message: message.startswith("430"))[3:]

    def counts(self, enough):
        """The next counts in which enough has happened."""

        def fits(message):
            if not message.startswith('42["counts"'):
                return False
            return enough(json.loads(message[2:])[1]["totals"])

        return json.loads(self.hear(fits)[2:])[1]

    def hear(self, fits, within_s=20):
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            message = self.line.receive(until - time.monotonic())
            if message == "2":
                self.line.send("3")
            elif message and fits(message):
                return message
        raise TimeoutError


@pytest.fixture(params=["with Redis", "without Redis"])
def redis_url(request):
    return request.getfixturevalue("valkey_url") if request.param == "with Redis" else "redis://127.0.0.1:1/0"


@pytest.fixture
def served(config, engine, redis_url):
    """A shop whose application listens on a port."""
    app = api.create_app(replace(config, redis_url=redis_url), engine)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    shop = open_shop(app, engine, "tea")
    shop.port, shop.pages = server.server_port, []
    yield shop
    for page in shop.pages:
        page.line.close()
    server.shutdown()
    thread.join()


def cookie(shop):
    return shop.client().get_cookie("journey_session").value


def page(shop, **options):
    opened = Page(shop.port, **{"cookie": cookie(shop), "origin": "http://127.0.0.1"} | options)
    shop.pages.append(opened)
    return opened


def test_the_numbers_of_a_watched_journey_arrive_as_they_change(served, engine, waiting, redis_url):
    journey = served.live(waiting)
    watching = page(served)
    assert watching.watch(journey) == "[{}]"
    assert watching.counts(lambda totals: True)["journey_id"] == journey

    served.tell(name="Cart", customer={"external_id": "ann"})
    moved = turn(engine).journeys
    report(redis.Redis.from_url(redis_url), moved)

    assert watching.counts(lambda totals: totals["entered"] == 1)["totals"]["waiting"] == 1


@pytest.mark.parametrize("redis_url", ["without Redis"], indirect=True)
@pytest.mark.parametrize("change", [{"cookie": ""}, {"origin": "https://evil.example"}, {"origin": ""}], ids=str)
def test_a_page_of_another_site_or_without_a_session_is_not_let_in(served, change):
    try:
        refused = page(served, **change).opened
    except (ConnectionClosed, ConnectionError):
        return
    assert refused.startswith("44")


@pytest.mark.parametrize("redis_url", ["without Redis"], indirect=True)
@pytest.mark.parametrize("journey", ["own other", "x", None])
def test_a_journey_of_another_workspace_cannot_be_watched(served, engine, waiting, journey):
    other = open_shop(served.app, engine, "books")
    foreign = other.live(waiting)

    answer = json.loads(page(served).watch(foreign if journey == "own other" else journey))

    assert answer[0]["code"] == "not_found"


@pytest.mark.parametrize("redis_url", ["without Redis"], indirect=True)
def test_the_first_page_is_kept_up_to_date(served):
    message = page(served).hear(lambda message: message.startswith('42["overview"'))

    assert json.loads(message[2:])[1]["health"]["inbox"] == 0
