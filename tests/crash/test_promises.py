"""Single promises, each with the engine running: what is killed or taken back at the worst moment costs nothing."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import redis
import requests

from journey_engine.config import Config
from journey_engine.embedded import free_port
from journey_engine.pipeline.deliver import Deliverer, sweep
from journey_engine.store.session import engine_for
from tests.crash.checker import message_of
from tests.crash.drawing import cart_event, one_sms, one_webhook
from tests.crash.engine import Engine, wait_for

BACK_WITHIN_S = 20
"""How long a killed process may take to be of use again on a machine that does much else at the same time."""

SWEPT_WITHIN_S = 60
"""A message that a dead worker was sending is found after 30 s, by a look that is made every 10 s."""

STATUS = """
    SELECT m.status, m.attempts, m.progress FROM messages m JOIN enrollments e ON e.id = m.enrollment_id
    WHERE e.key = %s
"""

IN_DOUBT = "SELECT count(*) FROM messages WHERE status IN ('sending', 'unknown') AND claimed_at < %s"


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    started = Engine(tmp_path_factory.mktemp("promises") / "state", free_port())
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def well_behaved(engine):
    yield
    engine.faults(sms={})


def message_of_cart(engine, cart):
    rows = engine.ask(STATUS, cart)
    return rows[0] if rows else (None, 0, "")


def arrived(engine, cart):
    """How many messages about a cart, or about carts that begin so, were received."""
    return sum(1 for entry in engine.received() if cart in entry.get("text", "") + entry.get("body", ""))


def all_settled(engine, journey):
    statement = "SELECT count(*) FROM messages WHERE journey_id = %s AND status IN ('queued', 'sending')"
    return engine.ask(statement, journey)[0][0] == 0


def test_an_event_sent_again_after_the_web_server_died_before_answering_is_stored_once(engine):
    call = {"type": "track", "event": "Never Heard Before", "userId": "ann", "messageId": "ajs-1"}
    with engine.database() as ours:
        ours.autocommit = False
        ours.execute("LOCK TABLE event_names IN EXCLUSIVE MODE")  # noting a new name comes after the commit
        asking = ThreadPoolExecutor(1).submit(track, engine, call)
        stored = "SELECT count(*) FROM events WHERE message_id = 'ajs-1'"
        assert wait_for(lambda: engine.ask(stored)[0][0] == 1, 10) is not None
        for pid in engine.pids("web"):
            engine.kill(pid)
        with pytest.raises(requests.ConnectionError):
            asking.result(timeout=15)

    assert wait_for(lambda: track(engine, call).status_code == 200, BACK_WITHIN_S) is not None
    assert engine.ask(stored)[0][0] == 1


def track(engine, call):
    return requests.post(engine.url("/v1/track"), json=call, auth=(engine.ready["write_key"], ""), timeout=15)


def test_a_message_that_was_with_the_provider_when_its_worker_was_killed_never_leaves_twice(engine):
    engine.publish("reported", one_sms("Held", "marketing"))
    engine.publish("silent", one_webhook("Held Silently", "marketing", f"{engine.ready['sandbox_url']}/hooks/shop"))
    held = {"accept_then_timeout": 1.0, "hold_s": 60}
    engine.faults(sms=held, webhooks=held)
    engine.push([cart_event("Held", 1, 1, "told"), cart_event("Held Silently", 1, 1, "silent")])
    assert wait_for(lambda: arrived(engine, "told-cart-1") and arrived(engine, "silent-cart-1"), 8) is not None

    for pid in engine.pids("deliveries"):
        engine.kill(pid)
    engine.faults(sms={}, webhooks={})

    assert wait_for(lambda: message_of_cart(engine, "silent-cart-1")[0] != "sending", SWEPT_WITHIN_S) is not None
    assert message_of_cart(engine, "silent-cart-1") == ("unknown", 1, "")
    assert message_of_cart(engine, "told-cart-1") == ("sent", 1, "delivered")
    assert (arrived(engine, "told-cart-1"), arrived(engine, "silent-cart-1")) == (1, 1)


def test_an_answer_that_came_while_the_database_was_away_is_written_when_it_is_back(engine):
    engine.publish("slow", one_sms("Slow", "marketing"))
    engine.faults(sms={"latency_ms": 1_500, "receipt_loss": 1.0})
    engine.push([cart_event("Slow", 1, 1, "slow")])
    assert wait_for(lambda: message_of_cart(engine, "slow-cart-1")[0] == "sending", 10, 0.02) is not None

    time.sleep(1.3)
    engine.kill(engine.pids("postgres")[0])  # the answer comes in 0.2 s, before the database is back

    assert wait_for(lambda: message_of_cart(engine, "slow-cart-1")[0] == "sent", BACK_WITHIN_S) is not None
    assert message_of_cart(engine, "slow-cart-1")[1] == arrived(engine, "slow-cart-1") == 1


def test_an_answer_after_the_worker_was_taken_for_dead_is_still_believed_and_counted_once(engine):
    journey = engine.publish("late answer", one_sms("Late Answer", "marketing"))
    engine.faults(sms={"latency_ms": 2_000, "receipt_loss": 1.0})
    engine.push([cart_event("Late Answer", 1, 1, "late")])
    assert wait_for(lambda: message_of_cart(engine, "late-cart-1")[0] == "sending", 10, 0.02) is not None

    assert sweep(engine_for(engine.tables), datetime.now(UTC) + timedelta(minutes=1)) == 1

    assert message_of_cart(engine, "late-cart-1")[0] == "unknown"
    assert wait_for(lambda: message_of_cart(engine, "late-cart-1")[0] == "sent", 10) is not None
    numbers = engine.call("GET", f"/journeys/{journey}/counts")["messages"]["sms"]
    assert (numbers["queued"], numbers["sent"], numbers["unknown"]) == (1, 1, 0)


def test_an_unknown_sms_is_known_once_the_provider_was_asked(engine):
    journey = engine.publish("asked", one_sms("Asked", "marketing"))
    engine.faults(sms={"accept_then_timeout": 1.0, "hold_s": 60, "receipt_loss": 1.0})
    engine.push([cart_event("Asked", 1, 1, "asked")])
    assert wait_for(lambda: arrived(engine, "asked-cart-1") == 1, 10) is not None
    for pid in engine.pids("deliveries"):
        engine.kill(pid)
    engine.faults(sms={"accept_then_timeout": 0.0})
    sweep(engine_for(engine.tables), datetime.now(UTC) + timedelta(minutes=1))
    assert message_of_cart(engine, "asked-cart-1")[0] == "unknown"

    lane = engine.ask("SELECT account_id FROM messages WHERE journey_id = %s", journey)[0][0]
    allowed = (f"127.0.0.1:{engine.secrets['sandbox_port']}",)
    config = Config(engine.tables, secret_key=engine.secrets["secret_key"], allowed_outgoing=allowed)
    Deliverer(engine_for(engine.tables), config).deliver(lane, datetime.now(UTC) + timedelta(minutes=4))

    assert message_of_cart(engine, "asked-cart-1") == ("sent", 1, "")
    assert arrived(engine, "asked-cart-1") == 1


def test_nothing_leaves_later_than_a_second_after_a_pause_was_answered(engine):
    journey = engine.publish("paused", one_sms("Paused", "marketing"))
    engine.faults(sms={"latency_ms": 100})
    engine.push([cart_event("Paused", n, 1_000, "paused") for n in range(1_000)])
    assert wait_for(lambda: arrived(engine, "paused-cart") > 50, 15) is not None

    engine.call("POST", f"/journeys/{journey}/pause")
    answered = datetime.now(UTC)
    engine.push([cart_event("Paused", n, 1_000, "later") for n in range(100)])
    time.sleep(3)

    left = [datetime.fromisoformat(e["at"]) for e in engine.received() if "paused-cart" in e.get("text", "")]
    assert 50 < len(left) < 1_000
    assert max(left) < answered + timedelta(seconds=1)
    assert arrived(engine, "later-cart") == 0

    engine.faults(sms={"latency_ms": 0})
    engine.call("POST", f"/journeys/{journey}/resume")
    assert wait_for(lambda: arrived(engine, "later-cart") == 100 and all_settled(engine, journey), 30) is not None
    ids = [message_of(entry) for entry in engine.received() if "paused-cart" in entry.get("text", "")]
    assert len(ids) == len(set(ids)) == 1_000


def test_nothing_leaves_after_an_unsubscribe_was_answered(engine):
    journey = engine.publish("unsubscribed", one_sms("Unsubscribed", "marketing"))
    engine.faults(sms={"latency_ms": 400})
    engine.push([cart_event("Unsubscribed", n, 500, "gone") for n in range(500)])
    assert wait_for(lambda: arrived(engine, "gone-cart") > 50, 15) is not None
    waiting = engine.ask(
        "SELECT customer_id::text, replace(id::text, '-', '') FROM messages "
        "WHERE journey_id = %s AND status <> 'sent' ORDER BY due_at DESC, id LIMIT 200",
        journey,
    )

    answered = {}
    for customer, message in waiting[::20]:
        engine.call("POST", f"/customers/{customer}/unsubscribe", {"channel": "sms"})
        answered[message] = datetime.now(UTC)
    engine.faults(sms={"latency_ms": 0})
    assert wait_for(lambda: all_settled(engine, journey), 30) is not None

    left = {message_of(entry): datetime.fromisoformat(entry["at"]) for entry in engine.received()}
    assert [message for message, at in answered.items() if message in left and left[message] > at] == []
    assert any(message not in left for message in answered)


def test_jobs_that_redis_holds_and_nobody_works_keep_nobody_waiting(engine):
    journey = engine.publish("swallowed", one_sms("Swallowed", "transactional"))
    lanes = [row[0] for row in engine.ask("SELECT id FROM accounts")]
    with redis.Redis(port=engine.secrets["valkey_port"], password=engine.secrets["redis_password"]) as valkey:
        valkey.flushall()
        for name in [*(f"turn-{n}" for n in range(16)), *(f"deliver-{lane}" for lane in lanes)]:
            valkey.hset(f"rq:job:{name}", "status", "started")

    engine.push([cart_event("Swallowed", n, 100, "swallowed") for n in range(100)])

    assert wait_for(lambda: arrived(engine, "swallowed-cart") == 100, BACK_WITHIN_S) is not None
    assert wait_for(lambda: all_settled(engine, journey), 5) is not None


def test_all_goes_on_after_redis_was_emptied_and_did_not_answer_for_ten_seconds(engine):
    journey = engine.publish("frozen", one_sms("Frozen", "transactional"))
    (valkey,) = engine.pids("valkey")
    engine.flush_redis()
    os.kill(valkey, signal.SIGSTOP)
    until = time.monotonic() + 10
    pushed = 0
    while time.monotonic() < until:
        engine.push([cart_event("Frozen", n, 500, "frozen") for n in range(pushed, pushed + 20)])
        pushed += 20
        time.sleep(0.5)
    os.kill(valkey, signal.SIGCONT)

    assert pushed >= 200
    assert wait_for(lambda: arrived(engine, "frozen-cart") == pushed, BACK_WITHIN_S) is not None
    assert wait_for(lambda: all_settled(engine, journey), 5) is not None


def test_a_stop_in_order_leaves_no_message_in_doubt(tmp_path):
    port = free_port()
    engine = Engine(tmp_path / "state", port)
    engine.publish("stopped", one_sms("Stopped", "marketing"))
    engine.faults(sms={"latency_ms": 400})
    engine.push([cart_event("Stopped", n, 300, "stopped") for n in range(300)])
    assert wait_for(lambda: arrived(engine, "stopped-cart") > 20, 15) is not None

    engine.stop()
    stopped_at = datetime.now(UTC)
    assert 20 < arrived(engine, "stopped-cart") < 300
    engine = Engine(tmp_path / "state", port)
    try:
        assert engine.ask(IN_DOUBT, stopped_at)[0][0] == 0
        assert wait_for(lambda: arrived(engine, "stopped-cart") == 300, 30) is not None
        assert wait_for(lambda: engine.ask("SELECT count(*) FROM messages WHERE status = 'sent'")[0][0] == 300, 10)
        assert len({message_of(entry) for entry in engine.received()}) == len(engine.received()) == 300
    finally:
        engine.stop()
