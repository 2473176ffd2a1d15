"""Retention: what is old goes, what somebody live may need stays, and whatever was promised of it still holds."""

import threading
from datetime import timedelta

import pytest

from journey_engine.config import Config, Keep
from journey_engine.errors import ConfigError
from journey_engine.ids import uuid7
from journey_engine.pipeline import forget as forgetting
from journey_engine.pipeline.erase import erase
from journey_engine.pipeline.tick import keep_house
from journey_engine.store import retention
from journey_engine.store.partitions import months_before
from journey_engine.store.session import transaction
from tests.engine.together import counted
from tests.support.shop import HOOK, MONDAY, graph, hours

SEEN, ADDED, BOUGHT = "Product Viewed", "Product Added", "Order Completed"
LONG = {"duration": {"amount": 600, "unit": "days"}}
OF_HISTORY = ("enrollments", "visits", "messages", "deliveries", "receipts", "refusals")
KEPT = Keep()
RECEIPT = "account_id, message_id, kind, provider_ref, workspace_id, shard, at, received_at, matched"


def called(**settings):
    """Whoever sees a product is waited for an hour, and called."""
    nodes = {"seen": ("event", {"event": SEEN}), "wait": ("wait", {"duration": hours(1)}), "hook": HOOK}
    return graph(nodes, ["seen > wait", "wait > hook"], **settings)


def called_and_waiting(rule=None):
    """Whoever sees a product is called, and stays for years; then perhaps a condition is asked."""
    nodes = {"seen": ("event", {"event": SEEN}), "hook": HOOK, "wait": ("wait", LONG)}
    edges = ["seen > hook", "hook > wait"]
    if rule is not None:
        nodes["asked"] = ("condition", {"rule": rule})
        edges.append("wait > asked")
    return graph(nodes, edges)


def send_all(shop):
    """What is queued is sent, with a receipt."""
    shop.do(
        "INSERT INTO deliveries (message_id, attempt, workspace_id, shard, started_at, ended_at) "
        "SELECT id, 1, workspace_id, shard, :now, :now FROM messages WHERE status = 'queued'",
        now=shop.now,
    )
    shop.do(
        f"INSERT INTO receipts ({RECEIPT}) "
        "SELECT account_id, id, 'delivered', '', workspace_id, shard, :now, :now, true FROM messages "
        "WHERE status = 'queued'",
        now=shop.now,
    )
    shop.do("UPDATE messages SET status = 'sent', sent_at = :now, due_at = NULL WHERE status = 'queued'", now=shop.now)


def bring_through(shop, *who):
    for one in who:
        shop.tell(one, SEEN, message_id=f"{one} {shop.now}")
    shop.work()
    shop.wait(hours=1)
    shop.work()
    send_all(shop)


def tidy(shop, keep=KEPT, **span):
    """Time passes and the house is kept."""
    shop.wait(**span)
    keep_house(shop.engine, shop.now, keep)


def sizes(shop, *tables):
    return {table: shop.one(f"SELECT count(*) FROM {table}") for table in tables or OF_HISTORY}


def months(shop):
    with transaction(shop.engine) as tx:
        return months_before(tx, MONDAY + timedelta(days=36_500))


def test_what_ended_thirteen_months_ago_goes_with_everything_that_was_kept_of_it(shop):
    journey = shop.publish(called(reentry={"policy": "never"}))
    bring_through(shop, "ann")
    bring_through(shop, "ann", "bob")
    shop.do(
        "INSERT INTO event_outcomes (event_id, workspace_id, shard, state, at) "
        "SELECT id, workspace_id, shard, 'ignored', received_at FROM events LIMIT 1"
    )
    counts, activity = shop.counts(journey), shop.rows("SELECT * FROM activity ORDER BY 1, 2")
    assert 0 not in sizes(shop).values()

    tidy(shop, days=399)
    assert 0 not in sizes(shop).values(), "a day early"

    tidy(shop, days=35)
    assert set(sizes(shop, *OF_HISTORY, "events", "event_keys", "event_outcomes").values()) == {0}
    assert shop.counts(journey) | {"at": 0} == counts | {"at": 0}
    assert shop.rows("SELECT * FROM activity ORDER BY 1, 2") == activity
    assert shop.one("SELECT count(*) FROM customers") == 2


def test_whoever_is_still_in_a_journey_keeps_everything_about_it(shop):
    shop.publish(called_and_waiting())
    bring_through(shop, "ann")
    before = sizes(shop)
    tidy(shop, days=500)
    assert sizes(shop) == before
    assert shop.one("SELECT count(*) FROM enrollments WHERE wake_at IS NOT NULL") == 1


def test_a_message_is_sent_once_however_long_its_customer_stays(shop):
    shop.publish(called_and_waiting())
    bring_through(shop, "ann")
    message = shop.messages()[0]
    tidy(shop, Keep(35, 35, 35), days=500)
    shop.wait(days=200)
    shop.work()
    assert [row.id for row in shop.messages()] == [message.id], "its id is taken, so the visit cannot send again"


def test_a_message_that_has_not_left_yet_keeps_its_enrollment(shop):
    shop.publish(called())
    shop.tell("ann", SEEN)
    shop.work()
    shop.wait(hours=1)
    shop.work()
    tidy(shop, days=500)
    assert sizes(shop, "messages", "enrollments") == {"messages": 1, "enrollments": 1}
    send_all(shop)
    tidy(shop, days=2)
    assert sizes(shop, "messages", "enrollments") == {"messages": 0, "enrollments": 0}


def test_an_unknown_message_that_will_be_looked_up_stays(shop):
    shop.publish(called())
    bring_through(shop, "ann")
    shop.do("UPDATE messages SET status = 'unknown', due_at = :at", at=shop.now)
    tidy(shop, days=500)
    assert sizes(shop, "messages", "enrollments") == {"messages": 1, "enrollments": 1}


def test_who_may_come_only_once_is_refused_for_ever(shop):
    shop.publish(called(reentry={"policy": "never"}))
    bring_through(shop, "ann")
    tidy(shop, days=500)
    assert shop.enrollments() == []
    shop.tell("ann", SEEN)
    shop.work()
    assert shop.enrollments() == []
    assert [row.reason["why"] for row in shop.rows("SELECT reason FROM refusals")] == ["re-entry"]


def test_who_may_come_again_comes_again(shop):
    shop.publish(called(reentry={"policy": "after_end"}))
    bring_through(shop, "ann")
    tidy(shop, days=500)
    bring_through(shop, "ann")
    bring_through(shop, "ann")
    assert [row.entry_no for row in shop.enrollments()] == [1, 2]
    tidy(shop, days=500)
    assert shop.one("SELECT entries FROM past_entries") == 3


def test_that_a_customer_was_there_survives_a_merge_and_is_erased_with_them(shop):
    shop.publish(called(reentry={"policy": "never"}))
    shop.tell("dan", BOUGHT)
    shop.work()
    dan = shop.customer("dan")
    shop.wait(days=1)
    bring_through(shop, {"anonymous_id": "phone"})
    tidy(shop, days=500)
    shop.tell({"external_id": "dan", "anonymous_id": "phone"}, SEEN)
    shop.work()
    assert shop.enrollments() == []
    assert [row.customer_id for row in shop.rows("SELECT customer_id FROM past_entries")] == [dan]
    erase(shop.engine, shop.workspace, dan)
    assert shop.one("SELECT count(*) FROM past_entries") == 0


def test_batches_are_small_and_a_round_goes_on_where_it_stopped(shop, monkeypatch):
    monkeypatch.setattr(retention, "ROWS", 10)
    shop.publish(called())
    shop.tell_many([(f"c{n}", SEEN, {}) for n in range(25)])
    shop.work()
    shop.wait(hours=1)
    shop.work()
    send_all(shop)
    shop.wait(days=500)
    before, left = shop.now - timedelta(days=400), []
    with transaction(shop.engine) as tx:
        retention.prepare(tx)
    while True:
        with transaction(shop.engine) as tx:
            done = retention.remove_some(tx, retention.ENROLLMENTS, before, shop.now)
        left.append(shop.one("SELECT count(*) FROM enrollments"))
        if not done.more:
            break
    assert left == [15, 5, 0]
    assert shop.one("SELECT count(*) FROM visits") == 0
    assert shop.one("SELECT removed FROM retention WHERE what = 'enrollments'") == 25


def test_a_process_that_is_asked_to_end_stops_after_the_batch_under_way(shop, monkeypatch):
    monkeypatch.setattr(retention, "ROWS", 10)
    shop.publish(called())
    shop.tell_many([(f"c{n}", SEEN, {}) for n in range(25)])
    shop.work()
    shop.wait(hours=1)
    shop.work()
    send_all(shop)
    shop.wait(days=500)
    stopping = threading.Event()
    original = retention.remove_some

    def stop_after(tx, what, *rest):
        done = original(tx, what, *rest)
        if done.removed:
            stopping.set()
        return done

    monkeypatch.setattr(retention, "remove_some", stop_after)
    keep_house(shop.engine, shop.now, KEPT, stopping)
    assert shop.one("SELECT count(*) FROM enrollments") == 15
    keep_house(shop.engine, shop.now, KEPT)
    assert shop.one("SELECT count(*) FROM enrollments") == 0


def test_between_two_rounds_nothing_is_read_but_how_far_they_came(shop):
    shop.publish(called())
    bring_through(shop, "ann")
    tidy(shop, days=500)
    with counted(shop.engine) as seen:
        tidy(shop, hours=1)
    assert not [one for one in seen if "WITH looked AS" in one or "WITH gone AS" in one]
    assert len(seen) < 40


def test_of_two_who_keep_the_house_at_the_same_time_one_removes(shop):
    shop.publish(called())
    bring_through(shop, "ann")
    shop.wait(days=500)
    before = shop.now - timedelta(days=400)
    with transaction(shop.engine) as tx:
        retention.prepare(tx)
    with transaction(shop.engine) as one, transaction(shop.engine) as other:
        assert retention.remove_some(one, retention.ENROLLMENTS, before, shop.now).removed == 1
        assert retention.remove_some(other, retention.ENROLLMENTS, before, shop.now).removed == 0


def test_what_somebody_else_is_changing_is_left_for_the_next_round(shop):
    shop.publish(called())
    bring_through(shop, "ann", "bob")
    shop.wait(days=500)
    with transaction(shop.engine) as other:
        other.exec_driver_sql("SELECT FROM enrollments ORDER BY id LIMIT 1 FOR UPDATE")
        keep_house(shop.engine, shop.now, KEPT)
        assert shop.one("SELECT count(*) FROM enrollments") == 1
    tidy(shop, days=1)
    assert shop.one("SELECT count(*) FROM enrollments") == 0


def test_months_of_events_go_whole_and_the_young_ones_stay(shop):
    for _ in range(16):
        shop.tell("ann", SEEN)
        shop.work()
        tidy(shop, days=30)
    oldest = shop.one("SELECT min(received_at) FROM events")
    assert shop.now - timedelta(days=440) < oldest <= shop.now - timedelta(days=400)
    assert months(shop)[0] == f"events_{oldest:%Y_%m}"
    assert shop.one("SELECT count FROM activity") == 16, "what somebody did is counted for ever"


def test_events_that_arrived_outside_of_all_months_go_too(shop):
    shop.tell("ann", SEEN)
    shop.work()
    old = MONDAY - timedelta(days=900)
    shop.do(
        "INSERT INTO events (id, workspace_id, shard, customer_id, name, occurred_at, received_at) "
        "SELECT :id, workspace_id, shard, customer_id, name, :old, :old FROM events LIMIT 1",
        id=uuid7(old),
        old=old,
    )
    assert shop.one("SELECT count(*) FROM events_other") == 1
    tidy(shop, days=1)
    assert shop.one("SELECT count(*) FROM events_other") == 0
    assert shop.one("SELECT count(*) FROM events") == 1


def test_events_stay_while_somebody_inside_may_be_asked_what_they_said(shop):
    rule = {"event": SEEN, "did": True, "since": "ever", "where": [{"property": "sku", "op": "is", "value": "A1"}]}
    shop.publish(called_and_waiting(rule))
    shop.tell("ann", SEEN, sku="A1")
    shop.work()
    send_all(shop)
    tidy(shop, days=590)
    assert shop.one("SELECT count(*) FROM events") == 1
    shop.wait(days=11)
    shop.work()
    assert shop.path(shop.enrollments()[0].id).endswith("asked:yes end")
    tidy(shop, days=1)
    assert shop.one("SELECT count(*) FROM events") == 0


def test_events_that_are_not_worked_yet_stay(shop):
    journey = shop.publish(called())
    shop.pause(journey)
    shop.tell("ann", SEEN)
    shop.work()
    tidy(shop, days=500)
    assert shop.one("SELECT count(*) FROM events") == 1
    shop.resume(journey)
    shop.work()
    assert [row.status for row in shop.enrollments("ann")] == ["waiting"]


def test_a_month_is_not_dropped_while_somebody_reads_and_nobody_waits_for_it(shop, monkeypatch):
    monkeypatch.setattr(forgetting, "DROP_TRIES", 2)
    monkeypatch.setattr(forgetting, "DROP_AGAIN_S", 0)
    shop.tell("ann", SEEN)
    shop.work()
    shop.wait(days=500)
    with transaction(shop.engine) as reader:
        reader.exec_driver_sql("SELECT FROM events")
        keep_house(shop.engine, shop.now, KEPT)
        assert shop.one("SELECT count(*) FROM events") == 1
    keep_house(shop.engine, shop.now, KEPT)
    assert shop.one("SELECT count(*) FROM events") == 0


def test_a_message_id_is_remembered_for_a_week_however_many_there_are(shop, monkeypatch):
    monkeypatch.setattr(retention, "BLOCKS", 1)
    for n in range(300):
        shop.tell("ann", SEEN, message_id=f"old {n}")
    shop.wait(days=4)
    shop.tell("ann", SEEN, MONDAY, message_id="young")
    assert shop.one("SELECT pg_relation_size('event_keys')") > 2 * 8192
    tidy(shop, days=4)
    assert shop.rows("SELECT message_id FROM event_keys") == [("young",)]
    assert shop.tell("ann", SEEN, MONDAY, message_id="young").status == "duplicate"
    assert shop.tell("ann", SEEN, MONDAY, message_id="old 7").status == "stored"


def test_receipts_of_messages_that_nobody_knows_go(shop):
    shop.do(
        f"INSERT INTO receipts ({RECEIPT}) "
        "SELECT 1, '00000000-0000-0000-0000-000000000000', 'delivered', 'r' || n, 1, 0, :now, :now, false "
        "FROM generate_series(1, 5) n",
        now=shop.now,
    )
    tidy(shop, days=399)
    assert shop.one("SELECT count(*) FROM receipts") == 5
    tidy(shop, days=2)
    assert shop.one("SELECT count(*) FROM receipts") == 0


def test_what_is_kept_for_ever_is_not_looked_at(shop):
    shop.publish(called())
    bring_through(shop, "ann")
    tidy(shop, Keep(None, None, None), days=4000)
    assert 0 not in sizes(shop, "enrollments", "visits", "messages", "events").values()
    with transaction(shop.engine) as tx:
        assert retention.kept_since(tx) is None


def test_messages_may_go_earlier_than_the_histories_they_belong_to(shop):
    shop.publish(called())
    bring_through(shop, "ann")
    tidy(shop, Keep(messages_days=60), days=61)
    assert sizes(shop, "messages", "deliveries", "receipts") == {"messages": 0, "deliveries": 0, "receipts": 0}
    assert sizes(shop, "enrollments", "visits") == {"enrollments": 1, "visits": 2}


def test_since_when_histories_are_whole_is_known_once_something_was_removed(shop):
    shop.publish(called())
    bring_through(shop, "ann")
    tidy(shop, days=300)
    with transaction(shop.engine) as tx:
        assert retention.kept_since(tx) is None
    tidy(shop, days=200)
    with transaction(shop.engine) as tx:
        assert retention.kept_since(tx) == shop.now - timedelta(days=400)


@pytest.mark.parametrize("told", ["34", "0", "-1", "a year", "1e3", "36501", "٤٠٠x"])
def test_a_number_of_days_that_cannot_be_meant_is_refused_with_what_can_be(told):
    with pytest.raises(ConfigError, match="from 35 to 36500, or `forever`"):
        Keep.from_env({"KEEP_HISTORY_DAYS": told})


def test_days_are_set_in_the_environment():
    told = {
        "DATABASE_URL": "postgresql://x",
        "SECRET_KEY": "x",
        "KEEP_EVENTS_DAYS": "forever",
        "KEEP_MESSAGES_DAYS": "90",
    }
    assert Config.from_env(told).keep == Keep(None, 400, 90)
