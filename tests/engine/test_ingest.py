"""Ingest: once per id, committed when answered, and whose it is."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import NullPool, create_engine

from journey_engine.errors import Invalid, Unavailable
from journey_engine.pipeline import ingest as stage
from journey_engine.pipeline.ingest import ingest, make_incoming
from tests.engine.together import at_once, before_statement
from tests.support.shop import CAST, Shop

SEEN = "Product Viewed"


def incoming(who="ann", message_id=None, **properties):
    return make_incoming(message_id, SEEN, CAST.get(who, who), None, properties)


def stored(shop):
    return shop.one("SELECT count(*) FROM events"), shop.one("SELECT count(*) FROM inbox")


def test_the_same_event_again_is_the_same_event(shop):
    first, again = (shop.tell("ann", SEEN, message_id="m1", at="2025-03-03T09:00:00Z", sku=1) for _ in range(2))
    assert (first.status, again.status) == ("stored", "duplicate")
    assert first.event_id == again.event_id
    assert stored(shop) == (1, 1)


def test_what_lies_too_far_ahead_is_measured_by_the_clock_of_whoever_asks():
    now = datetime(2050, 1, 1, tzinfo=UTC)
    assert make_incoming(None, SEEN, CAST["ann"], now, {}, now).occurred_at == now
    with pytest.raises(Invalid, match="one day from now"):
        make_incoming(None, SEEN, CAST["ann"], now + timedelta(days=2), {}, now)


def test_the_same_id_with_another_body_is_refused_and_the_first_stays(shop):
    first = shop.tell("ann", SEEN, message_id="m1", sku=1)
    other = shop.tell("ann", SEEN, message_id="m1", sku=2)
    assert other.status == "conflict"
    assert other.event_id == first.event_id
    assert shop.rows("SELECT properties FROM events") == [({"sku": 1},)]


def test_equal_ids_within_one_batch_are_stored_once(shop):
    answers = ingest(
        shop.engine, shop.workspace, [incoming(message_id="m1"), incoming("bob"), incoming(message_id="m1")]
    )
    assert [answer.status for answer in answers] == ["stored", "stored", "duplicate"]
    assert answers[0].event_id == answers[2].event_id
    assert stored(shop) == (2, 2)


def test_equal_requests_at_the_same_time_store_one_event(shop):
    send = lambda: ingest(shop.engine, shop.workspace, [incoming(message_id="m1")])[0]  # noqa: E731
    answers = at_once(*[send] * 8)
    assert sorted(answer.status for answer in answers) == ["duplicate"] * 7 + ["stored"]
    assert len({answer.event_id for answer in answers}) == 1
    assert stored(shop) == (1, 1)


def test_the_same_id_in_another_workspace_is_another_event(shop, database_url):
    other = Shop(database_url)
    assert shop.tell("ann", SEEN, message_id="m1").status == "stored"
    assert other.tell("ann", SEEN, message_id="m1").status == "stored"
    assert shop.customer("ann") != other.customer("ann")


def test_an_event_without_an_id_is_stored_each_time(shop):
    assert {shop.tell("ann", SEEN).status for _ in range(2)} == {"stored"}
    assert stored(shop) == (2, 2)


def test_many_at_once_make_one_customer_of_one_identity(shop):
    answers = at_once(*[lambda: ingest(shop.engine, shop.workspace, [incoming("ann")])] * 8)
    assert not [a for a in answers if isinstance(a, Exception)]
    assert [answer[0].status for answer in answers] == ["stored"] * 8
    assert shop.one("SELECT count(*) FROM customers") == 1
    assert shop.one("SELECT count(DISTINCT customer_id) FROM events") == 1


def test_a_stored_event_is_answered_with_yes_even_when_its_name_cannot_be_noted(shop):
    """A client that is told `no` sends again; without an id that would be a second event."""
    stage._names_seen.clear()
    with before_statement(shop.engine, "INSERT INTO event_names", lambda: kill_everybody(shop)):
        answers = ingest(shop.engine, shop.workspace, [incoming()])
    assert answers[0].status == "stored"
    assert stored(shop) == (1, 1)


def test_what_the_database_did_not_take_is_unavailable_and_not_stored(shop):
    with (
        before_statement(shop.engine, "INSERT INTO customers", lambda: kill_everybody(shop)),
        pytest.raises(Unavailable),
    ):
        ingest(shop.engine, shop.workspace, [incoming(message_id="m1")])
    assert stored(shop) == (0, 0)
    assert shop.tell("ann", SEEN, message_id="m1").status == "stored"


def test_a_connection_lost_while_copying_is_unavailable(shop, monkeypatch):
    copy = stage.store.copy_rows

    def cut(tx, table, columns, rows):
        kill_everybody(shop)
        copy(tx, table, columns, rows)

    monkeypatch.setattr(stage.store, "copy_rows", cut)
    with pytest.raises(Unavailable):
        ingest(shop.engine, shop.workspace, [incoming()])
    assert stored(shop) == (0, 0)


def test_a_name_without_properties_may_be_noted_by_every_process(shop):
    for _ in range(2):
        stage._names_seen.clear()
        assert shop.tell("ann", SEEN).status == "stored"
    assert shop.rows("SELECT name, properties FROM event_names") == [(SEEN, [])]


def kill_everybody(shop):
    """Every other connection to this database is cut, as by a restart."""
    shop.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


def test_events_keep_their_order_of_arrival_whatever_connection_takes_them(shop, database_url):
    """Sequence numbers that connections draw in blocks once put a purchase before the cart it paid for."""
    connections = [create_engine(database_url, poolclass=NullPool), create_engine(database_url, pool_size=1)]
    names = [f"Event {number}" for number in range(6)]
    for number, name in enumerate(names):
        event = make_incoming(None, name, CAST["ann"], None, {})
        ingest(connections[number % 2], shop.workspace, [event])
    rows = shop.rows("SELECT name FROM inbox JOIN events ON events.id = event_id ORDER BY seq")
    assert [name for (name,) in rows] == names
    for engine in connections:
        engine.dispose()
