"""Journeys begin when somebody joins or leaves a segment; a journey's own changes count too, and end somewhere."""

from datetime import UTC, datetime, timedelta

from tests.segments.test_membership import BOUGHT, GOLD, LATELY
from tests.support.shop import CAST, MAIL, graph, hours


def journey(segment, **settings):
    nodes = {
        "t": ("segment", {"segment": str(segment), **settings}),
        "wait": ("wait", {"duration": hours(1)}),
        "mail": MAIL,
    }
    return graph(nodes, ["t > wait", "wait > mail"])


def entered(shop):
    return [shop.who(row.customer_id) for row in shop.enrollments()]


def test_whoever_joins_enters_and_whoever_was_in_before_does_not(shop):
    shop.tell("ann", "Customer Updated", tier="gold")
    shop.work()
    gold = shop.segment("Gold", GOLD)
    shop.publish(journey(gold))
    shop.tell("bob", "Customer Updated", tier="gold")
    shop.settle()
    assert entered(shop) == ["bob"]
    (enrollment,) = shop.enrollments()
    assert enrollment.context["event"] == {"segment": str(gold)}


def test_those_who_are_in_it_already_enter_when_that_is_asked(shop):
    for who in ("ann", "bob"):
        shop.tell(who, "Customer Updated", tier="gold")
    shop.work()
    gold = shop.segment("Gold", GOLD)
    shop.publish(journey(gold, already=True))
    shop.settle()
    assert sorted(entered(shop)) == ["ann", "bob"]
    shop.settle()
    assert len(entered(shop)) == 2


def test_time_alone_lets_them_enter_when_they_leave(shop):
    lately = shop.segment("Lately", LATELY)
    shop.publish(journey(lately, what="leaves"))
    shop.tell("ann", "Order Completed")
    shop.settle()
    assert entered(shop) == []
    shop.wait(days=30)
    shop.settle()
    assert entered(shop) == ["ann"]


def test_a_segment_of_which_many_were_meant_from_the_beginning_lets_nobody_in(shop):
    shop.tell("ann", "Order Completed")
    shop.work()
    segment = shop.segment("Buyers", BOUGHT, ready=False)
    shop.publish(journey(segment))
    shop.settle()
    assert entered(shop) == []
    shop.tell("bob", "Order Completed")
    shop.settle()
    assert entered(shop) == ["bob"]


def test_an_edited_rule_lets_those_enter_who_join_by_it(shop):
    shop.tell("ann", "Customer Updated", tier="silver")
    shop.work()
    segment = shop.segment("Best", GOLD)
    shop.publish(journey(segment))
    shop.edit(segment, rule={"attribute": "tier", "op": "one_of", "value": ["gold", "silver"]})
    assert entered(shop) == ["ann"]


def test_what_a_journey_changes_makes_customers_join(shop):
    gold = shop.segment("Gold", GOLD)
    change = ("update_customer", {"changes": [{"attribute": "tier", "action": "set", "value": "gold"}]})
    shop.publish(graph({"t": ("event", {"event": "Order Completed"}), "up": change}, ["t > up"]))
    shop.publish(journey(gold))
    shop.tell("ann", "Order Completed")
    shop.settle()
    assert shop.members(gold) == ["ann"]
    assert entered(shop) == ["ann", "ann"]


def test_journeys_that_undo_each_other_do_not_go_on_for_ever(shop):
    gold = shop.segment("Gold", GOLD)
    for what, value in (("joins", "silver"), ("leaves", "gold")):
        change = ("update_customer", {"changes": [{"attribute": "tier", "action": "set", "value": value}]})
        nodes = {"t": ("segment", {"segment": str(gold), "what": what}), "up": change}
        shop.publish(graph(nodes, ["t > up"], reentry={"policy": "after_end"}))
    shop.tell("ann", "Customer Updated", tier="gold")
    shop.settle()
    assert len(entered(shop)) <= 12


def test_a_condition_reads_whether_somebody_is_in_a_segment(shop):
    gold = shop.segment("Gold", GOLD)
    rule = {"segment": str(gold)}
    nodes = {"t": ("event", {"event": "Seen"}), "if": ("condition", {"rule": rule}), "mail": MAIL}
    shop.publish(graph(nodes, ["t > if", "if:yes > mail"]))
    shop.tell("ann", "Customer Updated", tier="gold")
    for who in ("ann", "bob"):
        shop.tell(who, "Seen")
    shop.settle()
    assert [row.address for row in shop.messages()] == [CAST["ann"]["email"]]


def test_a_withdrawn_consent_makes_customers_leave_within_a_turn(shop):
    from journey_engine.pipeline.consent import withdraw

    wants = shop.segment("Wants mail", {"not": {"consent": "email", "state": "withdrawn"}})
    shop.tell("ann", "Seen")
    shop.settle()
    shop.edit(wants, rule={"all": [{"event": "Seen"}, {"not": {"consent": "email", "state": "withdrawn"}}]})
    assert shop.members(wants) == ["ann"]
    withdraw(shop.engine, shop.workspace, shop.customer("ann"), "email", "link")
    shop.now = datetime.now(UTC) + timedelta(minutes=1)  # a withdrawal has the database's time
    shop.settle()
    assert shop.members(wants) == []


def test_who_is_in_a_journey_is_in_the_segment_of_those(shop):
    gold = shop.segment("Gold", GOLD)
    id = shop.publish(journey(gold))
    inside = shop.segment("Inside", {"journey": str(id), "state": "is_in"})
    shop.tell("ann", "Customer Updated", tier="gold")
    shop.settle()
    assert shop.members(inside) == ["ann"]
    shop.wait(hours=2)
    shop.settle()
    assert shop.members(inside) == []


def test_stopping_a_journey_empties_the_segment_of_those_in_it(shop):
    gold = shop.segment("Gold", GOLD)
    id = shop.publish(journey(gold))
    inside = shop.segment("Inside", {"journey": str(id), "state": "is_in"})
    shop.tell("ann", "Customer Updated", tier="gold")
    shop.settle()
    shop.stop(id)
    shop.now = datetime.now(UTC) + timedelta(minutes=1)
    shop.settle()
    assert shop.members(inside) == []
