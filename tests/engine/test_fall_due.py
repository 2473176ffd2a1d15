"""What the clock brings: told once, in chunks, however often somebody dies in the middle; kept, merged and erased."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from journey_engine.pipeline import fall_due as stage
from journey_engine.pipeline.erase import erase
from journey_engine.pipeline.fall_due import fall_due
from journey_engine.pipeline.turn import turn
from tests.support.shop import HOOK, Shop, graph, hours

AT_TEN = ("schedule", {"mode": "once", "at": "2025-03-04T10:00"})  # 02:00 UTC
QUIET = ("inactivity", {"events": ["Order Completed"], "days": 30})
MANY = [f"c{number}" for number in range(25)]


def people(shop):
    shop.tell_many([(who, "Order Completed", {}) for who in MANY])
    shop.work()


class Killed(Exception):
    """The process ends here."""


def test_a_fan_out_that_is_killed_in_the_middle_meets_everybody_once(database_url, monkeypatch):
    shop = Shop(database_url)
    people(shop)
    shop.publish(graph({"at": AT_TEN, "hook": HOOK}, ["at > hook"]))
    shop.wait(days=1)
    moving, rounds = stage.store.move_mark, iter(range(40))

    def dying(*arguments):
        if next(rounds) % 2:
            raise Killed()
        return moving(*arguments)

    monkeypatch.setattr(stage.store, "move_mark", dying)
    for _ in range(20):
        with contextlib.suppress(Killed):
            fall_due(shop.engine, shop.now, chunk=4)
    while turn(shop.engine, shop.now).worked:
        pass
    assert len(shop.enrollments()) == len(shop.messages()) == len(MANY)
    assert len({row.customer_id for row in shop.enrollments()}) == len(MANY)


def test_dues_that_are_told_in_chunks_are_told_once_each(database_url):
    shop = Shop(database_url)
    shop.publish(graph({"quiet": QUIET, "hook": HOOK}, ["quiet > hook"]))
    people(shop)
    shop.wait(days=31)
    told = 0
    while (fallen := fall_due(shop.engine, shop.now, chunk=4)).told:
        told += fallen.told
    assert told == len(MANY)
    assert shop.one("SELECT count(*) FROM trigger_dues") == 0


def test_what_falls_due_in_a_pause_happens_when_the_journey_goes_on(database_url):
    shop = Shop(database_url)
    journey = shop.publish(graph({"quiet": QUIET, "hook": HOOK}, ["quiet > hook"]))
    shop.tell("ann", "Order Completed")
    shop.tell("bob", "Order Completed")
    shop.work()
    shop.pause(journey)
    shop.wait(days=31)
    shop.work()
    shop.tell("bob", "Order Completed")
    shop.work()
    assert shop.enrollments() == []
    shop.resume(journey)
    shop.work()
    assert [shop.who(row.customer_id) for row in shop.enrollments()] == ["ann"]
    assert [row.reason["why"] for row in shop.rows("SELECT reason FROM refusals")] == ["active again"]


def test_an_order_that_waits_in_the_queue_comes_before_what_is_told_later(database_url):
    shop = Shop(database_url)
    shop.publish(graph({"quiet": QUIET, "hook": HOOK}, ["quiet > hook"]))
    shop.tell("ann", "Order Completed")
    shop.work()
    shop.wait(days=29)
    shop.tell("ann", "Order Completed")  # nobody works it before the thirty days are over
    shop.wait(days=2)
    shop.work()
    assert shop.enrollments() == []


def test_a_stop_leaves_nothing_that_could_fall_due(database_url):
    shop = Shop(database_url)
    journey = shop.publish(graph({"quiet": QUIET, "at": AT_TEN, "hook": HOOK}, ["quiet > hook", "at > hook"]))
    people(shop)
    shop.stop(journey)
    shop.wait(days=40)
    shop.work()
    assert shop.enrollments() == []
    assert shop.one("SELECT count(*) FROM trigger_dues") == shop.one("SELECT count(*) FROM trigger_marks") == 0


def test_a_new_version_with_the_same_trigger_keeps_what_is_to_come(database_url):
    shop = Shop(database_url)
    drawn = graph({"quiet": QUIET, "hook": HOOK}, ["quiet > hook"])
    journey = shop.publish(drawn)
    people(shop)
    shop.wait(days=29)
    shop.publish_again(journey, graph({"quiet": QUIET}, []))
    shop.wait(days=2)
    shop.work()
    assert len(shop.enrollments()) == len(MANY)
    assert shop.messages() == []


def test_a_trigger_that_is_set_otherwise_begins_anew_from_what_is_known(database_url):
    shop = Shop(database_url)
    journey = shop.publish(graph({"quiet": QUIET, "hook": HOOK}, ["quiet > hook"]))
    people(shop)
    shop.wait(days=20)
    sooner = ("inactivity", {"events": ["Order Completed"], "days": 25})
    longer_ago = ("inactivity", {"events": ["Order Completed"], "days": 10})
    shop.publish_again(journey, graph({"quiet": sooner, "past": longer_ago}, []))
    shop.work()
    assert shop.enrollments() == [], "who was quiet for long before it was published is not met"
    shop.wait(days=6)
    shop.work()
    assert {row.fired_at for row in shop.enrollments()} == {shop.now - timedelta(days=1)}


def test_the_later_moment_counts_when_two_customers_become_one(database_url):
    shop = Shop(database_url)
    shop.publish(graph({"quiet": QUIET, "hook": HOOK}, ["quiet > hook"]))
    shop.tell({"external_id": "ann"}, "Order Completed")
    shop.work()
    shop.wait(days=10)
    shop.tell({"anonymous_id": "x"}, "Order Completed")
    shop.work()
    shop.tell({"external_id": "ann", "anonymous_id": "x"}, "Signed In")
    shop.wait(days=21)
    shop.work()
    assert shop.enrollments() == []
    shop.wait(days=9)
    shop.work()
    assert [shop.who(row.customer_id) for row in shop.enrollments()] == ["ann"]


def test_nothing_is_left_to_come_for_who_is_erased(database_url):
    shop = Shop(database_url)
    shop.publish(graph({"quiet": QUIET, "hook": HOOK}, ["quiet > hook"]))
    shop.tell("ann", "Order Completed")
    shop.work()
    assert shop.one("SELECT count(*) FROM trigger_dues") == 1
    erase(shop.engine, shop.workspace, shop.customer("ann"))
    assert shop.one("SELECT count(*) FROM trigger_dues") == 0


def test_no_place_is_taken_twice_by_turns_that_meet(database_url):
    shop = Shop(database_url)
    limit = {"at_most": 40, "per": "hour", "then": "skip"}
    order = ("event", {"event": "Order Completed"})
    shop.publish(graph({"order": order, "wait": ("wait", {"duration": hours(9)})}, ["order > wait"], volume=limit))
    shop.tell_many([(f"c{number}", "Order Completed", {}) for number in range(300)])

    def work():
        while turn(shop.engine, shop.now, batch=64).worked:
            pass

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(work) for _ in range(2)]:
            done.result()
    shop.work()
    assert len(shop.enrollments()) == 40
    assert shop.one("SELECT count(*) FROM refusals WHERE reason->>'why' = 'volume'") == 260
