"""Customers are scored by how lately, how often and for how much they bought, as plain arithmetic says."""

from datetime import timedelta
from random import Random

import pytest

from journey_engine.errors import Conflict
from journey_engine.pipeline import rfm


def scored(shop):
    """Everything that workers do for one run."""
    rounds = 0
    while rfm.score(shop.engine, shop.now):
        rounds += 1
    shop.settle()
    return rounds


def attributes(shop):
    rows = shop.rows(
        "SELECT i.value, c.attributes FROM customers c JOIN identities i ON i.customer_id = c.id "
        "AND i.kind = 'external_id'"
    )
    return {row.value: row.attributes for row in rows}


def fifth(value, values):
    return 1 + 5 * sum(1 for one in values if one < value) // len(values)


def test_scores_are_fifths_of_all_who_bought_and_equal_values_have_equal_scores(shop):
    random, bought = Random(3), {}
    for n in range(40):
        for _ in range(random.choice((0, 1, 1, 2, 5))):
            at, total = shop.now - timedelta(days=random.randint(0, 300)), random.choice((10, 10, 25, 99))
            shop.tell(f"c{n}", "Order Completed", at=at, total=str(total))
            bought.setdefault(f"c{n}", []).append((at, total))
        shop.tell(f"c{n}", "Seen")
    shop.work()
    rfm.plan(shop.engine, shop.workspace, {"on": True})
    shop.wait(hours=12)
    scored(shop)
    last = {who: max(at for at, _ in orders) for who, orders in bought.items()}
    spent = {who: sum(total for _, total in orders) for who, orders in bought.items()}
    times = {who: len(orders) for who, orders in bought.items()}
    for who, known in attributes(shop).items():
        if who not in bought:
            assert known == {"lifecycle_stage": "prospect"}
            continue
        expected = [fifth(one[who], list(one.values())) for one in (last, times, spent)]
        assert [known["rfm_recency"], known["rfm_frequency"], known["rfm_monetary"]] == expected
        ago = shop.now - last[who]
        assert (known["lifecycle_stage"] == "lapsed") is (ago >= timedelta(days=180))


def test_a_day_has_one_run_and_one_more_when_asked(shop):
    shop.tell("ann", "Order Completed", total=5)
    shop.work()
    with pytest.raises(Conflict):
        rfm.ask(shop.engine, shop.workspace, shop.now)
    rfm.plan(shop.engine, shop.workspace, {"on": True})
    assert scored(shop) == 65
    assert scored(shop) == 0
    rfm.ask(shop.engine, shop.workspace, shop.now)
    assert scored(shop) == 65
    shop.wait(hours=9)  # three in the night on the shop's clock is not over yet
    assert scored(shop) == 0
    shop.wait(hours=2)
    assert scored(shop) == 65


def test_another_event_and_amount_can_count(shop):
    shop.tell("ann", "Paid", amount={"value": 7})
    shop.work()
    rfm.plan(shop.engine, shop.workspace, {"on": True, "event": "Paid", "value": "amount"})
    scored(shop)
    assert attributes(shop)["ann"]["rfm_segment"] in ("new", "champions", "lost", "loyal")


def test_segments_and_journeys_hear_of_new_scores(shop):
    segment = shop.segment("Lapsed", {"attribute": "lifecycle_stage", "op": "is", "value": "lapsed"})
    shop.tell("ann", "Order Completed", total=5)
    shop.work()
    rfm.plan(shop.engine, shop.workspace, {"on": True})
    scored(shop)
    assert shop.members(segment) == []
    shop.wait(days=181)
    scored(shop)
    assert shop.members(segment) == ["ann"]


def test_what_a_shop_said_of_a_customer_stays(shop):
    shop.tell("ann", "Customer Updated", tier="gold")
    shop.work()
    rfm.plan(shop.engine, shop.workspace, {"on": True})
    scored(shop)
    assert attributes(shop)["ann"] == {"tier": "gold", "lifecycle_stage": "prospect"}
