"""What cannot be worked is set aside where people see it, and tried again when they say so."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from journey_engine.config import TRIES, Config
from journey_engine.errors import Conflict, NotFound
from journey_engine.nodes import NODES
from journey_engine.pipeline import retry
from journey_engine.pipeline import turn as turning
from journey_engine.pipeline.deliver import Deliverer
from journey_engine.store import events_read
from journey_engine.store.session import transaction
from tests.channels.sink import sink
from tests.support.shop import SECRET_KEY, Shop, graph, hours

SEEN = "Product Viewed"
WAIT = ("wait", {"duration": hours(1)})
CHANGE = ("update_customer", {"changes": [{"attribute": "seen", "action": "increment", "value": 1}]})


@pytest.fixture
def shop(database_url):
    return Shop(database_url, datetime.now(UTC) - timedelta(hours=2))


def breaks(monkeypatch, kind, moment):
    """This moment of a kind of node fails until the answer is called."""
    asked, whole = NODES[kind], getattr(NODES[kind], moment)

    def fail(self, visitors, now):
        raise ZeroDivisionError("odd")

    monkeypatch.setattr(asked, moment, fail)
    return lambda: monkeypatch.setattr(asked, moment, whole)


def numbers(shop, journey, node):
    counts = shop.counts(journey)
    totals = {name: n for name, n in counts["totals"].items() if n}
    return totals, {name: n for name, n in counts["nodes"].get(node, {}).items() if n}


def test_a_poisoned_event_is_seen_with_its_cause_and_worked_once_it_is_tried_again(shop, monkeypatch):
    journey = shop.publish(graph({"seen": ("event", {"event": SEEN}), "wait": WAIT}, ["seen > wait"]))
    work, sick = turning.apply, [True]

    def apply(scene, items):
        if sick:
            raise ValueError("poison")
        work(scene, items)

    monkeypatch.setattr(turning, "apply", apply)
    event = shop.tell("ann", SEEN).event_id
    for _ in range(TRIES):
        shop.work()
        shop.wait(minutes=5)
    with transaction(shop.engine) as tx:
        (found,) = events_read.latest(tx, shop.workspace, 10, None, "", None, "dead_lettered")
    assert (found["id"], found["state"]) == (event, "dead_lettered")
    assert found["why"] == {"why": "set_aside", "detail": "ValueError: poison"}

    sick.clear()
    retry.retry_event(shop.engine, shop.workspace, event)
    with pytest.raises(Conflict):
        retry.retry_event(shop.engine, shop.workspace, event)
    shop.now = datetime.now(UTC)
    shop.work()
    assert shop.counts(journey)["totals"]["entered"] == 1
    with transaction(shop.engine) as tx:
        assert events_read.one(tx, shop.workspace, event)["state"] == "processed"


def test_an_event_of_another_workspace_is_not_tried_again(shop, database_url):
    event = shop.tell("ann", SEEN).event_id
    shop.do(
        "INSERT INTO event_outcomes (event_id, workspace_id, shard, state, why, at) "
        "VALUES (:id, :w, 0, 'dead_lettered', 'x', now())",
        id=event,
        w=shop.workspace,
    )
    with pytest.raises(NotFound):
        retry.retry_event(shop.engine, Shop(database_url).workspace, event)


def test_a_customer_who_failed_at_a_node_visits_it_anew_and_is_counted_once(shop, monkeypatch):
    nodes = {"seen": ("event", {"event": SEEN}), "set": CHANGE, "wait": WAIT}
    journey = shop.publish(graph(nodes, ["seen > set", "set > wait"]))
    mend = breaks(monkeypatch, "update_customer", "visit")
    shop.tell("ann", SEEN)
    shop.work()
    (failed,) = shop.enrollments()
    assert (failed.status, failed.node_id) == ("failed", "set")
    mend()
    retry.retry_enrollment(shop.engine, shop.workspace, failed.id)
    assert numbers(shop, journey, "set") == ({"entered": 1, "waiting": 1}, {"waiting": 1})
    shop.now = datetime.now(UTC)
    shop.work()
    (enrollment,) = shop.enrollments()
    assert (enrollment.status, enrollment.node_id) == ("waiting", "wait")
    assert shop.one("SELECT attributes FROM customers") == {"seen": 1}
    totals, node = numbers(shop, journey, "set")
    assert totals == {"entered": 1, "waiting": 1}
    assert node == {"entered": 1, "exits": {"next": 1}}
    assert shop.path(failed.id) == "seen:next set set:next wait"


def test_a_customer_who_failed_when_a_wait_ended_does_not_wait_once_more(shop, monkeypatch):
    journey = shop.publish(graph({"seen": ("event", {"event": SEEN}), "wait": WAIT}, ["seen > wait"]))
    mend = breaks(monkeypatch, "wait", "resume")
    shop.tell("ann", SEEN)
    shop.work()
    shop.wait(hours=1)
    shop.work()
    (failed,) = shop.enrollments()
    assert failed.status == "failed"
    mend()
    retry.retry_enrollment(shop.engine, shop.workspace, failed.id)
    shop.now = datetime.now(UTC)
    shop.work()
    assert [row.status for row in shop.enrollments()] == ["completed"]
    assert numbers(shop, journey, "wait")[0] == {"entered": 1, "completed": 1}
    with pytest.raises(Conflict):
        retry.retry_enrollment(shop.engine, shop.workspace, failed.id)


def test_who_entered_again_meanwhile_is_not_let_in_twice(shop, monkeypatch):
    reentry = {"policy": "after_end"}
    shop.publish(graph({"seen": ("event", {"event": SEEN}), "wait": WAIT}, ["seen > wait"], reentry=reentry))
    mend = breaks(monkeypatch, "wait", "visit")
    shop.tell("ann", SEEN)
    shop.work()
    mend()
    shop.tell("ann", SEEN)
    shop.work()
    (failed,) = (row for row in shop.enrollments() if row.status == "failed")
    with pytest.raises(Conflict, match="again meanwhile"):
        retry.retry_enrollment(shop.engine, shop.workspace, failed.id)


def test_a_stopped_journey_takes_nobody_back(shop, monkeypatch):
    journey = shop.publish(graph({"seen": ("event", {"event": SEEN}), "wait": WAIT}, ["seen > wait"]))
    breaks(monkeypatch, "wait", "visit")
    shop.tell("ann", SEEN)
    shop.work()
    shop.stop(journey)
    with pytest.raises(Conflict, match="does not run"):
        retry.retry_enrollment(shop.engine, shop.workspace, shop.enrollments()[0].id)


@pytest.fixture
def refused(shop):
    """A webhook that its receiver refused for good, and what serves its lane."""
    with sink() as receiver:
        receiver.status = 400
        shop.do("UPDATE accounts SET is_default = false WHERE channel = 'webhook'")
        lane = shop.add_account("Loopback", "webhook", "webhook", secrets={"secret": "whsec_c2VjcmV0"})
        hook = ("send_webhook", {"url": receiver.url(), "body": json.dumps({})})
        shop.publish(graph({"seen": ("event", {"event": SEEN}), "hook": hook}, ["seen > hook"]))
        shop.tell("ann", SEEN)
        shop.work()
        config = Config(secret_key=SECRET_KEY, allowed_outgoing=(f"127.0.0.1:{receiver.port}",))
        deliverer = Deliverer(shop.engine, config)
        deliverer.deliver(lane)
        yield receiver, deliverer, lane


def test_a_refused_message_is_sent_once_more_when_somebody_says_so(shop, refused):
    receiver, deliverer, lane = refused
    (message,) = shop.messages()
    assert message.status == "failed"
    receiver.status = 200
    assert retry.retry_message(shop.engine, shop.workspace, message.id) == lane
    deliverer.deliver(lane)
    assert [row.status for row in shop.messages()] == ["sent"]
    (journey,) = (row.id for row in shop.rows("SELECT id FROM journeys"))
    counted = shop.counts(journey)["messages"]["hook"]
    assert (counted["queued"], counted["sent"], counted["failed"]) == (1, 1, 0)
    with pytest.raises(Conflict):
        retry.retry_message(shop.engine, shop.workspace, message.id)


@pytest.mark.parametrize("outcome", ["unknown", ""])
def test_a_message_that_may_have_left_is_never_sent_again_by_hand(shop, refused, outcome):
    (message,) = shop.messages()
    shop.do(
        "INSERT INTO deliveries (message_id, attempt, workspace_id, shard, started_at, ended_at, outcome) "
        "VALUES (:id, 9, :w, 0, now(), CASE WHEN :outcome <> '' THEN now() END, :outcome)",
        id=message.id,
        w=shop.workspace,
        outcome=outcome,
    )
    with pytest.raises(Conflict, match="may have it already"):
        retry.retry_message(shop.engine, shop.workspace, message.id)
    shop.do("UPDATE messages SET status = 'unknown'")
    with pytest.raises(Conflict, match="may have it already"):
        retry.retry_message(shop.engine, shop.workspace, message.id)
