"""Single events that arrive at the same moment share a transaction, and nothing else."""

import threading

import pytest
from sqlalchemy import text

from journey_engine.errors import Unavailable
from journey_engine.pipeline import together as stage
from journey_engine.pipeline.ingest import make_incoming
from journey_engine.pipeline.together import Together
from journey_engine.store.session import transaction


def event(who, message_id=None, name="Product Viewed", **properties):
    return make_incoming(message_id, name, {"external_id": who}, None, properties)


@pytest.fixture
def held(shop, monkeypatch):
    """`ingest` waits until it is let go; the sizes of the batches it was given."""
    real, sizes, gate = stage.ingest, [], threading.Event()

    def ingest(engine, workspace_id, items, source):
        sizes.append(len(items))
        gate.wait(5)
        return real(engine, workspace_id, items, source)

    monkeypatch.setattr(stage, "ingest", ingest)
    monkeypatch.setattr(stage, "PATIENCE_S", 30)
    return sizes, gate


def send_all(together, workspace, events, settled=lambda: True):
    """Send each event in a thread of its own; what each was told."""
    told = [None] * len(events)

    def send(n):
        try:
            told[n] = together.ingest(workspace, [events[n]], "api")[0]
        except Exception as error:
            told[n] = error

    threads = [threading.Thread(target=send, args=(n,)) for n in range(len(events))]
    for thread in threads:
        thread.start()
    settled()
    for thread in threads:
        thread.join(20)
    return told


def until_all_wait(together, n, gate):
    def wait():
        while len(together._queue) < n:
            threading.Event().wait(0.01)
        gate.set()

    return wait


def test_those_who_come_while_one_is_stored_are_stored_in_one_transaction(shop, held):
    sizes, gate = held
    together = Together(shop.engine)
    events = [event(f"c{n}", f"m{n}") for n in range(9)]
    told = send_all(together, shop.workspace, events, until_all_wait(together, 8, gate))
    assert sizes == [1, 8]
    stored = {row.message_id: row.id for row in shop.rows("SELECT id, message_id FROM events")}
    assert {f"m{n}": told[n].event_id for n in range(9)} == stored, "everybody is told the id of their own event"


def test_the_same_message_id_from_two_requests_at_once_is_stored_once(shop, held):
    _, gate = held
    together = Together(shop.engine)
    told = send_all(together, shop.workspace, [event("ann", "same")] * 5, until_all_wait(together, 4, gate))
    assert sorted(one.status for one in told) == ["duplicate"] * 4 + ["stored"]
    assert len({one.event_id for one in told}) == 1
    assert shop.one("SELECT count(*) FROM events") == 1


def test_an_event_that_cannot_be_stored_is_refused_alone(shop, held):
    _, gate = held
    together = Together(shop.engine)
    events = [event("ann"), event("bob"), event("odd", name="Half\0read"), event("eve")]
    told = send_all(together, shop.workspace, events, until_all_wait(together, 3, gate))
    assert [isinstance(one, Exception) for one in told] == [False, False, True, False]
    assert shop.one("SELECT count(*) FROM events") == 3


def test_a_database_that_is_away_refuses_everybody_and_stores_nothing(shop, held, monkeypatch):
    _, gate = held
    together = Together(shop.engine)

    def away(*_):
        gate.wait(5)
        raise Unavailable()

    monkeypatch.setattr(stage, "ingest", away)
    told = send_all(together, shop.workspace, [event(f"c{n}") for n in range(4)], until_all_wait(together, 3, gate))
    assert all(isinstance(one, Unavailable) for one in told)
    monkeypatch.undo()
    assert together.ingest(shop.workspace, [event("ann")], "api")[0].status == "stored", "it goes on afterwards"


def test_nobody_waits_behind_an_event_that_waits_for_a_lock(shop):
    together = Together(shop.engine)
    with transaction(shop.engine) as other:
        other.execute(
            text(
                "INSERT INTO event_keys (workspace_id, message_id, event_id, body_hash, received_at) "
                "VALUES (:w, 'taken', gen_random_uuid(), '', now())"
            ),
            {"w": shop.workspace},
        )
        stuck = threading.Thread(target=lambda: together.ingest(shop.workspace, [event("ann", "taken")], "api"))
        stuck.start()
        while not together._storing:
            threading.Event().wait(0.01)
        assert together.ingest(shop.workspace, [event("bob", "free")], "api")[0].status == "stored"
        assert stuck.is_alive()
    stuck.join(10)
    assert not stuck.is_alive()


def test_workspaces_do_not_share_a_transaction(shop, held):
    _, gate = held
    together = Together(shop.engine)
    other = shop.one("INSERT INTO workspaces (name) VALUES ('Other') RETURNING id")
    places = [shop.workspace, other, shop.workspace, other]
    threads = [
        threading.Thread(target=together.ingest, args=(place, [event(f"c{n}")], "api"))
        for n, place in enumerate(places)
    ]
    for thread in threads:
        thread.start()
    until_all_wait(together, 3, gate)()
    for thread in threads:
        thread.join(20)
    stored = shop.rows("SELECT workspace_id, count(*) AS n FROM events GROUP BY 1 ORDER BY 1")
    assert [(row.workspace_id, row.n) for row in stored] == sorted([(shop.workspace, 2), (other, 2)])
