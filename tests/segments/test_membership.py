"""Who is in a segment is always whom its rule means: after events, as time passes, when the rule is edited."""

from datetime import timedelta
from random import Random

import pytest

from journey_engine.errors import Conflict, Invalid
from journey_engine.pipeline import segment_editing
from journey_engine.pipeline.erase import erase
from journey_engine.store import segments_read
from journey_engine.store.session import transaction

GOLD = {"attribute": "tier", "op": "is", "value": "gold"}
BOUGHT = {"event": "Order Completed"}
LATELY = {**BOUGHT, "last": {"amount": 30, "unit": "days"}}


def days(n):
    return timedelta(days=n)


def test_a_new_segment_has_whom_its_rule_means(shop):
    shop.tell("ann", "Customer Updated", tier="gold")
    shop.tell("bob", "Customer Updated", tier="silver")
    shop.work()
    gold = shop.segment("Gold", GOLD, ready=False)
    with transaction(shop.engine) as tx:
        assert segments_read.one(tx, shop.workspace, gold)["state"] == "computing"
    shop.settle()
    assert (shop.members(gold), shop.size(gold)) == (["ann"], 1)
    with transaction(shop.engine) as tx:
        assert segments_read.one(tx, shop.workspace, gold)["state"] == "live"


def test_customers_join_and_leave_with_the_event_that_changes_them(shop):
    gold = shop.segment("Gold", GOLD)
    shop.tell("ann", "Customer Updated", tier="gold")
    shop.tell("bob", "Customer Updated", tier="gold")
    shop.work()
    assert (shop.members(gold), shop.size(gold)) == (["ann", "bob"], 2)
    shop.tell("ann", "Customer Updated", tier=None)
    shop.work()
    assert (shop.members(gold), shop.size(gold)) == (["bob"], 1)


def test_time_alone_makes_them_leave_and_others_join(shop):
    lately, asleep = shop.segment("Lately", LATELY), shop.segment("Asleep", {"all": [BOUGHT, {"not": LATELY}]})
    shop.tell("ann", "Order Completed")
    shop.wait(days=10)
    shop.tell("bob", "Order Completed")
    shop.settle()
    assert (shop.members(lately), shop.members(asleep)) == (["ann", "bob"], [])
    shop.wait(days=20, seconds=-1)
    shop.settle()
    assert (shop.members(lately), shop.members(asleep)) == (["ann", "bob"], [])
    shop.wait(seconds=1)
    shop.settle()
    assert (shop.members(lately), shop.members(asleep)) == (["bob"], ["ann"])
    shop.tell("ann", "Order Completed")
    shop.settle()
    assert (shop.members(lately), shop.members(asleep)) == (["ann", "bob"], [])


def test_a_new_customer_is_in_segments_of_those_who_did_not(shop):
    never = shop.segment("Never bought", {**BOUGHT, "did": False})
    others = shop.segment("Not among them", {"not": {"segment": str(never)}})
    shop.tell("ann", "Product Viewed")
    shop.work()
    assert (shop.members(never), shop.members(others)) == (["ann"], [])
    shop.tell("ann", "Order Completed")
    shop.work()
    assert (shop.members(never), shop.members(others)) == ([], ["ann"])


def test_an_edited_rule_is_gone_through_again(shop):
    for who, tier in (("ann", "gold"), ("bob", "silver")):
        shop.tell(who, "Customer Updated", tier=tier)
    segment = shop.segment("Best", GOLD)
    shop.edit(segment, rule={"attribute": "tier", "op": "is", "value": "silver"})
    assert (shop.members(segment), shop.size(segment)) == (["bob"], 1)


def test_a_segment_can_be_made_of_others_and_follows_them(shop):
    gold, buyers = shop.segment("Gold", GOLD), shop.segment("Buyers", BOUGHT)
    both = shop.segment("Both", {"all": [{"segment": str(gold)}, {"segment": str(buyers)}]})
    shop.tell("ann", "Customer Updated", tier="gold")
    shop.settle()
    assert shop.members(both) == []
    shop.tell("ann", "Order Completed")
    shop.work()
    assert shop.members(both) == ["ann"]
    shop.edit(gold, rule={"attribute": "tier", "op": "is", "value": "silver"})
    assert shop.members(both) == []


def test_a_segment_cannot_be_read_by_its_own_rule(shop):
    gold = shop.segment("Gold", GOLD)
    other = shop.segment("Other", {"not": {"segment": str(gold)}})
    with pytest.raises(Invalid) as refused:
        shop.edit(gold, rule={"segment": str(other)})
    assert refused.value.code == "segment:cycle"


def test_deleting_a_segment_that_is_used_is_refused_naming_the_users(shop):
    gold = shop.segment("Gold", GOLD)
    other = shop.segment("Other", {"segment": str(gold)})
    with pytest.raises(Conflict) as refused:
        segment_editing.delete(shop.engine, shop.workspace, gold)
    assert refused.value.where["used_by"] == [{"segment_id": str(other), "name": "Other"}]
    segment_editing.delete(shop.engine, shop.workspace, other)
    segment_editing.delete(shop.engine, shop.workspace, gold)
    assert shop.one("SELECT count(*) FROM segment_states") == 0


def test_a_merged_customer_is_judged_as_the_one_they_are(shop):
    gold = shop.segment("Gold", {"all": [GOLD, {**BOUGHT, "measure": "count", "op": ">=", "value": 2}]})
    shop.tell("ann", "Customer Updated", tier="gold")
    shop.tell("ann", "Order Completed")
    shop.tell("bob", "Order Completed")
    shop.settle()
    assert shop.members(gold) == []
    shop.tell({"external_id": "ann", "phone": "+8613800138001"}, "Seen")
    shop.settle()
    assert (len(shop.members(gold)), shop.size(gold)) == (1, 1)


def test_an_erased_customer_has_left(shop):
    gold = shop.segment("Gold", GOLD)
    shop.tell("ann", "Customer Updated", tier="gold")
    shop.settle()
    erase(shop.engine, shop.workspace, shop.customer("ann"))
    shop.settle()
    assert (shop.members(gold), shop.size(gold)) == ([], 0)
    assert shop.one("SELECT count(*) FROM segment_states") == 0


def test_growth_tells_day_by_day_who_came_and_who_left(shop):
    gold = shop.segment("Gold", GOLD)
    for who in ("ann", "bob"):
        shop.tell(who, "Customer Updated", tier="gold")
    shop.work()
    shop.wait(days=1)
    shop.tell("bob", "Customer Updated", tier="silver")
    shop.work()
    with transaction(shop.engine) as tx:
        found = segments_read.growth(tx, gold, shop.now.date() - days(7))
    assert [(one["joined"], one["left"], one["size"]) for one in found] == [(2, 0, 2), (0, 1, 1)]


def test_only_segments_that_read_what_changed_are_judged(shop, monkeypatch):
    judged = []
    for n in range(20):
        shop.segment(f"S{n}", {"attribute": f"a{n}", "op": "exists"})
    from journey_engine.pipeline import segments

    judge_one = segments._judge_one
    monkeypatch.setattr(
        segments,
        "_judge_one",
        lambda scene, c, segment, a: judged.append(segment.name) or judge_one(scene, c, segment, a),
    )
    shop.tell("ann", "Customer Updated", a3=1)
    shop.tell("ann", "Product Viewed")
    shop.work()
    assert judged == ["S3"]


RULES = {
    "Gold": GOLD,
    "Lately": LATELY,
    "Often": {**BOUGHT, "measure": "count", "op": ">=", "value": 2, "last": {"amount": 3, "unit": "days"}},
    "Spent": {**BOUGHT, "measure": "sum", "of": "total", "op": ">", "value": 100},
    "Soon": {"attribute": "birthday", "op": "anniversary_within", "value": 3},
    "Asleep": {"all": [BOUGHT, {"not": {**BOUGHT, "last": {"amount": 5, "unit": "days"}}}]},
    "Never": {"all": [{**BOUGHT, "did": False}, {"not": GOLD}]},
    "Viewed": {"event": "Product Viewed", "did": True, "where": [{"property": "sku", "op": "is", "value": "A1"}]},
}


@pytest.mark.parametrize("seed", range(4))
def test_after_any_traffic_members_are_whom_the_rules_mean(shop, seed):
    random = Random(seed)
    segments = [shop.segment(name, rule) for name, rule in RULES.items()]
    segments.append(shop.segment("Of others", {"any": [{"segment": str(segments[0])}, {"segment": str(segments[5])}]}))
    for _ in range(25):
        for _ in range(random.randint(0, 3)):
            tell_something(shop, random)
        shop.wait(hours=random.choice((1, 7, 31)))
        shop.settle()
        assert {id: shop.members(id) for id in segments} == {id: shop.meant(id) for id in segments}
        assert [shop.size(id) for id in segments] == [len(shop.members(id)) for id in segments]


def tell_something(shop, random):
    who = random.choice(("ann", "bob", "cat"))
    what = random.choice(("Order Completed", "Product Viewed", "Customer Updated"))
    told = {
        "Order Completed": {"total": random.choice((20, "60.5", None))},
        "Product Viewed": {"sku": random.choice(("A1", "B2"))},
        "Customer Updated": {
            "tier": random.choice(("gold", "silver", None)),
            "birthday": random.choice(("1990-03-07", "1988-02-29", "1991-03-20")),
        },
    }[what]
    shop.tell(who, what, at=shop.now - timedelta(hours=random.choice((0, 0, 30))), **told)
