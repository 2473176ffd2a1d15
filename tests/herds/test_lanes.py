"""Who goes first in a lane, and whom a slow or absent provider holds up: nobody else."""

import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from journey_engine.config import Config
from journey_engine.pipeline.calls import Calls, Gate
from journey_engine.pipeline.deliver import BREAK_AFTER, MARKETING_EVERY, Deliverer
from journey_engine.store import outbox
from journey_engine.store.session import transaction
from tests.channels.sink import sink
from tests.support.processes import until
from tests.support.shop import MAIL, SECRET_KEY


def journeys(provider):
    """Which journey each call was of, in the order they came."""
    return [one["body"].split('"')[3] for one in provider.journal()]


def test_one_message_does_not_wait_behind_ten_thousand_of_another_journey(shop, provider, deliverer):
    shop.set(shop.lane, at_once=4)
    shop.queue(shop.journey(provider.url(), "Large"), 10_000)
    shop.queue(shop.journey(provider.url(), "Small"), 1)
    deliverer.deliver(shop.lane, for_s=0.3)
    until(lambda: "Small" in journeys(provider))
    assert journeys(provider).index("Small") < 20
    assert shop.states()["queued"] > 5_000, "most of the others still wait"


def test_journeys_take_turns_whichever_has_more(shop, provider, deliverer):
    shop.set(shop.lane, at_once=1)
    for name, count in (("Large", 400), ("Middle", 40), ("Small", 20)):
        shop.queue(shop.journey(provider.url(), name), count)
    deliverer.deliver(shop.lane)
    first = journeys(provider)[:60]
    assert {name: first.count(name) for name in ("Large", "Middle", "Small")} == {
        "Large": 20,
        "Middle": 20,
        "Small": 20,
    }


def test_what_customers_wait_for_goes_before_marketing_which_still_gets_its_share(shop, provider, deliverer):
    shop.set(shop.lane, at_once=1)
    shop.queue(shop.journey(provider.url(), "News"), 100, "marketing")
    shop.queue(shop.journey(provider.url(), "Code"), 60, "otp")
    deliverer.deliver(shop.lane)
    first = journeys(provider)[:80]
    assert first.count("Code") == 60
    assert first.count("News") == 80 // MARKETING_EVERY


def test_a_claim_reads_no_more_of_a_long_queue_than_it_takes(shop, provider):
    for number in range(5):
        shop.queue(shop.journey(provider.url(), f"J{number}"), 2_000)
    with shop.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE messages"))
    before = read_of_messages(shop)
    with transaction(shop.engine) as tx:
        rows = outbox.claimable(tx, shop.lane, datetime.now(UTC) + timedelta(minutes=1), 16)
        assert len(rows) == 16
    with transaction(shop.engine) as tx:
        assert outbox.lanes_with_work(tx, datetime.now(UTC) + timedelta(minutes=1)) == [shop.lane]
    assert 16 <= read_of_messages(shop) - before < 100, "of 10,000"


def read_of_messages(shop):
    """Rows of the table that were looked at so far, by index or without; what was counted is told after a commit."""
    shop.rows("SELECT pg_stat_force_next_flush()")
    read = "SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables"
    return shop.one(f"{read} WHERE relname = 'messages'")


def test_a_host_that_does_not_answer_holds_up_no_other_host_of_its_lane(shop, provider):
    release = threading.Event()
    with sink() as slow:
        slow.before_answer = release.wait
        allowed = (f"127.0.0.1:{provider.port}", f"127.0.0.1:{slow.port}")
        deliverer = Deliverer(shop.engine, Config(secret_key=SECRET_KEY, allowed_outgoing=allowed))
        slow_journey = shop.journey(slow.url(), "Slow")
        shop.queue(slow_journey, 300)
        shop.queue(shop.journey(provider.url(), "Quick"), 300)
        serving = threading.Thread(target=deliverer.deliver, args=(shop.lane,))
        serving.start()
        until(lambda: len(provider.journal()) == 300, 30)
        under_way = shop.states(journey_id=slow_journey).get("sending", 0)
        release.set()
        serving.join(60)
    assert 0 < under_way <= 32, "its share, and no more lie in doubt if the worker dies"
    assert shop.states() == {"sent": 600}


def test_a_slow_provider_keeps_no_connection_to_the_database(shop, provider):
    release = threading.Event()
    with sink() as slow:
        slow.before_answer = release.wait
        deliverer = Deliverer(shop.engine, Config(secret_key=SECRET_KEY, allowed_outgoing=(f"127.0.0.1:{slow.port}",)))
        shop.queue(shop.journey(slow.url(), "Slow"), 40)
        serving = threading.Thread(target=deliverer.deliver, args=(shop.lane,))
        serving.start()
        until(lambda: shop.states().get("sending", 0) == 32)
        until(lambda: shop.engine.pool.checkedout() == 0)
        release.set()
        serving.join(60)
    assert shop.states() == {"sent": 40}


def test_a_provider_out_of_reach_is_left_alone_and_tried_with_a_single_message(shop, relay):
    settings = {"host": "127.0.0.1", "port": relay.port, "security": "none", "from_address": "shop@mail.example"}
    lane = shop.add_lane("Relay", "smtp", "email", **settings)
    shop.queue(shop.journey("", "Mails", hook=MAIL), 100, lane=lane, channel="email")
    deliverer, at = Deliverer(shop.engine, Config(secret_key=SECRET_KEY)), datetime.now(UTC)
    relay.fail()
    deliverer.deliver(lane, at)
    tried = attempts(shop)
    assert BREAK_AFTER <= tried < 60, "of 100"
    broken = shop.rows("SELECT broken_at, broken_why, probe_at FROM accounts WHERE id = :id", id=lane)[0]
    assert broken.broken_at and "not_sent" in broken.broken_why
    deliverer.deliver(lane, at)
    assert attempts(shop) == tried, "nothing is tried until it is time"
    deliverer.deliver(lane, broken.probe_at)
    assert attempts(shop) == tried + 1
    relay.mend()
    deliverer.deliver(lane, broken.probe_at + timedelta(minutes=2))
    assert shop.one("SELECT broken_at FROM accounts WHERE id = :id", id=lane) is None
    assert shop.states() == {"sent": 100}


def attempts(shop):
    return shop.one("SELECT count(*) FROM deliveries")


def test_a_workspace_with_many_slow_lanes_leaves_calls_for_the_others():
    calls = Calls(most=100)
    greedy = [calls.take(1, 32, at_least=1) for _ in range(20)]
    assert sum(greedy) <= 70
    assert calls.take(2, 20) >= 8
    assert calls.take(3, 1) == 1
    assert all(taken >= 1 for taken in greedy), "a lane without any call may always make one"


def test_lanes_reach_the_database_workspace_by_workspace():
    gate, order, inside = Gate(width=1), [], threading.Event()

    def lane(workspace):
        with gate.passing(workspace):
            order.append(workspace)

    with gate.passing(0):
        waiting = []
        for workspace in (1, 1, 1, 1, 2):
            thread = threading.Thread(target=lane, args=(workspace,))
            thread.start()
            waiting.append(thread)
            until(lambda: sum(map(len, gate._waiting.values())) == len(waiting))
        inside.set()
    for thread in waiting:
        thread.join(10)
    assert order.index(2) == 1, "after one lane of the workspace that came first"


def test_pausing_one_journey_reads_nothing_of_the_others_queues(shop, provider):
    for number in range(5):
        shop.queue(shop.journey(provider.url(), f"J{number}"), 2_000)
    small = shop.journey(provider.url(), "Small")
    shop.queue(small, 10)
    with shop.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE messages"))
    for change in (shop.pause, shop.resume, shop.stop):
        before = read_of_messages(shop)
        change(small)
        assert 10 <= read_of_messages(shop) - before < 200, "of 10,010"
    assert shop.states(journey_id=small) == {"suppressed": 10}
