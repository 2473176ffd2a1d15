"""Coupons: no code is given twice, none is denied while there is one, and an undone turn gives back its codes."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import orjson
import pytest

from journey_engine.ids import uuid7
from journey_engine.pipeline.erase import erase
from journey_engine.pipeline.turn import turn
from journey_engine.store import coupons
from journey_engine.store.session import transaction
from tests.support.shop import MAIL, MONDAY, graph, hours

CAME = "Signed Up"


@pytest.fixture
def pool(shop):
    """An empty pool; its id."""
    id = uuid7(MONDAY)
    with transaction(shop.engine) as tx:
        pool = {"id": id, "workspace_id": shop.workspace, "name": "Welcome", "low_at": 1, "created_at": MONDAY}
        coupons.add_pool(tx, pool | {"expires_at": None})
    return id


def fill(shop, pool, *codes, ends=None):
    with transaction(shop.engine) as tx:
        return coupons.add_codes(tx, shop.workspace, pool, [(code, ends) for code in codes])


def giving(pool, **settings):
    """Whoever signs up gets a code, and waits with it."""
    nodes = {
        "came": ("event", {"event": CAME}),
        "give": ("grant_coupon", {"pool": str(pool), **settings}),
        "wait": ("wait", {"duration": hours(1)}),
        "none": ("exit", {}),
    }
    return graph(nodes, ["came > give", "give > wait", "give:no_coupon > none"], reentry={"policy": "one_per_key"})


def given(shop):
    """Who has which code."""
    rows = shop.rows("SELECT code, customer_id FROM coupon_codes WHERE granted_at IS NOT NULL ORDER BY seq")
    return [(row.code, shop.who(row.customer_id)) for row in rows]


def test_codes_are_given_in_their_order_and_an_empty_pool_leads_out_by_its_own_exit(shop, pool):
    fill(shop, pool, "B2", "A1")
    shop.publish(giving(pool))
    for who in ("ann", "bob", "cat"):
        shop.tell(who, CAME)
        shop.work()
    assert given(shop) == [("B2", "ann"), ("A1", "bob")]
    walks = [shop.path(shop.enrollments(who)[0].id) for who in ("ann", "bob", "cat")]
    assert walks == ["came:next give:next wait", "came:next give:next wait", "came:next give:no_coupon none"]
    (ann,) = shop.enrollments("ann")
    assert ann.context["vars"] == {"coupon": "B2"}


def test_what_is_sent_carries_the_code_and_its_end(shop, pool):
    ends = MONDAY + timedelta(days=7)
    fill(shop, pool, "A1", ends=ends)
    shop.publish(giving(pool, variable="gift"))
    shop.tell("ann", CAME)
    shop.work()
    (ann,) = shop.enrollments()
    assert ann.context["vars"] == {"gift": "A1", "gift_expires_at": ends.isoformat()}


def test_a_code_that_has_ended_and_a_pool_that_has_are_not_given(shop, pool):
    fill(shop, pool, "OLD", ends=MONDAY)
    fill(shop, pool, "NEW")
    shop.publish(giving(pool))
    shop.tell("ann", CAME)
    shop.work()
    assert given(shop) == [("NEW", "ann")]
    fill(shop, pool, "LATE")
    with transaction(shop.engine) as tx:
        coupons.change_pool(tx, shop.workspace, pool, {"expires_at": MONDAY})
    shop.tell("bob", CAME)
    shop.work()
    assert given(shop) == [("NEW", "ann")]


def test_a_pool_of_another_shop_gives_nothing(shop, pool):
    fill(shop, pool, "A1")
    shop.do("UPDATE coupon_pools SET workspace_id = :w WHERE id = :id", w=_other_shop(shop), id=pool)
    with transaction(shop.engine) as tx:
        assert coupons.hold(tx, shop.workspace, pool, 1, [], MONDAY) == []


def _other_shop(shop):
    return shop.one("INSERT INTO workspaces (name) VALUES ('Books') RETURNING id")


def test_hundreds_at_once_from_several_workers_each_get_one_code_and_the_last_is_given(shop, pool):
    fill(shop, pool, *(f"C{n:03}" for n in range(150)))
    shop.publish(giving(pool))
    shop.tell_many([(f"customer {n}", CAME, {}) for n in range(200)])
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: _work_off(shop), range(4)))
    shop.work()
    codes = shop.rows("SELECT code, customer_id, enrollment_id FROM coupon_codes WHERE granted_at IS NOT NULL")
    assert len(codes) == 150
    assert len({row.customer_id for row in codes}) == len({row.enrollment_id for row in codes}) == 150
    ends = shop.rows("SELECT status, count(*) AS n FROM enrollments GROUP BY status ORDER BY status")
    assert [(row.status, row.n) for row in ends] == [("completed", 50), ("waiting", 150)]


def _work_off(shop):
    for _ in range(60):
        turn(shop.engine, shop.now, 20)


def test_the_last_code_is_not_denied_while_another_turn_may_still_give_it_back(shop, pool):
    fill(shop, pool, "LAST")
    found, asking = [], threading.Event()

    def ask():
        with transaction(shop.engine) as tx:
            asking.set()
            found.extend(coupons.hold(tx, shop.workspace, pool, 1, [], shop.now))

    other = threading.Thread(target=ask)
    try:
        with transaction(shop.engine) as tx:
            assert [one.code for one in coupons.hold(tx, shop.workspace, pool, 1, [], shop.now)] == ["LAST"]
            other.start()
            assert asking.wait(5)
            other.join(0.3)
            assert other.is_alive(), "it waits for the first"
            raise InterruptedError
    except InterruptedError:
        other.join(5)
    assert [one.code for one in found] == ["LAST"]


def test_a_turn_that_is_undone_in_the_middle_gives_its_codes_back(shop, pool, monkeypatch):
    fill(shop, pool, "A1", "A2")
    shop.publish(giving(pool))
    shop.tell("ann", CAME)

    def cut_off(tx, *rest):
        grant(tx, *rest)
        raise KeyboardInterrupt

    grant = coupons.grant
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(coupons, "grant", cut_off)
        turn(shop.engine, shop.now)
    assert given(shop) == []
    shop.work()
    assert given(shop) == [("A1", "ann")]


def test_a_customer_who_cannot_remember_the_code_does_not_keep_it(shop, pool):
    fill(shop, pool, "A1")
    journey = giving(pool)
    shop.publish(journey)
    shop.tell("ann", CAME)
    shop.work()
    shop.do("UPDATE coupon_codes SET granted_at = NULL, customer_id = NULL, enrollment_id = NULL")
    full = {"vars": {"old": "x" * 49_990}, "event": {}, "name": CAME}
    shop.do("UPDATE enrollments SET node_id = 'give', held_since = NULL, context = CAST(:c AS json), wake_at = :now",
            c=orjson.dumps(full).decode(), now=shop.now)  # fmt: skip
    shop.work()
    (ann,) = shop.enrollments()
    assert (ann.status, given(shop)) == ("failed", [])


def test_who_is_erased_leaves_the_code_used_and_nameless(shop, pool):
    fill(shop, pool, "A1", "A2")
    shop.publish(giving(pool))
    shop.tell("ann", CAME)
    shop.work()
    assert erase(shop.engine, shop.workspace, shop.customer("ann"))
    rows = shop.rows("SELECT granted_at IS NOT NULL AS used, customer_id, enrollment_id FROM coupon_codes ORDER BY seq")
    assert [tuple(row) for row in rows] == [(True, None, None), (False, None, None)]
    shop.tell("bob", CAME)
    shop.work()
    assert [row.code for row in shop.rows("SELECT code FROM coupon_codes WHERE customer_id IS NOT NULL")] == ["A2"]


def test_codes_follow_a_customer_who_is_merged(shop, pool):
    fill(shop, pool, "A1")
    shop.publish(giving(pool))
    shop.tell("ann", "Seen")
    shop.tell({"external_id": "ann's phone"}, CAME)
    shop.work()
    shop.tell({"external_id": "ann", "anonymous_id": "x"}, "Seen")
    shop.tell({"external_id": "ann's phone", "anonymous_id": "x"}, "Seen")
    shop.work()
    assert shop.one("SELECT customer_id FROM coupon_codes") == shop.customer("ann")


def test_a_pool_tells_what_is_left_and_who_uses_it(shop, pool):
    assert fill(shop, pool, "A1", "A2", "A1") == 2
    assert fill(shop, pool, "A2", "A3") == 1
    journey = shop.publish(giving(pool), "Welcome")
    shop.tell("ann", CAME)
    shop.tell("bob", CAME)
    shop.work()
    with transaction(shop.engine) as tx:
        (shown,) = coupons.pools(tx, shop.workspace, shop.now, 50)
        assert coupons.stock(tx, shop.workspace, [pool, UUID(int=7)], shop.now) == {pool: ("Welcome", True)}
    assert (shown["total"], shown["granted"], shown["left"], shown["low"]) == (3, 2, 1, True)
    assert shown["used_by"] == [{"journey_id": journey, "name": "Welcome"}]


def test_a_visit_to_the_same_node_again_is_another_code(shop, pool):
    fill(shop, pool, "A1", "A2", "A3")
    nodes = {
        "came": ("event", {"event": CAME}),
        "give": ("grant_coupon", {"pool": str(pool)}),
        "mail": MAIL,
        "wait": ("wait", {"duration": hours(1)}),
    }
    edges = ["came > give", "give > mail", "mail > wait", "wait > give"]
    shop.publish(graph(nodes, edges))
    shop.tell("ann", CAME)
    shop.work()
    shop.wait(hours=1)
    shop.work()
    assert given(shop) == [("A1", "ann"), ("A2", "ann")]
