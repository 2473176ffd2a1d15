"""Handovers: published over customers, everybody is where the dialogue said; nobody is lost, doubled or held up."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import text

from journey_engine.errors import Invalid, Unavailable
from journey_engine.ids import shard_of
from journey_engine.model.handover import Handover, place_of
from journey_engine.nodes import NODES
from journey_engine.pipeline import control, handover
from journey_engine.pipeline.preview import preview
from journey_engine.pipeline.turn import turn
from journey_engine.store import handovers, journeys
from journey_engine.store.locks import hold_shards
from journey_engine.store.session import transaction
from tests.engine.test_ingest import kill_everybody
from tests.engine.together import before_statement, counted
from tests.support.shop import HOOK, MONDAY, SMS, graph, hours, minutes

SEEN, ADDED, BOUGHT, CLEARED = "Product Viewed", "Product Added", "Order Completed", "Cart Cleared"
ANN = "ann@shop.example"


def days(amount):
    return {"amount": amount, "unit": "days"}


def two_waits(first=None, second=None, **more):
    """Seen, a wait, a message, another wait."""
    nodes = {"seen": ("event", {"event": SEEN}), "wait": ("wait", {"duration": first or days(3)}), "hook": HOOK}
    nodes |= {"later": ("wait", {"duration": second or days(3)}), **more}
    return graph(nodes, ["seen > wait", "wait > hook", "hook > later"])


def left(**settings):
    own = {"event": ADDED, "not_events": [BOUGHT], "within": hours(2), "key": "cart", "restart": True} | settings
    return graph({"left": ("absence", own), "hook": HOOK}, ["left > hook"], reentry={"policy": "one_per_key"})


def publish(shop, journey, drawing, standing="move", **targets):
    with transaction(shop.engine) as tx:
        revision = journeys.one(tx, shop.workspace, journey)["draft_revision"]
        revision = journeys.save_draft(tx, shop.workspace, journey, revision, drawing, None)
    allowed = ("127.0.0.1:1",)
    return control.publish(shop.engine, shop.workspace, journey, revision, ANN, allowed, standing, targets)


def crowd(shop, n):
    shop.tell_many([(f"c{i}", SEEN, {}) for i in range(n)])
    shop.work()


def stand(shop):
    """Where everybody stands: version, node, status, and the hours until they wake."""
    rows = shop.rows(
        "SELECT v.number, e.node_id, e.status, e.wake_at, count(*) AS n FROM enrollments e "
        "JOIN versions v ON v.id = e.version_id GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
    )
    return [
        (r.number, r.node_id, r.status, r.wake_at and (r.wake_at - shop.now) / timedelta(hours=1), r.n) for r in rows
    ]


def conserved(shop):
    """In every version those who entered or were moved in wait, have ended, or were moved out."""
    rows = shop.rows("SELECT version_id, what, sum(n)::int AS n FROM counts WHERE node_id = '' GROUP BY 1, 2")
    counts = {}
    for row in rows:
        counts.setdefault(row.version_id, {})[row.what] = row.n
    for told in counts.values():
        came, went = (
            sum(told.get(what, 0) for what in whats)
            for whats in (("entered", "moved_in"), ("waiting", "completed", "exited", "failed", "moved_out"))
        )
        assert came == went, told
    for status in ("waiting", "armed"):
        found = dict(shop.rows("SELECT version_id, count(*) FROM enrollments WHERE status = :s GROUP BY 1", s=status))
        assert {id: told[status] for id, told in counts.items() if told.get(status)} == found
    standing = shop.rows("SELECT version_id, node_id, count(*) FROM enrollments WHERE status = 'waiting' GROUP BY 1, 2")
    nodes = shop.rows(
        "SELECT version_id, node_id, sum(n)::int FROM counts WHERE what = 'waiting' AND node_id <> '' "
        "GROUP BY 1, 2 HAVING sum(n) <> 0"
    )
    assert sorted(map(tuple, nodes)) == sorted(map(tuple, standing))


def test_who_is_moved_waits_on_from_when_they_came_as_long_as_the_new_version_says(shop):
    journey = shop.publish(two_waits())
    crowd(shop, 50)
    shop.wait(hours=20)

    publish(shop, journey, two_waits(first=days(2)))
    shop.work()

    assert stand(shop) == [(2, "wait", "waiting", 28.0, 50)]
    assert shop.one("SELECT count(*) FROM moves") == 0
    shop.wait(hours=28)
    shop.work()
    assert stand(shop) == [(2, "later", "waiting", 72.0, 50)]
    assert shop.one("SELECT count(*) FROM messages") == 50
    conserved(shop)


def test_a_wait_shortened_to_less_than_has_passed_lets_them_go_at_once(shop):
    journey = shop.publish(two_waits())
    crowd(shop, 5)
    shop.wait(hours=20)

    publish(shop, journey, two_waits(first=hours(6)))
    shop.work()

    assert stand(shop) == [(2, "later", "waiting", 72.0, 5)]
    assert shop.path(shop.enrollments("c1")[0].id) == "seen:next wait wait wait wait:next hook:next later"
    conserved(shop)


def test_the_history_says_who_moved_a_customer_from_where_to_where(shop):
    journey = shop.publish(two_waits())
    shop.tell("ann", SEEN)
    shop.work()

    publish(shop, journey, two_waits(first=days(2)))
    shop.work()

    (row,) = shop.rows("SELECT v.cause, v.path, w.number FROM visits v JOIN versions w ON w.id = v.version_id "
                       "WHERE v.cause ->> 'why' = 'published'")  # fmt: skip
    moved = {"why": "moved", "from": {"version": 1, "node": "wait"}, "to": {"version": 2, "node": "wait"}, "by": ANN}
    assert (row.cause, row.number) == ({"why": "published", "version": 2}, 2)
    assert row.path[0] == {"n": 3, "node": "wait", "exit": None, "reason": moved}
    assert row.path[1]["reason"]["why"] == "wait"


def test_those_at_a_deleted_node_go_where_they_are_sent(shop):
    journey = shop.publish(two_waits())
    crowd(shop, 20)
    shop.wait(hours=1)
    new = graph({"seen": ("event", {"event": SEEN}), "hook": HOOK}, ["seen > hook"])

    publish(shop, journey, new, wait="hook")
    shop.work()

    assert stand(shop) == [(2, "end", "completed", None, 20)]
    assert shop.one("SELECT count(*) FROM messages") == 20
    conserved(shop)


def test_a_wait_that_takes_the_place_of_a_deleted_one_counts_from_when_they_came_never_double(shop):
    journey = shop.publish(two_waits())
    crowd(shop, 3)
    shop.wait(hours=20)
    new = graph({"seen": ("event", {"event": SEEN}), "pause": ("wait", {"duration": days(1)})}, ["seen > pause"])

    publish(shop, journey, new, wait="pause")
    shop.work()

    assert stand(shop) == [(2, "pause", "waiting", 4.0, 3)]


def test_a_deleted_node_without_a_target_is_refused_by_name_and_nothing_changes(shop):
    journey = shop.publish(two_waits())
    crowd(shop, 7)
    new = graph({"seen": ("event", {"event": SEEN}), "hook": HOOK}, ["seen > hook"])

    with pytest.raises(Invalid) as refused:
        publish(shop, journey, new)

    assert (refused.value.code, refused.value.where) == ("publish:targets", {"nodes": ["wait"]})
    assert "7 customers" in refused.value.message and "Wait 3 days (7)" in refused.value.message
    assert "等待 3 天（7）" in refused.value.text.zh
    assert stand(shop) == [(1, "wait", "waiting", 72.0, 7)]


def test_nobody_is_sent_to_a_node_that_is_not_there(shop):
    journey = shop.publish(two_waits())
    with pytest.raises(Invalid) as refused:
        publish(shop, journey, two_waits(first=days(2)), later="nowhere")
    assert (refused.value.code, refused.value.where) == ("publish:target", {"nodes": ["nowhere"]})
    with pytest.raises(Invalid):
        publish(shop, journey, two_waits(first=days(2)), later="seen")


def test_a_deleted_node_may_lead_out_of_the_journey(shop):
    journey = shop.publish(two_waits())
    crowd(shop, 4)
    new = graph({"seen": ("event", {"event": SEEN}), "hook": HOOK}, ["seen > hook"])

    publish(shop, journey, new, wait=None)
    shop.work()

    assert stand(shop) == [(1, "wait", "exited", None, 4)]
    assert shop.one("SELECT DISTINCT end_reason FROM enrollments") == "moved out"
    assert shop.one("SELECT count(*) FROM messages") == 0
    conserved(shop)


def test_with_exit_everybody_in_older_versions_leaves_and_new_ones_enter(shop):
    journey = shop.publish(two_waits())
    crowd(shop, 30)

    publish(shop, journey, two_waits(first=hours(1)), "exit")
    shop.tell("ann", SEEN)
    shop.tell("c3", SEEN)
    shop.work()

    assert stand(shop) == [(1, "wait", "exited", None, 30), (2, "wait", "waiting", 1.0, 2)]
    conserved(shop)


def test_with_finish_nobody_is_touched(shop):
    journey = shop.publish(two_waits())
    crowd(shop, 3)

    publish(shop, journey, two_waits(first=hours(1)), "finish")
    shop.work()

    assert stand(shop) == [(1, "wait", "waiting", 72.0, 3)]
    assert shop.one("SELECT count(*) FROM moves") == 0


def test_customers_pass_through_a_node_that_was_disabled_under_them(shop):
    journey = shop.publish(two_waits())
    crowd(shop, 3)
    new = two_waits()
    next(node for node in new["nodes"] if node["id"] == "wait")["disabled"] = True

    publish(shop, journey, new)
    shop.work()

    assert stand(shop) == [(2, "later", "waiting", 72.0, 3)]
    conserved(shop)


def test_a_node_that_became_another_kind_is_visited_anew(shop):
    journey = shop.publish(two_waits())
    crowd(shop, 3)

    publish(shop, journey, two_waits(wait=("update_customer", {"changes": [CHANGE]})))
    shop.work()

    assert stand(shop) == [(2, "later", "waiting", 72.0, 3)]
    assert shop.one("SELECT count(*) FROM customers WHERE attributes = '{\"seen\": 1}'") == 3


CHANGE = {"attribute": "seen", "action": "increment", "value": 1}


def test_an_event_after_the_publication_meets_the_new_version_though_nobody_was_looked_for_yet(shop, monkeypatch):
    until = {"events": [{"id": "paid", "event": BOUGHT}], "timeout": days(3)}
    old = graph({"seen": ("event", {"event": SEEN}), "until": ("wait_until_event", until)}, ["seen > until"])
    new = graph({"seen": ("event", {"event": SEEN}),
                 "until": ("wait_until_event", until | {"events": [{"id": "paid", "event": CLEARED}]})},
                ["seen > until"])  # fmt: skip
    journey = shop.publish(old)
    crowd(shop, 2)
    monkeypatch.setattr(control, "see_to_handovers", lambda engine: None)

    publish(shop, journey, new)
    shop.tell("c0", BOUGHT)
    shop.tell("c1", CLEARED)
    shop.work()

    assert stand(shop) == [(2, "end", "completed", None, 1), (2, "until", "waiting", 72.0, 1)]
    conserved(shop)


def test_whoever_nobody_touches_is_found_later_even_when_the_publisher_died_after_its_answer(shop, monkeypatch):
    journey = shop.publish(two_waits())
    crowd(shop, 40)
    with monkeypatch.context() as dying:
        dying.setattr(control, "see_to_handovers", lambda engine: None)
        publish(shop, journey, two_waits(first=days(2)))
    shop.work()
    assert stand(shop) == [(1, "wait", "waiting", 72.0, 40)]

    monkeypatch.setattr(handover, "GATHER", 7)
    assert handover.see_to_handovers(shop.engine)
    shop.work()

    assert stand(shop) == [(2, "wait", "waiting", 48.0, 40)]
    assert not handover.see_to_handovers(shop.engine)
    assert shop.one("SELECT count(*) FROM versions WHERE settled_at IS NOT NULL") == 1
    conserved(shop)


def test_a_worker_killed_while_it_hands_over_leaves_nobody_half_moved(shop):
    journey = shop.publish(two_waits())
    crowd(shop, 60)
    publish(shop, journey, two_waits(first=hours(1)))
    shop.wait(hours=2)
    for fragment in ("DELETE FROM moves", "UPDATE enrollments", "INSERT INTO counts"):
        with before_statement(shop.engine, fragment, lambda: kill_everybody(shop)), pytest.raises(Unavailable):
            turn(shop.engine, shop.now)
        assert shop.one("SELECT count(*) FROM moves") == 60
        assert stand(shop) == [(1, "wait", "waiting", 70.0, 60)]
    shop.work()
    assert stand(shop) == [(2, "later", "waiting", 72.0, 60)]
    assert shop.one("SELECT count(*) FROM messages") == 60
    conserved(shop)


def test_a_publication_is_all_or_nothing(shop):
    journey = shop.publish(two_waits())
    crowd(shop, 5)
    with before_statement(shop.engine, "UPDATE journeys SET", lambda: kill_everybody(shop), times=2):
        with transaction(shop.engine) as tx:
            tx.execute(text("SELECT 1"))
        with pytest.raises(Unavailable):
            control.publish(shop.engine, shop.workspace, journey, 1, ANN, ("127.0.0.1:1",), "exit")
    shop.work()
    assert stand(shop) == [(1, "wait", "waiting", 72.0, 5)]
    assert shop.one("SELECT count(*) FROM versions") == 1


def test_a_shard_that_is_held_is_handed_over_later(shop):
    journey = shop.publish(two_waits())
    crowd(shop, 100)
    publish(shop, journey, two_waits(first=days(2)))
    held = shard_of(shop.customer("c0"))
    with transaction(shop.engine) as other:
        hold_shards(other, [held])
        shop.work()
        assert {row.shard for row in shop.rows("SELECT shard FROM moves")} == {held}
    shop.work()
    assert stand(shop) == [(2, "wait", "waiting", 48.0, 100)]


def test_one_customer_whom_the_new_version_cannot_take_fails_readably_and_holds_up_nobody(shop, monkeypatch):
    journey = shop.publish(two_waits())
    crowd(shop, 20)
    visit, odd = NODES["wait"].visit, shop.customer("c7")

    def trip(self, visitors, now):
        if any(visitor.customer.id == odd for visitor in visitors):
            raise ZeroDivisionError("odd")
        return visit(self, visitors, now)

    monkeypatch.setattr(NODES["wait"], "visit", trip)
    publish(shop, journey, two_waits(first=days(2)))
    shop.work()

    assert stand(shop) == [(2, "wait", "failed", None, 1), (2, "wait", "waiting", 48.0, 19)]
    conserved(shop)


def test_nobody_is_handed_over_while_the_journey_is_paused(shop):
    journey = shop.publish(two_waits())
    crowd(shop, 6)
    shop.pause(journey)

    assert publish(shop, journey, two_waits(first=hours(1)))["status"] == "paused"
    shop.wait(hours=2)
    shop.work()
    assert stand(shop) == [(1, "wait", "waiting", 70.0, 6)]

    control.resume(shop.engine, shop.workspace, journey, now=shop.now)
    shop.work()
    assert stand(shop) == [(2, "later", "waiting", 72.0, 6)]
    conserved(shop)


def test_what_was_published_before_is_carried_out_before_what_is_published_after(shop, monkeypatch):
    """Those of the first version were never looked for when a third one lets the second one's finish there."""
    journey = shop.publish(two_waits())
    crowd(shop, 3)
    monkeypatch.setattr(control, "see_to_handovers", lambda engine: None)
    pause = graph({"seen": ("event", {"event": SEEN}), "pause": ("wait", {"duration": days(1)})}, ["seen > pause"])
    publish(shop, journey, pause, wait="pause")
    with pytest.raises(Invalid):
        publish(shop, journey, two_waits())
    publish(shop, journey, two_waits(), "finish")
    assert [(row["version"], row["node"]) for row in previewed(shop, journey)["standing"]] == [(2, "pause")]

    handover.see_to_handovers(shop.engine)
    shop.work()

    assert stand(shop) == [(2, "pause", "waiting", 24.0, 3)]
    conserved(shop)


def previewed(shop, journey):
    with transaction(shop.engine) as tx:
        one = journeys.one(tx, shop.workspace, journey)
        return preview(tx, one, one["draft"])


def test_the_preview_says_who_stands_where_and_all_are_there_afterwards(shop):
    journey = shop.publish(two_waits(first=hours(1)))
    crowd(shop, 30)
    shop.wait(hours=1)
    shop.work()
    shop.tell_many([(f"d{i}", SEEN, {}) for i in range(12)])
    shop.work()
    new = graph({"seen": ("event", {"event": SEEN}), "wait": ("wait", {"duration": minutes(30)})}, ["seen > wait"])
    with transaction(shop.engine) as tx:
        journeys.save_draft(tx, shop.workspace, journey, 1, new, None)

    told = previewed(shop, journey)

    assert [(s["version"], s["node"], s["waiting"], s["deleted"]) for s in told["standing"]] == [
        (1, "later", 30, True), (1, "wait", 12, False)]  # fmt: skip
    assert [one["node"] for one in told["diff"]["removed"]] == ["hook", "later"]
    assert told["diff"]["timing"][0]["after"]["en"] == "Wait 30 minutes"
    control.publish(shop.engine, shop.workspace, journey, 2, ANN, (), "move", {"later": "wait"})
    shop.work()
    assert stand(shop) == [(2, "wait", "waiting", 0.5, 42)]
    conserved(shop)


def test_rolling_back_publishes_an_older_version_again_and_leaves_the_draft(shop):
    journey = shop.publish(two_waits())
    publish(shop, journey, two_waits(first=days(9)), "finish")
    crowd(shop, 4)

    told = control.rollback(shop.engine, shop.workspace, journey, 1, ANN, ("127.0.0.1:1",), "move")
    shop.work()

    assert told == {"version": 3, "status": "live"}
    assert stand(shop) == [(3, "wait", "waiting", 72.0, 4)]
    rows = shop.rows("SELECT number, graph FROM versions ORDER BY number")
    assert rows[0].graph == rows[2].graph != rows[1].graph
    assert shop.one("SELECT draft #>> '{nodes,1,settings,duration,amount}' FROM journeys") == "9"


def test_a_running_clock_runs_on_as_the_new_version_would_have_set_it(shop):
    journey = shop.publish(left())
    shop.tell("ann", ADDED, cart=1)
    shop.work()
    shop.wait(minutes=30)

    publish(shop, journey, left(within=hours(1)))
    shop.work()

    assert stand(shop) == [(2, "left", "armed", 0.5, 1)]
    shop.wait(minutes=30)
    shop.work()
    assert shop.one("SELECT count(*) FROM messages") == 1
    conserved(shop)


def test_a_clock_stops_on_what_the_new_version_says_also_when_that_happened_before_it(shop):
    journey = shop.publish(left())
    for who in ("ann", "bob", "cat"):
        shop.tell(who, ADDED, cart=1)
    shop.work()
    shop.wait(minutes=10)
    shop.tell("ann", CLEARED, cart=1)
    shop.tell("bob", CLEARED, cart=2)
    shop.work()

    publish(shop, journey, left(not_events=[BOUGHT, CLEARED]))
    shop.work()
    shop.tell("cat", CLEARED, cart=1)
    shop.work()

    ends = {shop.who(row.customer_id): (row.status, row.end_reason) for row in shop.enrollments()}
    assert ends == {
        "ann": ("exited", "cancelled: Cart Cleared"), "bob": ("armed", ""), "cat": ("exited", "cancelled: Cart Cleared")
    }  # fmt: skip
    conserved(shop)


def test_clocks_whose_keys_became_one_run_on_as_one(shop):
    journey = shop.publish(left())
    shop.tell("ann", ADDED, cart=1)
    shop.wait(minutes=10)
    shop.tell("ann", ADDED, cart=2)
    shop.work()

    publish(shop, journey, left(key=""))
    shop.work()

    live = [(row.key, (row.wake_at - MONDAY) / timedelta(minutes=1)) for row in shop.enrollments() if not row.ended_at]
    assert live == [("", 130.0)]
    assert sorted(row.end_reason for row in shop.enrollments()) == ["", "armed anew", "armed anew"]
    conserved(shop)


def test_the_clock_of_a_deleted_trigger_stops(shop):
    journey = shop.publish(left())
    shop.tell("ann", ADDED, cart=1)
    shop.work()

    publish(shop, journey, two_waits())
    shop.work()
    shop.wait(hours=3)
    shop.work()

    assert [(row.status, row.end_reason) for row in shop.enrollments()] == [("exited", "moved out")]
    conserved(shop)


def test_a_clock_left_in_an_older_version_stops_on_what_that_version_says(shop):
    journey = shop.publish(left())
    shop.tell("ann", ADDED, cart=1)
    shop.tell("bob", ADDED, cart=1)
    shop.work()

    publish(shop, journey, left(not_events=[CLEARED], key=""), "finish")
    shop.tell("ann", BOUGHT, cart=1)
    shop.tell("bob", CLEARED, cart=1)
    shop.work()

    ends = {shop.who(row.customer_id): (row.status, row.end_reason) for row in shop.enrollments()}
    assert ends == {"ann": ("exited", "cancelled: Order Completed"), "bob": ("armed", "")}
    conserved(shop)


def test_a_new_event_sets_the_new_versions_clock_instead_of_an_older_ones(shop):
    journey = shop.publish(left())
    shop.tell("ann", ADDED, cart=1)
    shop.work()

    publish(shop, journey, left(within=hours(5)), "finish")
    shop.wait(minutes=5)
    shop.tell("ann", ADDED, cart=1)
    shop.work()

    live = [row for row in shop.enrollments() if not row.ended_at]
    assert [(row.wake_at - shop.now) / timedelta(hours=1) for row in live] == [5.0]
    conserved(shop)


def paused_for(shop, **span):
    """Thirty customers whose wait ended a minute apart, in a journey that was paused before."""
    journey = shop.publish(two_waits(first=hours(1)))
    for n in range(30):
        shop.tell(f"c{n}", SEEN)
        shop.work()
        shop.wait(minutes=1)
    shop.pause(journey)
    shop.wait(**span)
    shop.work(batch=7)
    return journey


def resume(shop, journey, **how):
    control.resume(shop.engine, shop.workspace, journey, now=shop.now, **how)


def test_a_resume_spreads_what_came_due_oldest_first(shop):
    journey = paused_for(shop, hours=5)

    resume(shop, journey, spread_minutes=60)

    wakes = [(row.wake_at - shop.now) / timedelta(minutes=1) for row in shop.enrollments()]
    assert wakes == [2.0 * n for n in range(30)]
    shop.work()
    assert shop.one("SELECT count(*) FROM messages") == 1
    shop.wait(minutes=29)
    shop.work()
    assert shop.one("SELECT count(*) FROM messages") == 15
    conserved(shop)


def test_a_resume_keeps_only_what_is_fresh_and_the_others_leave(shop):
    journey = paused_for(shop, hours=1)

    resume(shop, journey, late="fresh", fresh_minutes=20)
    shop.work()

    ends = sorted((row.status, row.end_reason) for row in shop.enrollments())
    assert ends == [("exited", "late")] * 10 + [("waiting", "")] * 20
    assert shop.one("SELECT count(*) FROM messages") == 20
    conserved(shop)


def test_a_resume_may_pass_over_the_nodes_at_which_customers_came_due(shop):
    until = {"events": [{"id": "paid", "event": BOUGHT}], "timeout": hours(1)}
    nodes = {"seen": ("event", {"event": SEEN}), "until": ("wait_until_event", until), "hook": HOOK, "late": HOOK}
    journey = shop.publish(graph(nodes, ["seen > until", "until:paid > hook", "until:timeout > late"]))
    crowd(shop, 3)
    shop.pause(journey)
    shop.wait(hours=2)
    shop.work()

    resume(shop, journey, late="skip")
    shop.work()

    assert {shop.path(row.id) for row in shop.enrollments()} == {"seen:next until until:timeout late:next end"}
    (reason,) = shop.rows("SELECT DISTINCT path #>> '{0,reason,why}' FROM visits WHERE n = 3")
    assert tuple(reason) == ("passed over",)
    conserved(shop)


def test_what_comes_due_after_a_resume_is_not_late(shop):
    journey = paused_for(shop, minutes=31)
    resume(shop, journey, late="fresh", fresh_minutes=0)
    shop.wait(hours=1)
    shop.work()
    assert shop.one("SELECT count(*) FROM messages") == 29
    assert [row.end_reason for row in shop.enrollments() if row.ended_at] == ["late"]


def test_a_clock_that_is_too_late_starts_nobody(shop):
    journey = shop.publish(left())
    shop.tell("ann", ADDED, cart=1)
    shop.work()
    shop.pause(journey)
    shop.wait(days=3)
    shop.work()

    resume(shop, journey, late="fresh", fresh_minutes=60)
    shop.work()

    assert [(row.status, row.end_reason, row.entered_at) for row in shop.enrollments()] == [("exited", "late", None)]
    conserved(shop)


def test_the_pause_says_what_a_resume_would_set_going(shop):
    journey = paused_for(shop, hours=1)
    shop.tell("ann", SEEN)
    shop.work()
    with transaction(shop.engine) as tx:
        told = journeys.pause_state(tx, journey, shop.now, 20 * 60)
    assert (told["due"], told["fresh"], told["parked_events"]) == (30, 20, 1)
    assert told["oldest_due_at"] == MONDAY + timedelta(hours=1)


def test_a_merge_takes_along_who_is_to_be_handed_over(shop):
    journey = shop.publish(two_waits())
    shop.tell({"anonymous_id": "phone"}, SEEN)
    shop.work()
    shop.tell("bob", "Seen")
    shop.work()
    publish(shop, journey, two_waits(first=days(2)))
    shop.tell({"anonymous_id": "phone", "external_id": "bob"}, "Known")
    rows = shop.rows("SELECT m.shard AS m, e.shard AS e FROM moves m JOIN enrollments e ON e.id = m.enrollment_id")
    assert [row.m == row.e for row in rows] == [True]
    shop.work()
    assert stand(shop) == [(2, "wait", "waiting", 48.0, 1)]


def test_turns_cost_nothing_more_when_nobody_is_to_be_handed_over(shop):
    journey = shop.publish(two_waits())
    crowd(shop, 10)
    publish(shop, journey, two_waits(first=days(2)))
    shop.work()
    handover.see_to_handovers(shop.engine)
    shop.publish(two_waits())
    shop.tell("ann", "Seen")
    turn(shop.engine, shop.now)
    shop.tell("ann", "Seen")
    with counted(shop.engine) as statements:
        turn(shop.engine, shop.now)
    assert not [one for one in statements if "moves" in one]


@pytest.mark.parametrize("seed", range(6))
def test_however_often_it_is_published_paused_and_worked_everybody_ends_and_is_counted_once(shop, seed):
    choice = random.Random(seed)
    journey = shop.publish(two_waits())
    for _ in range(40):
        roll = choice.random()
        if roll < 0.4:
            shop.tell_many([(f"c{choice.randrange(30)}", SEEN, {}) for _ in range(5)])
        elif roll < 0.6:
            new = two_waits(first=hours(choice.randint(1, 90)), second=hours(choice.randint(1, 90)))
            publish(shop, journey, new, choice.choice(("finish", "move", "move", "exit")))
        elif roll < 0.7:
            shop.pause(journey)
            shop.wait(hours=choice.randint(1, 40))
            turn(shop.engine, shop.now, choice.choice((1, 1000)))
            late = choice.choice(("now", "fresh", "skip"))
            resume(shop, journey, late=late, spread_minutes=choice.choice((0, 30)), fresh_minutes=600)
        else:
            shop.wait(hours=choice.randint(1, 30))
        turn(shop.engine, shop.now, choice.choice((1, 3, 1000)))
        conserved(shop)
    for _ in range(3):
        shop.work()
        shop.wait(days=30)
    shop.work()
    assert shop.one("SELECT count(*) FROM enrollments WHERE ended_at IS NULL") == 0
    doubled = "SELECT count(*) FROM (SELECT FROM messages GROUP BY enrollment_id HAVING count(*) > 1) d"
    assert shop.one(doubled) == 0
    conserved(shop)


def test_places_are_found_through_every_version_between():
    def one(id, standing, nodes, **targets):
        return Handover(id, id, standing, frozenset(nodes), targets)

    two, three = one(2, "move", "ab", c="b"), one(3, "move", "ax", b="x")
    assert place_of([], 1, "a") is None
    assert (place_of([two], 1, "a").node_id, place_of([two], 1, "c").node_id) == ("a", "b")
    assert place_of([two], 2, "a") is None
    assert place_of([two, three], 1, "c").node_id == "x"
    assert place_of([two, one(3, "finish", "z")], 1, "c").handover.number == 2
    assert place_of([two, one(3, "exit", "ab")], 1, "a").node_id is None
    assert place_of([one(2, "move", "a", b=None), one(3, "move", "ab")], 1, "b").handover.number == 2


def test_looking_for_customers_goes_on_where_it_stopped(shop, monkeypatch):
    journey = shop.publish(two_waits())
    crowd(shop, 25)
    with monkeypatch.context() as dying:
        dying.setattr(control, "see_to_handovers", lambda engine: None)
        publish(shop, journey, two_waits(first=days(2)))
    found = []
    for _ in range(4):
        with transaction(shop.engine) as tx:
            handovers.gather(tx, 10)
        found.append(shop.one("SELECT count(*) FROM moves"))
    assert found == [10, 20, 25, 25]


SENDS = {"seen": ("event", {"event": SEEN}), "sms": SMS, "wait": ("wait", {"duration": days(1)})}


def test_whoever_was_messaged_is_not_messaged_again_by_a_new_version(shop):
    journey = shop.publish(graph(SENDS, ["seen > sms", "sms > wait"]))
    shop.tell("ann", SEEN)
    shop.work()
    publish(shop, journey, graph(SENDS | {"wait": ("wait", {"duration": days(2)})}, ["seen > sms", "sms > wait"]))
    shop.work()
    shop.wait(days=2)
    shop.work()
    assert shop.one("SELECT count(*) FROM messages") == 1
    assert [row.status for row in shop.enrollments()] == ["completed"]
