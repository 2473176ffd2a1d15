"""Waits in live turns: whose clock counts, the workspace's holidays, and what a party of waiting customers costs."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.engine.together import counted
from tests.support.shop import CAST, graph

SATURDAY = datetime(2025, 3, 29, 12, 0, tzinfo=UTC)
ORDERED = ("event", {"event": "Order Completed"})


def waits(shop, kind, **settings):
    return shop.publish(graph({"t": ORDERED, "w": (kind, settings)}, ["t > w"]))


def wakes(shop):
    return {shop.who(row.customer_id): row.wake_at for row in shop.enrollments()}


def close(shop, *days):
    """These are the workspace's holidays from now on."""
    told = ", ".join(f'"{day}"' for day in days)
    shop.do(f"UPDATE workspaces SET settings = '{{\"holidays\": [{told}]}}'")
    shop.do("UPDATE control SET revision = revision + 1")


def test_a_customer_lives_where_their_attributes_say_else_their_number_else_the_workspace(shop):
    waits(shop, "wait_until_time", time="09:00")
    shop.now = SATURDAY
    people = {"eva": "+4915112345678", "joe": "+12025550123", "ken": "+819012345678"}
    for who, phone in people.items():
        shop.tell({"external_id": who, "phone": phone}, "Order Completed")
    shop.tell("ken", "Customer Updated", timezone="Asia/Kolkata")
    shop.work()
    assert wakes(shop) == {
        "eva": datetime(2025, 3, 30, 7, 0, tzinfo=UTC),
        "joe": datetime(2025, 3, 30, 1, 0, tzinfo=UTC),
        "ken": datetime(2025, 3, 30, 3, 30, tzinfo=UTC),
    }


def test_a_window_stays_closed_on_the_workspaces_holidays(shop):
    waits(shop, "time_window", start="09:00", end="18:00", skip_holidays=True)
    close(shop, "2025-03-04", "2025-03-05")
    shop.now = datetime(2025, 3, 3, 12, 0, tzinfo=UTC)
    shop.tell("ann", "Order Completed")
    shop.work()
    assert wakes(shop) == {"ann": datetime(2025, 3, 6, 1, 0, tzinfo=UTC)}


def test_a_window_that_closes_while_they_wait_for_it_opens_on_the_next_day_that_is_none(shop):
    journey = waits(shop, "time_window", start="09:00", end="18:00", skip_holidays=True)
    shop.now = datetime(2025, 3, 3, 12, 0, tzinfo=UTC)
    shop.tell("ann", "Order Completed")
    shop.work()
    close(shop, "2025-03-04")
    shop.now = datetime(2025, 3, 4, 1, 0, tzinfo=UTC)
    shop.work()
    assert wakes(shop) == {"ann": datetime(2025, 3, 5, 1, 0, tzinfo=UTC)}
    shop.now += timedelta(days=1)
    shop.work()
    assert shop.counts(journey)["totals"]["completed"] == 1


@pytest.mark.parametrize("moved", [False, True])
def test_who_waits_for_a_window_that_never_opens_fails_readably_and_holds_up_nobody(shop, moved):
    waits(shop, "time_window", start="09:00", end="18:00", skip_holidays=True)
    shop.now = datetime(2025, 3, 3, 12, 0, tzinfo=UTC)
    if moved:
        shop.tell("ann", "Order Completed")
        shop.work()
    close(shop, *((SATURDAY + timedelta(days=n - 40)).date() for n in range(600)))
    shop.tell("ann", "Customer Updated", timezone="Asia/Tokyo") if moved else shop.tell("ann", "Order Completed")
    shop.tell("ann", "Customer Updated", tier="gold")
    shop.work()
    (enrollment,) = shop.enrollments("ann")
    assert enrollment.status == "failed"
    assert "holidays" in shop.one("SELECT path::text FROM visits ORDER BY at DESC, n DESC LIMIT 1")
    assert shop.one("SELECT attributes ->> 'tier' FROM customers WHERE id = :id", id=shop.customer("ann")) == "gold"


def test_what_was_held_is_held_since_then_however_often_its_instant_changes(shop):
    waits(shop, "wait_until_time", when="days", days=2, time="20:00")
    shop.now = SATURDAY
    shop.tell("ann", "Order Completed")
    shop.work()
    for hours, zone in ((1, "Europe/Berlin"), (5, "America/New_York"), (9, "Asia/Shanghai")):
        shop.now = SATURDAY + timedelta(hours=hours)
        shop.tell("ann", "Customer Updated", timezone=zone)
        shop.work()
        assert shop.enrollments("ann")[0].held_since == SATURDAY
    assert wakes(shop) == {"ann": datetime(2025, 3, 31, 12, 0, tzinfo=UTC)}
    assert shop.one("SELECT sum(n) FROM counts WHERE what = 'waiting' AND node_id = 'w'") == 1


def test_a_thousand_customers_in_many_zones_cost_no_more_statements_than_ten(shop):
    waits(shop, "wait_until_time", time="09:00")
    shop.now = SATURDAY

    def cost(names):
        people = [({"external_id": name, "phone": f"+4915{n:09}"}) for n, name in enumerate(names)]
        for person in people:
            CAST[person["external_id"]] = person
        try:
            shop.tell_many([(name, "Order Completed", {}) for name in names])
        finally:
            for name in names:
                del CAST[name]
        with counted(shop.engine) as statements:
            shop.work()
        return len(statements)

    few = cost([f"few{n}" for n in range(10)])
    assert cost([f"many{n}" for n in range(990)]) <= few + 2
