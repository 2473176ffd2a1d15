"""Actions on a real database: what journeys tell each other, ask of people and of other systems, and remember."""

import orjson
import pytest
from sqlalchemy import text

from journey_engine.config import CHAIN, Config
from journey_engine.errors import Conflict, Invalid
from journey_engine.pipeline import control
from journey_engine.pipeline.approve import REFUSE, RELEASE, approve
from journey_engine.pipeline.deliver import Deliverer
from journey_engine.pipeline.erase import erase
from journey_engine.store import approvals
from journey_engine.store.session import transaction
from tests.channels.sink import sink
from tests.support.shop import SECRET_KEY, graph, hours, minutes

CAME, LEFT = "Signed Up", "Left"
OFTEN = {"reentry": {"policy": "one_per_key"}}


def walks(shop, who="ann"):
    return {shop.path(one.id): one.status for one in shop.enrollments(who)}


def heard_by(event, **settings):
    return graph(
        {"in": ("event", {"event": event}), "rest": ("wait", {"duration": hours(1)})}, ["in > rest"], **settings
    )


def test_an_event_that_a_journey_tells_counts_and_starts_another_journey_with_its_values(shop):
    tell = ("emit_event", {"event": "Became VIP", "properties": [{"name": "order", "value": {"property": "order_id"}}]})
    shop.publish(graph({"in": ("event", {"event": CAME}), "tell": tell}, ["in > tell"]))
    shop.publish(heard_by("Became VIP"), "VIP")
    shop.tell("ann", CAME, order_id=7)
    shop.work()
    assert walks(shop) == {"in:next tell:next end": "completed", "in:next rest": "waiting"}
    assert shop.one("SELECT count FROM activity WHERE name = 'Became VIP'") == 1
    told = shop.one("SELECT properties FROM events WHERE name = 'Became VIP'")
    assert told == {"order": 7, "je.chain": 1}
    (vip,) = [one for one in shop.enrollments("ann") if one.status == "waiting"]
    assert vip.context["event"]["order"] == 7


def test_journeys_that_start_each_other_in_a_circle_come_to_an_end(shop):
    for one, other in (("Ping", "Pong"), ("Pong", "Ping")):
        nodes = {"in": ("event", {"event": one}), "tell": ("emit_event", {"event": other})}
        shop.publish(graph(nodes, ["in > tell"], reentry={"policy": "after_end"}), one)
    shop.tell("ann", "Ping")
    shop.work()
    ends = [one.status for one in shop.enrollments("ann")]
    assert (ends.count("completed"), ends.count("failed")) == (CHAIN, 1)


def test_a_journey_that_tells_what_it_starts_with_is_refused(shop):
    nodes = {"in": ("event", {"event": CAME}), "tell": ("emit_event", {"event": CAME})}
    with pytest.raises(Invalid, match="starts the journey that tells it") as refused:
        shop.publish(graph(nodes, ["in > tell"], **OFTEN))
    assert refused.value.code == "graph:own_event"


def entered_from_others(*edges):
    nodes = {"in": ("journey", {}), "rest": ("wait", {"duration": hours(1)})}
    return graph(nodes, ["in > rest", *edges], reentry={"policy": "after_end"})


def starting(other, kind="start_journey", **settings):
    nodes = {"in": ("event", {"event": CAME}), "go": (kind, {"journey": str(other), **settings})}
    return graph(nodes, ["in > go"], **OFTEN)


def test_a_journey_starts_another_and_hands_values_over(shop):
    other = shop.publish(entered_from_others(), "Other")
    shop.publish(starting(other, properties=[{"name": "sku", "value": {"property": "sku"}}]))
    shop.tell("ann", CAME, sku="A1")
    shop.work()
    assert walks(shop) == {"in:next go:next end": "completed", "in:next rest": "waiting"}
    (there,) = [one for one in shop.enrollments("ann") if one.journey_id == other]
    assert there.context["event"] == {"sku": "A1"}


def test_a_paused_journey_keeps_who_was_sent_there_until_it_goes_on(shop):
    other = shop.publish(entered_from_others(), "Other")
    shop.publish(starting(other))
    shop.pause(other)
    shop.tell("ann", CAME)
    shop.work()
    assert walks(shop) == {"in:next go:next end": "completed"}
    assert shop.one("SELECT count(*) FROM parked_events") == 1
    shop.resume(other)
    shop.work()
    assert "in:next rest" in walks(shop)


def test_a_journey_stops_another_for_its_customer_only(shop):
    other = shop.publish(heard_by("Seen"), "Other")
    shop.publish(starting(other, "stop_journey"))
    for who in ("ann", "bob"):
        shop.tell(who, "Seen")
    shop.work()
    shop.tell("ann", CAME)
    shop.work()
    assert walks(shop)["in:next rest rest"] == "exited"
    (ann,) = [one for one in shop.enrollments("ann") if one.journey_id == other]
    assert ann.end_reason == "stopped: je.stopped"
    assert walks(shop, "bob") == {"in:next rest": "waiting"}


def test_a_journey_that_names_none_or_itself_is_refused(shop):
    with pytest.raises(Invalid) as refused:
        shop.publish(starting("01890000-0000-7000-8000-000000000000"))
    assert refused.value.code == "graph:journey"
    own = shop.draw(graph({}, []))
    with pytest.raises(Invalid) as refused:
        shop.publish_again(own, starting(own, "stop_journey"))
    assert refused.value.code == "graph:own_journey"


def test_putting_away_a_journey_that_others_start_is_warned_of(shop):
    other = shop.publish(entered_from_others(), "Other")
    shop.publish(starting(other), "Welcome")
    shop.stop(other)
    (warning,) = control.archive(shop.engine, shop.workspace, other)["warnings"]
    assert (warning["code"], warning["severity"]) == ("journey:started_by_others", "warning")
    assert "Welcome" in warning["message"]["zh"]


def asking(**settings):
    """Whoever signs up waits for a colleague's word."""
    nodes = {
        "in": ("event", {"event": CAME}),
        "ask": ("approval", {"question": "Refund?", **settings}),
        "yes": ("exit", {}),
        "no": ("exit", {}),
    }
    edges = ["in > ask", "ask:released > yes", "ask:refused > no"]
    if settings:
        nodes["late"] = ("exit", {})
        edges.append("ask:timeout > late")
    return graph(nodes, edges, exit_events=[{"event": LEFT}])


def waiting(shop):
    with transaction(shop.engine) as tx:
        return [row["enrollment_id"] for row in approvals.waiting(tx, shop.workspace, 50)]


def decide(shop, enrollment, verdict, note=""):
    approve(shop.engine, shop.workspace, enrollment, verdict, note, "Mei", shop.now)
    shop.work()


def test_a_colleague_releases_one_and_refuses_another(shop):
    shop.publish(asking())
    for who in ("ann", "bob"):
        shop.tell(who, CAME)
        shop.work()
        shop.wait(minutes=1)
    ann, bob = (shop.enrollments(who)[0].id for who in ("ann", "bob"))
    assert waiting(shop) == [ann, bob]
    decide(shop, ann, RELEASE, "fine")
    decide(shop, bob, REFUSE)
    assert walks(shop) == {"in:next ask ask:released yes": "completed"}
    assert walks(shop, "bob") == {"in:next ask ask:refused no": "completed"}
    reasons = shop.rows("SELECT path FROM visits WHERE enrollment_id = :id ORDER BY n", id=ann)
    assert {name: reasons[-1].path[0]["reason"][name] for name in ("by", "note")} == {"by": "Mei", "note": "fine"}
    assert waiting(shop) == []


def test_only_one_of_two_answers_is_heard(shop):
    shop.publish(asking())
    shop.tell("ann", CAME)
    shop.work()
    (ann,) = waiting(shop)
    approve(shop.engine, shop.workspace, ann, RELEASE, "", "Mei", shop.now)
    with pytest.raises(Conflict):
        approve(shop.engine, shop.workspace, ann, REFUSE, "", "Lin", shop.now)
    shop.work()
    assert walks(shop) == {"in:next ask ask:released yes": "completed"}


def test_who_waited_long_enough_leaves_by_timeout_and_the_question_is_gone(shop):
    shop.publish(asking(timeout=minutes(10)))
    shop.tell("ann", CAME)
    shop.work()
    (ann,) = waiting(shop)
    shop.wait(minutes=10)
    shop.work()
    assert walks(shop) == {"in:next ask ask:timeout late": "completed"}
    with pytest.raises(Conflict):
        approve(shop.engine, shop.workspace, ann, RELEASE, "", "Mei", shop.now)


def test_who_left_otherwise_is_not_asked_about_and_is_swept_away(shop):
    shop.publish(asking())
    for who in ("ann", "bob"):
        shop.tell(who, CAME)
    shop.work()
    shop.tell("ann", LEFT)
    shop.work()
    assert waiting(shop) == [shop.enrollments("bob")[0].id]
    with transaction(shop.engine) as tx:
        assert (approvals.sweep(tx), approvals.sweep(tx)) == (1, 0)
    assert erase(shop.engine, shop.workspace, shop.customer("bob"))
    assert shop.one("SELECT count(*) FROM approvals") == 0


def test_a_paused_journey_keeps_the_answer_until_it_goes_on(shop):
    journey = shop.publish(asking())
    shop.tell("ann", CAME)
    shop.work()
    (ann,) = waiting(shop)
    shop.pause(journey)
    decide(shop, ann, RELEASE)
    assert walks(shop) == {"in:next ask": "waiting"}
    shop.resume(journey)
    shop.work()
    assert walks(shop) == {"in:next ask ask:released yes": "completed"}


@pytest.fixture
def provider():
    with sink(orjson.dumps({"data": {"score": 7, "items": ["A1"]}})) as server:
        yield server


@pytest.fixture
def lane(shop):
    with transaction(shop.engine) as tx:
        tx.execute(text("UPDATE accounts SET is_default = false WHERE channel = 'webhook'"))
    return shop.add_account("Loopback", "webhook", "webhook", secrets={"secret": "whsec_c2VjcmV0"})


@pytest.fixture
def deliverer(shop, provider):
    return Deliverer(shop.engine, Config(secret_key=SECRET_KEY, allowed_outgoing=(f"127.0.0.1:{provider.port}",)))


def calling(shop, provider, **settings):
    """Whoever signs up is asked about at another system."""
    keep = [{"name": "score", "path": "data.score"}, {"name": "first", "path": "data.items.0"}]
    nodes = {
        "in": ("event", {"event": CAME}),
        "call": ("call_webhook", {"url": provider.url(), "keep": keep, "body": '{"who": "x"}', **settings}),
        "good": ("wait", {"duration": hours(9)}),
        "bad": ("exit", {}),
    }
    return shop.publish(graph(nodes, ["in > call", "call > good", "call:failed > bad"]))


def test_a_customer_waits_for_the_answer_and_goes_on_with_its_values(shop, provider, lane, deliverer):
    calling(shop, provider)
    shop.tell("ann", CAME)
    shop.work()
    assert walks(shop) == {"in:next call": "waiting"}
    done = deliverer.deliver(lane, shop.now)
    assert done.answered
    shop.work()
    (ann,) = shop.enrollments("ann")
    assert walks(shop) == {"in:next call call:next good": "waiting"}
    assert ann.context["vars"] == {"score": 7, "first": "A1"}
    assert shop.one("SELECT count(*) FROM events WHERE name = 'je.answered'") == 1
    assert deliverer.deliver(lane, shop.now).calls == 0


def test_an_address_that_refuses_leads_out_by_failed(shop, provider, lane, deliverer):
    provider.status = 404
    calling(shop, provider)
    shop.tell("ann", CAME)
    shop.work()
    deliverer.deliver(lane, shop.now)
    shop.work()
    assert walks(shop) == {"in:next call call:failed bad": "completed"}


def test_an_answer_that_is_no_json_or_too_long_has_failed_where_values_are_wanted(shop, provider, lane, deliverer):
    calling(shop, provider)
    for who, answer in (("ann", b"thanks"), ("bob", b'"' + b"x" * 20_000 + b'"'), ("cat", b'"\\u0000"')):
        provider.answer = answer
        shop.tell(who, CAME)
        shop.work()
        deliverer.deliver(lane, shop.now)
        shop.work()
        assert walks(shop, who) == {"in:next call call:failed bad": "completed"}, answer[:20]


def test_who_gets_no_answer_in_time_leaves_and_a_late_answer_moves_nobody(shop, provider, lane, deliverer):
    provider.status = 503
    calling(shop, provider, timeout=minutes(1))
    shop.tell("ann", CAME)
    shop.work()
    deliverer.deliver(lane, shop.now)
    shop.wait(minutes=1)
    shop.work()
    assert walks(shop) == {"in:next call call:failed bad": "completed"}
    provider.status = 200
    shop.wait(minutes=1)
    deliverer.deliver(lane, shop.now)
    shop.work()
    assert [row.status for row in shop.messages()] == ["sent"]
    assert walks(shop) == {"in:next call call:failed bad": "completed"}


def test_a_paused_journey_hears_the_answer_when_it_goes_on(shop, provider, lane, deliverer):
    journey = calling(shop, provider)
    shop.tell("ann", CAME)
    shop.work()
    paused = []
    provider.before_answer = lambda: paused.append(shop.do("UPDATE journeys SET status = 'paused'"))
    shop.do("UPDATE control SET revision = revision + 1")
    deliverer.deliver(lane, shop.now)
    shop.do("UPDATE control SET revision = revision + 1")
    shop.work()
    assert (len(paused), walks(shop)) == (1, {"in:next call": "waiting"})
    shop.resume(journey)
    shop.work()
    assert walks(shop) == {"in:next call call:next good": "waiting"}


def test_a_consent_withdrawn_by_a_journey_holds_for_what_follows_in_it(shop):
    sms = ("send_sms", {"template_code": "SMS_1", "text": "Hello"})
    nodes = {
        "in": ("event", {"event": CAME}),
        "first": sms,
        "no": ("consent", {"state": "withdrawn", "channel": "sms"}),
        "second": sms,
        "skip": ("exit", {}),
    }
    shop.publish(graph(nodes, ["in > first", "first > no", "no > second", "second:skipped > skip"]))
    shop.tell("ann", CAME)
    shop.work()
    assert walks(shop) == {"in:next first:next no:next second:skipped skip": "completed"}
    assert [(row.status, row.reason) for row in shop.messages()] == [("suppressed", "unsubscribed")]
    (change,) = shop.rows("SELECT state, source, evidence FROM consent_changes")
    assert (change.state, change.source, change.evidence["node"]) == ("withdrawn", "journey", "no")


def test_a_staff_task_goes_to_the_colleagues_and_never_to_the_customer(shop):
    settings = {"to": ["ops@shop.example", "desk@shop.example"], "subject": "Call", "text": "Now"}
    nodes = {"in": ("event", {"event": CAME}), "task": ("staff_task", settings)}
    shop.publish(graph(nodes, ["in > task"]))
    shop.tell("dan", CAME)  # who has no address of his own
    shop.tell("ann", CAME)
    shop.work()
    assert {row.address for row in shop.messages()} == {"ops@shop.example, desk@shop.example"}
    assert {row._mapping["class"] for row in shop.messages()} == {"transactional"}
    assert len(shop.messages()) == 2


def test_tags_of_a_merged_customer_are_united(shop):
    for who, tag in (("ann", "vip"), ({"external_id": "ann's phone"}, "app")):
        shop.publish(graph({"in": ("event", {"event": tag}), "t": ("tag", {"tags": [tag, "all"]})}, ["in > t"]), tag)
        shop.tell(who, tag)
        shop.work()
    shop.tell({"external_id": "ann", "anonymous_id": "x"}, "Seen")
    shop.tell({"external_id": "ann's phone", "anonymous_id": "x"}, "Seen")
    shop.work()
    assert shop.one("SELECT attributes FROM customers") == {"tags": ["all", "app", "vip"]}


def test_variables_beyond_their_room_fail_their_customer_alone(shop):
    keep = ("set_variable", {"variables": [{"name": "n", "value": {"property": "note"}}]})
    shop.publish(graph({"in": ("event", {"event": CAME}), "keep": keep}, ["in > keep"]))
    shop.tell("ann", CAME, note="x" * 60_000)
    shop.tell("bob", CAME, note="short")
    shop.work()
    assert (set(walks(shop).values()), set(walks(shop, "bob").values())) == ({"failed"}, {"completed"})
