"""Goals on PostgreSQL: who has ended still reaches them, merges and erasures take them along, and nobody else pays."""

import json
from datetime import timedelta

from sqlalchemy import event as on
from sqlalchemy import text

from journey_engine.model.holdout import held_out
from journey_engine.pipeline.erase import erase
from journey_engine.pipeline.turn import turn
from journey_engine.store.session import transaction
from tests.support.shop import MAIL, SMS, graph, hours

GOAL = {"id": "bought", "event": "Order", "value": "total", "currency": "currency"}
NODES = {"start": ("event", {"event": "Cart"}), "sms": SMS, "wait": ("wait", {"duration": hours(1)}), "mail": MAIL}
EDGES = ["start > sms", "sms > wait", "wait > mail"]


def carts(**settings):
    return graph(NODES, EDGES, **{"goals": [GOAL], **settings})


def conversions(shop):
    return shop.rows("SELECT * FROM conversions ORDER BY occurred_at")


def counted(shop, journey, goal="bought"):
    return shop.counts(journey)["conversions"].get(goal, {"reached": 0, "held_out": 0, "nodes": {}})


def entered(shop, who="ann"):
    shop.tell(who, "Cart")
    shop.work()


def test_who_has_ended_reaches_a_goal_also_when_the_journey_was_stopped(shop):
    journey = shop.publish(carts())
    entered(shop)
    shop.wait(hours=1)
    shop.work()
    shop.do("UPDATE messages SET status = 'sent', sent_at = :now, due_at = NULL", now=shop.now)
    shop.stop(journey)
    shop.wait(days=1)
    shop.tell("ann", "Order", total=5)
    shop.work()

    (one,) = conversions(shop)
    assert (one.node_id, one.value, one.held_out) == ("mail", 5, False)
    assert counted(shop, journey) == {"reached": 1, "held_out": 0, "nodes": {"mail": 1}}


def test_a_goal_of_the_version_that_was_entered_counts_after_another_was_published(shop):
    journey = shop.publish(carts())
    entered(shop)
    shop.publish_again(journey, carts(goals=[{**GOAL, "event": "Signed Up"}]))
    entered(shop, "bob")
    for who in ("ann", "bob"):
        shop.wait(seconds=1)
        shop.tell(who, "Order", total=5)
    shop.work()

    assert [one.customer_id for one in conversions(shop)] == [shop.customer("ann")]


def test_a_message_that_failed_persuaded_nobody(shop):
    shop.publish(carts())
    entered(shop)
    shop.do("UPDATE messages SET status = 'failed', due_at = NULL")
    shop.wait(minutes=5)
    shop.tell("ann", "Order", total=5)
    shop.work()

    assert [one.node_id for one in conversions(shop)] == [""]


def test_one_order_is_a_goal_of_several_enrollments_and_its_value_counts_once(shop):
    nodes = {**NODES, "start": ("event", {"event": "Cart", "key": "cart"})}
    journey = shop.publish(graph(nodes, EDGES, goals=[GOAL], reentry={"policy": "one_per_key"}))
    for cart in (1, 2):
        shop.tell("ann", "Cart", cart=cart)
        shop.wait(minutes=1)
    shop.work()
    shop.tell("ann", "Order", total="12.5", cart=1)
    shop.work()

    assert sorted(str(one.value) for one in conversions(shop)) == ["12.5", "None"]
    assert counted(shop, journey)["reached"] == 2


def test_a_goal_with_the_same_key_is_reached_by_that_enrollment_alone(shop):
    nodes = {**NODES, "start": ("event", {"event": "Cart", "key": "cart"})}
    goal = {**GOAL, "same_key": True, "verb": "exit"}
    shop.publish(graph(nodes, EDGES, goals=[goal], reentry={"policy": "one_per_key"}))
    for cart in (1, 2):
        shop.tell("ann", "Cart", cart=cart)
        shop.wait(minutes=1)
    shop.work()
    shop.tell("ann", "Order", total=1, cart=1)
    shop.work()

    ends = {row.key: (row.status, row.end_reason) for row in shop.enrollments()}
    assert ends == {"1": ("exited", "goal: Order"), "2": ("waiting", "")}


def test_a_merge_takes_conversions_along_and_an_erasure_removes_them(shop):
    journey = shop.publish(carts())
    shop.tell({"anonymous_id": "x"}, "Cart")
    shop.work()
    shop.wait(minutes=1)
    shop.tell({"anonymous_id": "x"}, "Order", total=3)
    shop.work()
    shop.tell("ann", "Seen")
    shop.wait(minutes=1)
    shop.tell({"anonymous_id": "x", "external_id": "ann"}, "Seen")
    shop.work()
    survivor = shop.one("SELECT survivor_id FROM merges")
    shop.wait(minutes=1)
    shop.tell({"external_id": "ann"}, "Order", total=3)
    shop.work()

    assert [one.customer_id for one in conversions(shop)] == [survivor]
    erase(shop.engine, shop.workspace, survivor)
    assert conversions(shop) == []
    assert counted(shop, journey)["reached"] == 1


def test_a_turn_asks_nothing_about_goals_when_no_journey_has_them(shop):
    shop.publish(carts(goals=[]))
    entered(shop)
    shop.tell("ann", "Order", total=3)
    said = []
    on.listen(shop.engine, "before_cursor_execute", lambda c, cursor, statement, *rest: said.append(statement))
    turn(shop.engine, shop.now)

    assert not [one for one in said if "conversions" in one or "exposures" in one or "e.ended_at >=" in one]


def test_a_batch_of_goals_costs_a_few_statements_however_many_customers(shop):
    shop.publish(carts())
    people = [f"c{number}" for number in range(200)]
    shop.tell_many([(who, "Cart", {}) for who in people])
    shop.work()
    shop.wait(hours=2)
    shop.work()
    shop.wait(minutes=1)
    shop.tell_many([(who, "Order", {"total": 2, "currency": "eur"}) for who in people])
    said = []
    on.listen(shop.engine, "before_cursor_execute", lambda c, cursor, statement, *rest: said.append(statement))
    shop.work()

    assert shop.one("SELECT sum(value) FROM conversions WHERE currency = 'EUR'") == 400
    assert len(said) < 60


def test_odd_values_are_no_revenue_and_break_nothing(shop):
    shop.publish(carts())
    odd = ["many", True, None, "NaN", "1e999", 10**17, {"a": 1}, [1], "9" * 300, "-2.50"]
    for number in range(len(odd)):
        shop.tell(f"c{number}", "Cart")
    shop.work()
    shop.wait(minutes=1)
    for number, value in enumerate(odd):
        shop.tell(f"c{number}", "Order", total=value, currency=value)
    shop.work()

    values = [str(one.value) for one in conversions(shop)]
    assert sorted(values) == ["-2.50"] + ["None"] * (len(odd) - 1)


def test_holdout_is_the_same_customers_every_time_and_a_larger_share_only_adds(shop):
    ids = [shop.one("SELECT gen_random_uuid()") for _ in range(2_000)]
    few, more = ({id for id in ids if held_out("journey/x", id, percent)} for percent in (10, 30))

    assert 140 < len(few) < 260
    assert few < more
    assert {id for id in ids if held_out("journey/x", id, 10)} == few
    assert {id for id in ids if held_out("journey/y", id, 10)} != few


def test_the_held_out_walk_and_are_sent_nothing_but_what_is_transactional(shop):
    note = (MAIL[0], {**MAIL[1], "message_class": "transactional"})
    journey = shop.publish(graph({**NODES, "mail": note}, EDGES, goals=[GOAL], holdout={"percent": 50}))
    people = [f"c{number}" for number in range(60)]
    for number, who in enumerate(people):
        shop.tell({"external_id": who, "phone": f"+86138001{number:05}", "email": f"{who}@mail.example"}, "Cart")
    shop.work()
    shop.wait(hours=1)
    shop.work()

    rows = shop.rows(
        "SELECT m.node_id, m.status, m.reason, e.context FROM messages m JOIN enrollments e ON e.id = m.enrollment_id"
    )
    held = [row for row in rows if "holdout" in row.context]
    assert {(row.node_id, row.status, row.reason) for row in held} == {
        ("sms", "suppressed", "holdout"),
        ("mail", "queued", ""),
    }
    assert all(row.status == "queued" for row in rows if "holdout" not in row.context)
    assert shop.counts(journey)["totals"]["held_out"] == len(held) // 2
    assert 10 < len(held) // 2 < 50


def test_the_workspace_holds_the_same_customers_out_of_every_journey(shop):
    with transaction(shop.engine) as tx:
        told = json.dumps({"holdout": {"percent": 40}})
        tx.execute(text("UPDATE workspaces SET settings = CAST(:s AS jsonb)"), {"s": told})
        tx.execute(text("UPDATE control SET revision = revision + 1"))
    shop.publish(carts(), "One")
    shop.publish(carts(), "Two")
    shop.tell_many([(f"c{number}", "Cart", {}) for number in range(40)])
    shop.work()

    rows = shop.rows("SELECT customer_id, context FROM enrollments")
    sides = {}
    for row in rows:
        sides.setdefault(row.customer_id, set()).add(row.context.get("holdout"))
    assert {frozenset(side) for side in sides.values()} == {frozenset({None}), frozenset({"workspace"})}


def test_who_came_to_a_split_twice_keeps_the_first_arm_they_were_counted_in(shop):
    arms = [{"id": "a", "weight": 50}, {"id": "b", "weight": 50}]
    nodes = {
        "start": ("event", {"event": "Cart"}),
        "split": ("random_split", {"arms": arms}),
        "wait": ("wait", {"duration": hours(1)}),
    }
    edges = ["start > split", "split:a > wait", "split:b > wait", "wait > split"]
    shop.publish(graph(nodes, edges, goals=[GOAL]))
    entered(shop)
    for _ in range(3):
        shop.wait(hours=1)
        shop.work()

    (one,) = shop.rows("SELECT * FROM exposures")
    assert one.at == shop.now - timedelta(hours=3)


def test_the_exit_rule_ends_with_the_leaf_that_decided(shop):
    journey = shop.publish(
        carts(
            exit_rule={
                "any": [
                    {"attribute": "vip", "op": "is", "value": True},
                    {"attribute": "tier", "op": "is", "value": "gold"},
                ]
            }
        )
    )
    entered(shop)
    shop.tell("ann", "Customer Updated", tier="gold")
    shop.wait(hours=1)
    shop.work()

    (one,) = shop.enrollments()
    last = shop.rows("SELECT path FROM visits ORDER BY n DESC LIMIT 1")[0].path[-1]
    assert (one.status, one.end_reason) == ("exited", "exit_rule")
    assert last["reason"]["leaf"]["leaf"]["attribute"] == "tier"
    assert shop.counts(journey)["totals"]["exited"] == 1
