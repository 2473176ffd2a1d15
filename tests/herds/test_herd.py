"""Thousands wake in the same second: everybody moves on and is written to once, and nobody else notices."""

import time
from datetime import UTC, datetime

import pytest
import requests

from tests.herds.conftest import Herd
from tests.herds.test_rates import busiest_second
from tests.support.installed import Server
from tests.support.processes import until
from tests.support.shop import graph, hours

HERD = 6_000
RATE = 1_500
WAITERS = 500
"""How many enter in one batch while the herd is put together."""


@pytest.fixture
def web(workers, valkey_url):
    server = Server(workers.environment["DATABASE_URL"], valkey_url)
    server.start()
    yield server
    server.stop()


def hold_a_herd(shop, url):
    """A journey in which so many wait for one instant, that is long past when the workers start."""
    hook = ("send_webhook", {"url": url, "body": '{"journey": "Herd"}', "message_class": "marketing"})
    nodes = {"seen": ("event", {"event": "Sale"}), "wait": ("wait", {"duration": hours(1)}), "hook": hook}
    journey = shop.publish(graph(nodes, ["seen > wait", "wait > hook"]), "Herd")
    shop.wait(hours=-2)
    for first in range(0, HERD, WAITERS):
        shop.tell_many([(f"h{n}", "Sale", {}) for n in range(first, first + WAITERS)])
    shop.work()
    waiting = shop.one("SELECT count(*) FROM enrollments WHERE status = 'waiting' AND wake_at < now()")
    assert waiting == HERD
    shop.now = datetime.now(UTC)
    return journey


def test_a_herd_keeps_its_rate_and_holds_up_no_other_workspace_and_no_page(shop, provider, workers, web):
    shop.set(shop.lane, rate_per_s=RATE)
    herd = hold_a_herd(shop, provider.url("herd"))
    other = Herd(shop.engine.url.render_as_string(hide_password=False))
    other_journey = other.journey(provider.url("other"), "Other", "Order Completed")
    workers("turns", 2)
    workers("deliveries", 1)

    slowest, told = 0.0, 0
    until(lambda: shop.one("SELECT count(*) FROM messages WHERE journey_id = :id", id=herd) > 0, 60)
    while len(came(provider, "herd")) < HERD and told < 400:
        other.now = datetime.now(UTC)
        other.tell(f"o{told}", "Order Completed")
        told += 1
        began = time.monotonic()
        assert requests.get(f"{web.url}/readyz", timeout=30).status_code == 200
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.05)
    until(lambda: len(came(provider, "herd")) == HERD and len(came(provider, "other")) == told, 90)

    ids = [one["webhook_id"] for one in provider.journal()]
    assert len(ids) == len(set(ids)) == HERD + told, "everybody once"
    assert busiest_second(came(provider, "herd")) <= RATE
    assert came(provider, "other")[0] < came(provider, "herd")[HERD // 2], "the others did not wait for the herd"
    assert slowest < 10, "pages were answered meanwhile"
    totals = shop.counts(herd)["totals"]
    assert (totals["entered"], totals["completed"], totals["waiting"]) == (HERD, HERD, 0)
    assert other.counts(other_journey)["totals"]["completed"] == told


def came(provider, path):
    return sorted(
        datetime.fromisoformat(one["at"]).timestamp() for one in provider.journal() if one["path"].endswith(path)
    )
