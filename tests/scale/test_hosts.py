"""Two hosts' worth of web servers and workers on one PostgreSQL and one Valkey, with clocks ten minutes apart."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
import redis
import requests
from rq import Worker

from tests.scale.site import OPERATOR, PASSWORD, Relay, Site
from tests.scale.verdict import cart, cart_journey, everything_once

OFF_S = 300


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("site"))
    site.pushed, site.answered = [], {}
    yield site
    site.stop()


@pytest.fixture(scope="module")
def relay(site):
    way = Relay(site.valkey.port)
    yield way
    way.cut()


@pytest.fixture(scope="module")
def hosts(site, relay):
    """The first clock is five minutes slow, the second five minutes fast; the second host has its own way to Valkey."""
    through = site.valkey.url.replace(f":{site.valkey.port}/", f":{relay.port}/")
    one, other = site.host("one", clock_off_s=-OFF_S), site.host("other", clock_off_s=OFF_S, redis_url=through)
    one.web(site.web_port)
    other.web()
    for host in (one, other):
        for queue in ("turns", "turns", "deliveries"):
            host.worker(queue)
    one.ready()
    other.ready()
    site.publish(cart_journey(site.sandbox_url))
    return one, other


def pushed(site, prefix, events, webs):
    carts = [cart(number, prefix) for number in range(events)]
    site.pushed += carts
    site.answered |= site.push(carts, webs)


def test_events_pushed_to_both_hosts_are_worked_and_told_once(site, hosts):
    pushed(site, "both", 1_000, site.webs())

    site.until_it_rests()

    assert everything_once(site, site.answered, site.pushed) == 0


def test_times_are_the_databases_whatever_the_hosts_clocks_say(site, hosts):
    for host, off_s in zip(hosts, (-OFF_S, OFF_S), strict=True):
        told = parsedate_to_datetime(requests.get(f"{host.webs[0]}/healthz", timeout=5).headers["Date"])
        assert abs((told - datetime.now(UTC)).total_seconds() - off_s) < 30, "the hosts' clocks are off"

    columns = {
        "events": "received_at", "events ": "occurred_at", "enrollments": "fired_at", "enrollments ": "entered_at",
        "enrollments  ": "ended_at", "visits": "at", "messages": "queued_at", "messages ": "sent_at",
        "deliveries": "started_at",
    }  # fmt: skip
    for table, column in columns.items():
        ((oldest, newest),) = site.ask(f"SELECT min({column}), max({column}) FROM {table}")
        began = site.ask("SELECT pg_postmaster_start_time()")[0][0]
        assert began < oldest <= newest < datetime.now(UTC), f"{table.strip()}.{column}"
    waited = "SELECT min(b.at - a.at) FROM visits a JOIN visits b USING (enrollment_id) WHERE a.n < b.n"
    assert site.ask(waited)[0][0].total_seconds() >= 2, "nobody is let go before their wait is over"


def test_who_signs_in_at_one_host_is_signed_in_at_the_other(hosts):
    for here, there in (hosts, reversed(hosts)):
        browser = requests.Session()
        login = {"email": OPERATOR, "password": PASSWORD}
        assert browser.post(f"{here.webs[0]}/api/v1/login", json=login, timeout=10).status_code == 200
        assert browser.get(f"{there.webs[0]}/api/v1/me", timeout=10).json()["operator"]["email"] == OPERATOR


def test_workers_of_several_hosts_are_told_apart(site, hosts):
    with redis.Redis.from_url(site.valkey.url) as connection:
        found = Worker.all(connection=connection)

    assert sorted(worker.hostname for worker in found) == ["one"] * 3 + ["other"] * 3
    assert len({worker.name for worker in found}) == 6


def test_a_host_that_lost_redis_goes_on_alone_while_the_others_are_gone(site, hosts, relay):
    one, other = hosts
    relay.cut()
    pushed(site, "cut", 200, site.webs())
    one.power_off()
    pushed(site, "alone", 200, other.webs)

    site.until_it_rests()

    assert everything_once(site, site.answered, site.pushed) <= 32, "at most what one host was calling just then"
