"""Turns: nobody is worked by two at once, nobody is lost, one odd customer holds up nobody, a thousand cost little."""

import random
import string
import threading
from datetime import timedelta

import pytest

from journey_engine.config import TRIES
from journey_engine.errors import Unavailable
from journey_engine.ids import shard_of
from journey_engine.nodes import NODES
from journey_engine.pipeline import turn as turning
from journey_engine.pipeline.turn import turn
from journey_engine.store import turns
from journey_engine.store.locks import hold_shards
from journey_engine.store.session import transaction
from journey_engine.store.world import LiveWorld
from tests.engine.test_ingest import kill_everybody
from tests.engine.together import at_once, before_statement, counted
from tests.support.shop import HOOK, MONDAY, SMS, graph, hours, seconds

SEEN, ADDED, BOUGHT = "Product Viewed", "Product Added", "Order Completed"


def one_wait(**settings):
    return graph(
        {"seen": ("event", {"event": SEEN}), "wait": ("wait", {"duration": hours(1)})}, ["seen > wait"], **settings
    )


def six_steps():
    """Event, condition, wait, condition, message, end: what the benchmark walks too."""
    return graph(
        {
            "added": ("event", {"event": ADDED}),
            "known": ("condition", {"rule": {"attribute": "vip", "op": "not_exists"}}),
            "wait": ("wait", {"duration": seconds(1)}),
            "bought": ("condition", {"rule": {"event": BOUGHT, "did": True, "since": "entry"}}),
            "hook": HOOK,
        },
        ["added > known", "known:yes > wait", "wait > bought", "bought:no > hook"],
    )


def crowd(shop, n, name=SEEN):
    shop.tell_many([(f"c{i}", name, {}) for i in range(n)])


def test_workers_at_the_same_time_let_everybody_in_once(shop):
    shop.publish(one_wait())
    crowd(shop, 300)
    crowd(shop, 300)
    at_once(*[lambda: shop.work(batch=50)] * 4)
    assert shop.one("SELECT count(*) FROM enrollments") == 300
    assert shop.one("SELECT sum(count) FROM activity") == 600
    assert shop.one("SELECT count(*) FROM refusals") == 300
    assert shop.one("SELECT count(*) FROM inbox") == 0


def test_a_rush_after_a_quiet_hour_is_taken_out_of_few_pages(shop):
    """Vacuum saw pages without rows, so the planner takes the inbox for empty; nothing may depend on that."""
    crowd(shop, 1_000)
    crowd(shop, 1_000)
    shop.do("ANALYZE inbox")
    shop.do("UPDATE pg_class SET reltuples = 0 WHERE relname LIKE 'inbox%'")
    statement, values = turns.TAKE_INBOX.text, f"ARRAY{list(range(64))}, 100, now(), NULL"
    for number, name in enumerate(("shards", "per_shard", "now", "only"), 1):
        statement = statement.replace(f":{name}", f"${number}")
    with transaction(shop.engine) as tx, tx.connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE take (smallint[], int, timestamptz, uuid[]) AS {statement}")
        answer = cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE take ({values})")
        plan = answer.fetchone()[0][0]["Plan"]
        cursor.execute("DEALLOCATE take")
    assert plan["Actual Rows"] == 2_000
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 8 * 2_000


def test_a_turn_passes_over_a_shard_that_another_one_holds(shop):
    shop.publish(one_wait())
    crowd(shop, 200)
    held = shard_of(shop.customer("c0"))
    with transaction(shop.engine) as other:
        hold_shards(other, [held])
        shop.work()
        left = {row.shard for row in shop.rows("SELECT DISTINCT shard FROM inbox")}
        assert left == {held}
    shop.work()
    assert shop.one("SELECT count(*) FROM enrollments") == 200


def test_without_the_lock_two_turns_would_let_the_same_customer_in_twice(shop, monkeypatch):
    """What the fence is for: with it taken away, both see nobody inside, and the database has to refuse one of them."""
    shop.publish(one_wait())
    shop.tell("ann", SEEN)
    shop.tell("ann", SEEN)
    monkeypatch.setattr(turning, "try_shards", lambda tx, shards: list(shards))
    meeting = threading.Barrier(2)
    entries = LiveWorld.entries

    def meet(world, pairs):
        found = list(entries(world, pairs))
        meeting.wait(5)
        return found

    monkeypatch.setattr(turning, "_set_back", lambda *rest: None)
    monkeypatch.setattr(LiveWorld, "entries", meet)
    monkeypatch.setattr(turns, "take_inbox", peek(turns.take_inbox))
    at_once(*[lambda: turning._turn(shop.engine, shop.now, 10, None, set())] * 2)
    assert shop.one("SELECT count(*) FROM enrollments") == 1


def peek(take):
    """Look at the inbox without taking from it, as two who do not wait for each other would."""

    def looked(tx, *rest):
        point = tx.begin_nested()
        rows = take(tx, *rest)
        point.rollback()
        return rows

    return looked


def test_a_worker_killed_in_mid_turn_loses_nothing_and_repeats_nothing(shop):
    journey = shop.publish(six_steps())
    crowd(shop, 100, ADDED)
    for fragment in ("DELETE FROM inbox", "INSERT INTO activity", "INSERT INTO counts"):
        with before_statement(shop.engine, fragment, lambda: kill_everybody(shop)), pytest.raises(Unavailable):
            turn(shop.engine, shop.now)
        assert shop.one("SELECT count(*) FROM inbox") == 100
        assert shop.one("SELECT count(*) FROM enrollments") == 0
    shop.work()
    shop.wait(seconds=2)
    with before_statement(shop.engine, "UPDATE enrollments", lambda: kill_everybody(shop)), pytest.raises(Unavailable):
        turn(shop.engine, shop.now)
    shop.work()
    assert shop.one("SELECT count(*) FROM messages") == 100
    assert shop.counts(journey)["totals"]["completed"] == 100


def test_a_thousand_customers_cost_a_handful_of_statements(shop):
    shop.publish(six_steps())
    crowd(shop, 1000, ADDED)
    turn(shop.engine, shop.now - timedelta(hours=1))
    with counted(shop.engine) as entering:
        done = turn(shop.engine, shop.now)
    shop.wait(seconds=2)
    with counted(shop.engine) as leaving:
        left = turn(shop.engine, shop.now)
    assert done.events == left.wakes == left.messages == 1000
    assert len(entering) <= 16, entering
    assert len(leaving) <= 16, leaving


def test_events_of_one_customer_are_worked_in_order_even_when_a_batch_ends_between_them(shop):
    shop.publish(
        graph(
            {"seen": ("event", {"event": SEEN, "key": "n"}), "set": ("update_customer", {"changes": [CHANGE]})},
            ["seen > set"],
            reentry={"policy": "one_per_key"},
        )
    )
    for n in range(40):
        shop.tell("ann", "Customer Updated", at=shop.now, last=n)
        shop.tell("ann", SEEN, n=n)
    shop.work(batch=3)
    attributes = shop.one("SELECT attributes FROM customers")
    assert attributes == {"last": 39, "seen": 40}
    rows = shop.rows("SELECT key, visits FROM enrollments ORDER BY fired_at, id")
    assert len(rows) == 40


CHANGE = {"attribute": "seen", "action": "increment", "value": 1}


def test_a_node_that_cannot_answer_for_one_customer_fails_that_one_readably(shop, monkeypatch):
    journey = shop.publish(one_wait())
    crowd(shop, 20)
    visit = NODES["wait"].visit

    def trip(self, visitors, now):
        if any(v.customer.id == odd for v in visitors):
            raise ZeroDivisionError("odd")
        return visit(self, visitors, now)

    odd = shop.customer("c7")
    monkeypatch.setattr(NODES["wait"], "visit", trip)
    shop.work()
    (failed,) = shop.rows("SELECT * FROM enrollments WHERE status = 'failed'")
    assert failed.customer_id == odd
    path = shop.one("SELECT path FROM visits WHERE enrollment_id = :id", id=failed.id)
    assert path[-1]["reason"] == {"why": "failed", "detail": "ZeroDivisionError: odd"}
    totals = shop.counts(journey)["totals"]
    assert (totals["entered"], totals["waiting"], totals["failed"]) == (20, 19, 1)


@pytest.fixture
def poisoned(shop, monkeypatch):
    """A customer whose name cannot be worked in any way; the answer is a switch that makes them well again."""
    sick = set()
    work = turning.apply

    def apply(scene, items):
        if any(item.event.customer_id in sick for item in items):
            raise ValueError("poison")
        work(scene, items)

    monkeypatch.setattr(turning, "apply", apply)
    return sick


def test_one_poisoned_customer_holds_up_nobody_and_is_put_aside_after_some_tries(shop, poisoned):
    shop.publish(one_wait())
    crowd(shop, 50)
    poisoned.add(shop.customer("c9"))
    shop.work()
    assert shop.one("SELECT count(*) FROM enrollments") == 49
    assert shop.rows("SELECT tries, tried_why FROM inbox") == [(1, "ValueError: poison")]
    for _ in range(TRIES):
        shop.wait(minutes=5)
        shop.work()
    (outcome,) = shop.rows("SELECT state, why FROM event_outcomes")
    assert outcome == ("dead_lettered", "ValueError: poison")
    assert shop.one("SELECT count(*) FROM inbox") == 0
    poisoned.clear()
    shop.tell("c9", SEEN)
    shop.work()
    assert shop.one("SELECT count(*) FROM enrollments") == 50


def test_what_a_customer_did_after_the_poisoned_event_waits_and_is_worked_after_it(shop, poisoned):
    shop.publish(one_wait())
    shop.tell("ann", "Broken")
    poisoned.add(shop.customer("ann"))
    shop.work()
    shop.tell("ann", SEEN)
    shop.work()
    assert shop.one("SELECT count(*) FROM enrollments") == 0
    poisoned.clear()
    shop.wait(minutes=5)
    shop.work()
    assert shop.one("SELECT count(*) FROM enrollments") == 1


def test_a_customer_set_back_by_an_event_does_not_time_out_meanwhile(shop, poisoned):
    """The payment came before the timeout; that it had to be tried twice must not turn it into a timeout."""
    until = {"events": [{"id": "paid", "event": "Order Paid"}], "timeout": seconds(60)}
    shop.publish(graph({"b": ("event", {"event": BOUGHT}), "until": ("wait_until_event", until)}, ["b > until"]))
    shop.tell("ann", BOUGHT)
    shop.work()
    shop.wait(seconds=59)
    shop.tell("ann", "Order Paid")
    poisoned.add(shop.customer("ann"))
    shop.work()
    shop.wait(seconds=1)
    shop.work()
    shop.work()
    poisoned.clear()
    shop.wait(minutes=5)
    shop.work()
    assert shop.path(shop.enrollments("ann")[0].id) == "b:next until until:paid end"
    assert not shop.rows("SELECT * FROM event_outcomes")


def test_a_wake_that_cannot_be_worked_is_tried_five_times_then_its_enrollment_fails_and_no_event(shop, monkeypatch):
    journey = shop.publish(one_wait())
    crowd(shop, 5)
    shop.work()
    sick = shop.customer("c3")
    resume = turning.resume

    def trip(scene, enrollments):
        if any(e.customer_id == sick for e in enrollments):
            raise ValueError("bad wake")
        resume(scene, enrollments)

    monkeypatch.setattr(turning, "resume", trip)
    shop.wait(hours=1)
    shop.tell("c3", BOUGHT, at=shop.now - timedelta(minutes=30))
    for tried in range(1, TRIES):
        shop.work()
        (waiting,) = shop.rows("SELECT * FROM enrollments WHERE status = 'waiting'")
        assert waiting.wake_at == shop.now + timedelta(seconds=2 ** (tried - 1)), "each time twice as late"
        shop.wait(minutes=5)
    shop.work()
    assert not shop.rows("SELECT * FROM event_outcomes")
    (failed,) = shop.rows("SELECT * FROM enrollments WHERE status = 'failed'")
    assert failed.customer_id == sick
    assert shop.counts(journey)["totals"] | {"armed": 0} == {
        "entered": 5, "armed": 0, "waiting": 0, "completed": 4, "exited": 0, "failed": 1, "cancelled": 0,
        "moved_in": 0, "moved_out": 0,
    }  # fmt: skip
    assert shop.one("SELECT count FROM activity WHERE name = :name", name=BOUGHT) == 1


def test_a_wake_that_fails_once_goes_on_when_it_is_tried_again(shop, monkeypatch):
    journey = shop.publish(one_wait())
    shop.tell("ann", SEEN)
    shop.work()
    shop.wait(hours=1)
    with monkeypatch.context() as sick:
        sick.setattr(turning, "resume", lambda scene, enrollments: 1 / bool(not enrollments))
        shop.work()
    shop.wait(seconds=1)
    shop.work()
    assert shop.counts(journey)["totals"]["completed"] == 1


def test_a_value_too_large_for_the_database_sets_its_customer_back_not_the_shard(shop, monkeypatch):
    """An index row has 2,704 bytes; what is larger is the data's fault, and to try the batch again would be in vain."""
    shop.publish(one_wait())
    crowd(shop, 5)
    long = "".join(random.Random(7).choices(string.ascii_letters, k=9000))
    sick = shop.customer("c3")
    enroll = turning.enroll

    def bloat(scene, matched):
        entered = enroll(scene, matched)
        for visitor in entered:
            if visitor.customer.id == sick:
                visitor.enrollment.key = long
        return entered

    monkeypatch.setattr(turning, "enroll", bloat)
    shop.work()
    assert shop.one("SELECT count(*) FROM enrollments") == 4
    assert [row.customer_id for row in shop.rows("SELECT customer_id FROM inbox")] == [sick]


def test_a_message_for_a_visit_that_has_one_is_refused_by_the_database(shop):
    shop.publish(graph({"seen": ("event", {"event": SEEN}), "sms": SMS}, ["seen > sms"]))
    shop.tell("ann", SEEN)
    shop.work()
    shop.do(
        "UPDATE enrollments SET status = 'waiting', node_id = 'sms', wake_at = :now, ended_at = NULL, visits = 1",
        now=shop.now,
    )
    shop.wait(seconds=1)
    shop.work()
    assert shop.one("SELECT count(*) FROM messages") == 1


def test_an_inbox_row_whose_event_is_gone_holds_up_nobody(shop):
    shop.publish(one_wait())
    crowd(shop, 10)
    shop.do("DELETE FROM events WHERE customer_id = :id", id=shop.customer("c4"))
    shop.work()
    assert shop.one("SELECT count(*) FROM enrollments") == 9
    assert shop.one("SELECT count(*) FROM inbox") == 0


def test_a_version_that_cannot_be_built_any_more_holds_up_only_its_own_customers(shop):
    journey = shop.publish(one_wait())
    shop.tell("ann", SEEN)
    shop.work()
    shop.publish_again(journey, one_wait())
    shop.do("UPDATE versions SET graph = jsonb_set(graph, '{nodes,0,settings}', '{}') WHERE number = 1")
    turning._cached.clear()
    shop.tell("bob", SEEN)
    shop.tell("ann", SEEN)
    shop.work()
    assert len(shop.enrollments("bob")) == 1


@pytest.mark.parametrize("step_s", [7, 660, 18_000])
def test_however_often_a_worker_looks_the_same_customers_enter(shop, step_s):
    left = {"event": ADDED, "not_events": [BOUGHT], "within": hours(1), "key": "cart"}
    shop.publish(graph({"left": ("absence", left)}, [], reentry={"policy": "one_per_key"}))
    told = [(0, "ann", ADDED, 1), (10, "ann", BOUGHT, 1), (20, "ann", ADDED, 2), (25, "bob", ADDED, 1),
            (75, "ann", ADDED, 2), (85, "bob", BOUGHT, 1), (86, "bob", ADDED, 1), (140, "ann", BOUGHT, 2),
            (147, "bob", BOUGHT, 1)]  # fmt: skip
    looks = [(MONDAY + timedelta(seconds=s), None) for s in range(0, 9 * 3600, step_s)]
    events = [(MONDAY + timedelta(minutes=minute), rest) for minute, *rest in told]
    for shop.now, event in sorted(looks + events, key=lambda one: one[0]):
        if event is None:
            turn(shop.engine, shop.now)
        else:
            who, name, cart = event
            shop.tell(who, name, cart=cart)
    shop.wait(hours=9)
    shop.work()
    entered = [row for row in shop.enrollments() if row.entered_at]
    found = [(shop.who(row.customer_id), row.key, row.fired_at - MONDAY) for row in entered]
    assert found == [("ann", "2", timedelta(minutes=135)), ("bob", "1", timedelta(minutes=146))]


def test_one_customer_with_more_events_than_a_turn_has_time_for_is_worked_in_several(shop, monkeypatch):
    monkeypatch.setattr(turning, "PLAY_S", 0.0)
    settings = {"reentry": {"policy": "one_per_key"}}
    keyed = {"seen": ("event", {"event": SEEN, "key": "sku"}), "wait": ("wait", {"duration": hours(1)})}
    shop.publish(graph(keyed, ["seen > wait"], **settings))
    shop.tell_many([("ann", SEEN, {"sku": f"A{n}"}) for n in range(5)] + [("bob", SEEN, {"sku": "A0"})])

    first = turn(shop.engine, shop.now)

    assert (first.events, first.more) == (2, True)
    assert shop.rows("SELECT DISTINCT key FROM enrollments") == [("A0",)]
    assert shop.one("SELECT count(*) FROM inbox") == 4
    shop.work()
    assert shop.one("SELECT count(*) FROM inbox") == 0
    assert shop.one("SELECT sum(count) FROM activity") == 6
    entered = shop.rows("SELECT key FROM enrollments WHERE customer_id = :ann", ann=shop.customer("ann"))
    assert sorted(row.key for row in entered) == [f"A{n}" for n in range(5)]
