"""Deliver and receive: what leaves, what does not, and what is known of it; the provider is a server on loopback."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from journey_engine.channels.base import Receipt
from journey_engine.config import SENDING_STALE_S, Config
from journey_engine.errors import Unavailable
from journey_engine.pipeline.consent import withdraw
from journey_engine.pipeline.deliver import Deliverer, sweep
from journey_engine.pipeline.erase import erase
from journey_engine.pipeline.receive import receive
from journey_engine.store.session import transaction
from tests.channels.sink import sink
from tests.engine.together import at_once, before_statement
from tests.support.processes import until
from tests.support.shop import SECRET_KEY, graph

SEEN = "Product Viewed"


@pytest.fixture
def provider():
    with sink() as server:
        yield server


@pytest.fixture
def lane(shop):
    with transaction(shop.engine) as tx:
        tx.execute(text("UPDATE accounts SET is_default = false WHERE channel = 'webhook'"))
    return shop.add_account("Loopback", "webhook", "webhook", secrets={"secret": "whsec_c2VjcmV0"})


@pytest.fixture
def deliverer(shop, provider):
    return Deliverer(shop.engine, Config(secret_key=SECRET_KEY, allowed_outgoing=(f"127.0.0.1:{provider.port}",)))


def hooked(shop, provider, message_class="transactional", name="Journey", **settings):
    """A live journey that calls the provider for everybody who views a product."""
    hook = ("send_webhook", {"url": provider.url(), "message_class": message_class, **settings})
    shop.publish(graph({"seen": ("event", {"event": SEEN}), "hook": hook}, ["seen > hook"]), name)


def queue(shop, *people):
    for who in people:
        shop.tell(who, SEEN)
    shop.work()


def states(shop):
    return [row.status for row in shop.messages()]


def test_a_message_leaves_once_however_many_serve_its_lane(shop, provider, lane, deliverer):
    hooked(shop, provider)
    queue(shop, *(f"c{n}" for n in range(40)))
    at_once(lambda: deliverer.deliver(lane, shop.now), lambda: again(shop, deliverer).deliver(lane, shop.now))
    assert len(provider.bodies) == 40
    assert set(states(shop)) == {"sent"}
    assert len({headers["webhook-id"] for headers in map(lowered, provider.seen)}) == 40


def again(shop, deliverer):
    """A second process."""
    return Deliverer(shop.engine, deliverer.config)


def lowered(headers):
    return {name.lower(): value for name, value in headers.items()}


def test_many_who_withdrew_do_not_hold_up_who_did_not(shop, provider, lane, deliverer):
    hooked(shop, provider, "marketing")
    queue(shop, *(f"c{n}" for n in range(30)))
    queue(shop, "ann")
    shop.do(
        "INSERT INTO consents (customer_id, channel, topic, workspace_id, shard, state, at, source) "
        "SELECT id, 'webhook', 'marketing', workspace_id, shard, 'withdrawn', now(), 'test' FROM customers "
        "WHERE id <> :ann",
        ann=shop.customer("ann"),
    )
    deliverer.deliver(lane, shop.now)
    assert len(provider.bodies) == 1
    assert states(shop).count("suppressed") == 30


def test_a_message_that_cannot_be_made_fails_alone(shop, provider, lane, deliverer):
    hooked(shop, provider, name="Broken")
    queue(shop, "ann")
    shop.do("UPDATE versions SET graph = jsonb_set(graph, '{nodes}', '[]')")
    hooked(shop, provider)
    queue(shop, "bob")
    deliverer.deliver(lane, shop.now)
    assert sorted(states(shop)) == ["failed", "failed", "sent"], "bob entered both"
    assert len(provider.bodies) == 1


def test_what_the_provider_did_not_take_is_tried_again_later(shop, provider, lane, deliverer):
    hooked(shop, provider)
    provider.status = 503
    queue(shop, "ann")
    deliverer.deliver(lane, shop.now)
    assert states(shop) == ["queued"]
    provider.status = 200
    deliverer.deliver(lane, shop.now)
    assert len(provider.bodies) == 1, "not before its time"
    shop.wait(hours=1)
    deliverer.deliver(lane, shop.now)
    assert states(shop) == ["sent"]
    outcomes = [row.outcome for row in shop.rows("SELECT outcome FROM deliveries ORDER BY attempt")]
    assert len(outcomes) == 2 and outcomes[-1] == "sent"


def test_a_webhook_without_an_answer_is_called_again_under_the_same_id(shop, provider, lane, deliverer):
    hooked(shop, provider)
    provider.silent = True
    queue(shop, "ann")
    deliverer.deliver(lane, shop.now)
    provider.silent = False
    shop.wait(minutes=1)
    deliverer.deliver(lane, shop.now)
    assert states(shop) == ["sent"]
    assert len(provider.bodies) == 2
    assert len({lowered(headers)["webhook-id"] for headers in provider.seen}) == 1


def test_what_a_dead_worker_left_behind_becomes_unknown(shop, provider, lane, deliverer):
    hooked(shop, provider, "marketing")
    queue(shop, "ann")
    shop.do("UPDATE messages SET status = 'sending', claimed_at = :now, attempts = 1", now=shop.now)
    assert sweep(shop.engine, shop.now + timedelta(seconds=SENDING_STALE_S - 1)) == 0
    assert sweep(shop.engine, shop.now + timedelta(seconds=SENDING_STALE_S + 1)) == 1
    assert states(shop) == ["unknown"]


def test_nothing_leaves_after_a_stop_or_a_pause_or_an_unsubscribe(shop, provider, lane, deliverer):
    journeys = {}
    for name in ("stop", "pause"):
        hook = ("send_webhook", {"url": provider.url()})
        journeys[name] = shop.publish(graph({"seen": ("event", {"event": name}), "hook": hook}, ["seen > hook"]))
        shop.tell("ann", name)
    hooked(shop, provider, "marketing")
    queue(shop, "bob")
    shop.stop(journeys["stop"])
    shop.pause(journeys["pause"])
    withdraw(shop.engine, shop.workspace, shop.customer("bob"), "webhook", "page")
    deliverer.deliver(lane, shop.now)
    assert provider.bodies == []
    assert sorted(states(shop)) == ["queued", "suppressed", "suppressed"]


def report(shop, lane, *kinds, of=None):
    message = of or shop.messages()[0].id
    return receive(shop.engine, shop.workspace, lane, [Receipt(message, "ref", kind, shop.now) for kind in kinds])


def numbers(shop):
    (journey,) = (row.id for row in shop.rows("SELECT id FROM journeys"))
    return shop.counts(journey)["messages"]["hook"]


def test_a_worker_that_stood_still_after_its_claim_does_not_call(shop, provider, lane, deliverer, monkeypatch):
    """A pause may have been answered meanwhile, and the message may have been sent by somebody else."""
    hooked(shop, provider, "marketing")
    queue(shop, "ann")
    hour = iter(range(0, 1_000_000, 3_600))
    with monkeypatch.context() as frozen:
        frozen.setattr("journey_engine.pipeline.deliver.monotonic_s", lambda: float(next(hour)))
        deliverer.deliver(lane, shop.now, for_s=0)
    until(lambda: not any(line.under_way for line in deliverer.lines.values()))
    assert provider.bodies == []
    deliverer.deliver(lane, shop.now)
    shop.wait(seconds=2)
    deliverer.deliver(lane, shop.now)
    assert len(provider.bodies) == 1
    assert states(shop) == ["sent"]


def test_an_erasure_that_was_cut_short_is_finished_when_it_is_asked_for_again(shop, provider, lane, monkeypatch):
    hooked(shop, provider)
    queue(shop, "ann")
    ann = shop.customer("ann")
    shop.do("UPDATE messages SET status = 'sending', claimed_at = now(), attempts = 1")
    monkeypatch.setattr("journey_engine.pipeline.erase.wait_until", lambda engine, is_so: False)
    with pytest.raises(Unavailable):
        erase(shop.engine, shop.workspace, ann)
    assert states(shop) == ["sending"]
    shop.do("UPDATE messages SET status = 'unknown'")
    monkeypatch.undo()
    assert not erase(shop.engine, shop.workspace, ann), "they are nobody any more"
    assert states(shop) == []


def test_a_stop_during_an_erasure_counts_nobody_twice(shop):
    journey = shop.publish(graph({"seen": ("event", {"event": SEEN}), "wait": ("wait", {})}, ["seen > wait"]))
    queue(shop, "ann", "bob")
    stopping = threading.Thread(target=shop.stop, args=(journey,))
    with before_statement(shop.engine, "reason = 'erased'", lambda: (stopping.start(), stopping.join(0.5))):
        erase(shop.engine, shop.workspace, shop.customer("ann"))
    stopping.join(20)
    totals = shop.counts(journey)["totals"]
    assert (totals["entered"], totals["waiting"], totals["exited"]) == (2, 0, 2)


def test_a_receipt_counts_once_and_never_takes_a_message_back(shop, provider, lane, deliverer):
    hooked(shop, provider)
    queue(shop, "ann")
    deliverer.deliver(lane, shop.now)
    for kind in ("clicked", "delivered", "delivered", "failed"):
        report(shop, lane, kind)
    assert [row.progress for row in shop.messages()] == ["clicked"]
    assert (numbers(shop)["sent"], numbers(shop)["delivered"]) == (1, 1)


def test_a_receipt_before_the_answer_proves_that_the_message_left(shop, provider, lane, deliverer):
    """The provider took it and then answered 503: it must not go again."""
    hooked(shop, provider)
    provider.status = 503
    queue(shop, "ann")
    deliverer.deliver(lane, shop.now)
    report(shop, lane, "delivered")
    assert states(shop) == ["sent"]
    provider.status = 200
    shop.wait(hours=1)
    deliverer.deliver(lane, shop.now)
    assert len(provider.bodies) == 1
    assert numbers(shop)["sent"] == 1


def test_a_receipt_while_it_is_being_sent_settles_it_whatever_the_answer(shop, provider, lane, deliverer):
    hooked(shop, provider)
    provider.status = 503
    queue(shop, "ann")
    settle = deliverer._settle

    def told_first(tx, calls, *rest):
        if calls:
            report(shop, lane, "delivered")
        settle(tx, calls, *rest)

    deliverer._settle = told_first
    deliverer.deliver(lane, shop.now)
    assert states(shop) == ["sent"]
    assert numbers(shop)["sent"] == 1


def test_a_receipt_of_a_message_nobody_knows_is_kept_and_moves_nothing(shop, lane):
    from tests.channels.outgoing import message_id

    assert report(shop, lane, "delivered", of=message_id()) == set()
    assert shop.one("SELECT matched FROM receipts") is False
