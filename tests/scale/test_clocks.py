"""A host whose clock is minutes off: its workers wait by the database's clock. Two processes 1 are no rivals."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from itsdangerous import SignatureExpired

from api.cookies import Sessions
from journey_engine.config import Config
from journey_engine.store import counts
from journey_engine.working import Workshop
from tests.engine.together import counted
from tests.support.shop import Shop, graph, seconds

WAIT_S, LONGEST_STINT_S = 60, 4


@pytest.mark.parametrize("off", [timedelta(minutes=5), timedelta(minutes=-5)], ids=["fast", "slow"])
def test_a_worker_whose_clock_is_off_rests_while_everybody_waits(database_url, valkey_url, off):
    shop = Shop(database_url, now=datetime.now(UTC))
    wait = {"seen": ("event", {"event": "Product Viewed"}), "wait": ("wait", {"duration": seconds(WAIT_S)})}
    shop.publish(graph(wait, ["seen > wait"]))
    shop.tell("ann", "Product Viewed")
    shop.work()

    with time_machine.travel(datetime.now(UTC) + off, tick=True), counted(shop.engine) as statements:
        workshop = Workshop(Config(database_url, valkey_url))
        until = threading.Timer(LONGEST_STINT_S, workshop.stopping.set)
        until.start()
        workshop.stint()
        until.cancel()

    assert not workshop.stopping.is_set(), "the stint ended by itself"
    assert len(statements) < 20, "nobody is due, so there is next to nothing to ask"


def test_processes_of_the_same_number_on_two_hosts_count_in_slots_of_their_own(monkeypatch):
    slots = set()
    for host in ("one", "two", "three"):
        monkeypatch.setattr(counts.os, "getpid", lambda: 1)
        monkeypatch.setattr(counts.socket, "gethostname", lambda host=host: host)
        slots.add(counts.process_slot())
    assert len(slots) == 3


def test_a_session_ends_after_its_time_whichever_server_signed_it():
    app = Flask("pages")
    app.secret_key = "a key of tests"
    serializer = Sessions().get_signing_serializer(app)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5)):
        cookie = serializer.dumps({"id": "ann"})

    assert serializer.loads(cookie, max_age=60) == {"id": "ann"}
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=7)), pytest.raises(SignatureExpired):
        serializer.loads(cookie, max_age=60)
