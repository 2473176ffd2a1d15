"""Identities and merges, also when several happen at the same moment."""

import threading
from unittest.mock import patch

import pytest

from journey_engine.ids import shard_of
from journey_engine.pipeline.erase import erase
from journey_engine.pipeline.ingest import ingest, make_incoming
from journey_engine.store import ingest as store
from journey_engine.store.locks import hold_shards
from journey_engine.store.session import transaction
from tests.engine.together import at_once, before_statement
from tests.support.processes import until

SEEN = "Product Viewed"


def tell(shop, **customer):
    return ingest(shop.engine, shop.workspace, [make_incoming(None, SEEN, customer, None, {})], now=shop.now)


def owners(shop):
    return {(row.kind, row.value): row.customer_id for row in shop.rows("SELECT * FROM identities")}


def consistent(shop):
    """Every identity, event and inbox row belongs to a customer who exists, and lies in that customer's shard."""
    for table in ("identities", "events", "inbox", "enrollments", "messages", "activity"):
        stray = shop.rows(
            f"SELECT t.customer_id FROM {table} t LEFT JOIN customers c ON c.id = t.customer_id "
            "WHERE c.id IS NULL OR c.shard <> t.shard"
        )
        assert not stray, table


def test_two_identities_seen_together_are_one_customer(shop):
    tell(shop, external_id="ann", email="ANN@mail.example ")
    tell(shop, email="ann@mail.example")
    assert shop.one("SELECT count(*) FROM customers") == 1


def test_the_older_customer_survives_and_everything_follows(shop):
    tell(shop, external_id="ann")
    shop.wait(seconds=1)
    tell(shop, email="ann@mail.example")
    older, younger = owners(shop)[("external_id", "ann")], owners(shop)[("email", "ann@mail.example")]
    tell(shop, external_id="ann", email="ann@mail.example")
    shop.work()
    assert set(owners(shop).values()) == {older}
    assert shop.rows("SELECT loser_id, survivor_id FROM merges") == [(younger, older)]
    assert shop.one("SELECT count FROM activity WHERE customer_id = :id", id=older) == 3
    consistent(shop)


def test_a_chain_of_identities_in_one_batch_is_one_customer(shop):
    pairs = [("a", "x"), ("b", "y"), ("b", "x")]
    batch = [make_incoming(None, SEEN, {"external_id": one, "anonymous_id": other}, None, {}) for one, other in pairs]
    ingest(shop.engine, shop.workspace, batch)
    assert shop.one("SELECT count(DISTINCT customer_id) FROM identities") == 1
    consistent(shop)


def test_merges_of_a_chain_at_the_same_time_end_in_one_customer(shop):
    for n in range(6):
        tell(shop, external_id=f"c{n}")
        shop.wait(seconds=1)
    pairs = [{"external_id": f"c{n}", "anonymous_id": f"a{n}"} for n in range(6)]
    links = [{"external_id": f"c{n + 1}", "anonymous_id": f"a{n}"} for n in range(5)]

    def send(customer):
        while isinstance(at_most(shop, customer), Exception):
            pass

    at_once(*[lambda c=c: send(c) for c in pairs + links])
    shop.work()
    assert len(set(owners(shop).values())) == 1
    assert shop.one("SELECT sum(count) FROM activity") == 6 + 11
    consistent(shop)


def at_most(shop, customer):
    """What was told to try again is tried again."""
    try:
        return tell(shop, **customer)
    except Exception as error:
        return error


def test_an_identity_given_to_a_customer_who_is_being_merged_goes_along(shop):
    """The identity is added while the merge has not committed; afterwards it belongs to who is left."""
    tell(shop, external_id="ann")
    shop.wait(seconds=1)
    tell(shop, external_id="bob")
    merging = threading.Thread(target=tell, args=(shop,), kwargs={"external_id": "ann", "anonymous_id": "x"})
    tell(shop, external_id="bob", anonymous_id="x")
    adding = threading.Thread(target=tell, args=(shop,), kwargs={"external_id": "bob", "email": "bob@mail.example"})
    with before_statement(shop.engine, "INSERT INTO merges", lambda: (adding.start(), adding.join(0.5))):
        merging.start()
        merging.join(20)
    adding.join(20)
    assert owners(shop)[("email", "bob@mail.example")] == owners(shop)[("external_id", "ann")]
    consistent(shop)
    tell(shop, email="bob@mail.example", external_id="ann")


def test_an_identity_given_to_a_customer_who_is_being_erased_is_erased_too(shop):
    """Left behind it would belong to nobody, and whoever used it later would be ignored for ever."""
    tell(shop, external_id="ann")
    erasing = threading.Thread(target=erase, args=(shop.engine, shop.workspace, shop.customer("ann")))
    with before_statement(shop.engine, "INSERT INTO identities", lambda: (erasing.start(), erasing.join(0.5))):
        tell(shop, external_id="ann", email="ann@mail.example")
    erasing.join(20)
    assert owners(shop) == {}
    tell(shop, email="ann@mail.example")
    consistent(shop)


@pytest.mark.parametrize("message_id", [None, "m1"])
def test_an_event_that_is_being_stored_during_an_erasure_is_erased_too(shop, message_id):
    """Whose event it is was read before the erasure, and it is written after it."""
    tell(shop, external_id="ann")
    ann, event = shop.customer("ann"), make_incoming(message_id, SEEN, {"external_id": "ann"}, None, {})
    erasing = threading.Thread(target=erase, args=(shop.engine, shop.workspace, ann))
    add = store.add_events

    def add_late(*arguments):
        erasing.start()
        until(lambda: shop.one("SELECT count(*) FROM customers WHERE id = :id", id=ann) == 0)
        erasing.join(0.5)
        add(*arguments)

    with patch.object(store, "add_events", add_late):
        ingest(shop.engine, shop.workspace, [event])
    erasing.join(20)
    assert shop.one("SELECT count(*) FROM events") == 0
    assert shop.one("SELECT count(*) FROM inbox") == 0


def test_a_merge_waits_for_the_turn_that_works_on_either_customer(shop):
    tell(shop, external_id="ann")
    shop.wait(seconds=1)
    tell(shop, external_id="bob", anonymous_id="x")
    ann, bob = owners(shop)[("external_id", "ann")], owners(shop)[("external_id", "bob")]
    for held in (ann, bob):
        with transaction(shop.engine) as tx:
            hold_shards(tx, [shard_of(held)])
            merging = threading.Thread(target=tell, args=(shop,), kwargs={"external_id": "ann", "anonymous_id": "x"})
            merging.start()
            merging.join(0.3)
            if held == ann or shard_of(ann) != shard_of(bob):
                assert merging.is_alive() or held == bob
        merging.join(10)
    assert shop.one("SELECT count(*) FROM customers") == 1


def test_a_merge_holds_the_survivor_it_only_learns_of_while_waiting(shop):
    """Bob becomes ann while a merge of bob and cat waits; that merge then writes to ann, so it must hold her shard."""
    for who in ("ann", "bob", "cat"):
        tell(shop, external_id=who, anonymous_id=f"of {who}")
        shop.wait(seconds=1)
    ids = {who: owners(shop)[("external_id", who)] for who in ("ann", "bob", "cat")}
    second = threading.Thread(target=tell, args=(shop,), kwargs={"external_id": "bob", "anonymous_id": "of cat"})
    with before_statement(shop.engine, "INSERT INTO merges", lambda: (second.start(), second.join(0.5))):
        tell(shop, external_id="ann", anonymous_id="of bob")
    with transaction(shop.engine) as tx:
        hold_shards(tx, [shard_of(ids["ann"])])
        second.join(0.5)
    second.join(10)
    until(lambda: len(set(owners(shop).values())) == 1)
    consistent(shop)


def test_a_batch_that_shows_twice_that_two_customers_are_one_merges_them_once(shop):
    tell(shop, external_id="ann", email="ann@mail.example")
    tell(shop, anonymous_id="phone", device="tablet")
    seen = [{"external_id": "ann", "anonymous_id": "phone"}, {"email": "ann@mail.example", "device": "tablet"}]
    answers = ingest(shop.engine, shop.workspace, [make_incoming(None, SEEN, one, None, {}) for one in seen])
    assert [answer.status for answer in answers] == ["stored", "stored"]
    assert shop.one("SELECT count(*) FROM customers") == 1
    consistent(shop)


def test_a_merge_that_waited_for_an_erasure_begins_again_without_the_erased(shop):
    tell(shop, external_id="ann")
    tell(shop, external_id="bob")
    ann, bob = shop.customer("ann"), shop.customer("bob")
    tell(shop, external_id="ann", anonymous_id="a phone")

    erasing = threading.Thread(target=erase, args=(shop.engine, shop.workspace, ann))

    def ann_is_erased():
        erasing.start()
        until(lambda: shop.one("SELECT count(*) FROM customers WHERE id = :id", id=ann) == 0)

    with before_statement(shop.engine, "pg_advisory_xact_lock(%(lock)s, %(shard)s)", ann_is_erased, times=1):
        tell(shop, external_id="bob", anonymous_id="a phone")
    erasing.join(20)
    assert owners(shop) == {("external_id", "bob"): bob, ("anonymous_id", "a phone"): bob}
    consistent(shop)
