"""Why, and why not: one call says what became of a customer in a journey, with the values that were read."""

import copy
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from journey_engine.clock import now
from journey_engine.pipeline.turn import turn

LI_LEI = {"external_id": "lilei", "phone": "+8613800138000"}
CHINESE = re.compile("[\u4e00-\u9fff]")


class Asking:
    """A shop with one journey, and the question about one customer in it."""

    def __init__(self, shop, engine, graph):
        self.shop, self.engine, self.graph = shop, engine, graph
        self.client = shop.client()
        self.journey = shop.live(graph)

    def tell(self, name, customer=None, **event):
        self.shop.tell(name=name, customer=customer or LI_LEI, **event)
        return self

    def work(self, **later):
        turn(self.engine, now() + timedelta(**later))
        return self

    @property
    def customer(self):
        found = self.client.get("/api/v1/customers?search=lilei").json["items"]
        return found[0]["id"]

    def why(self, node="sms", customer=None):
        path = f"/api/v1/customers/{customer or self.customer}/why?journey={self.journey}&node={node}"
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.json
        for sentence in (answer.json["sentence"], *(step["sentence"] for step in answer.json["steps"])):
            assert CHINESE.search(sentence["zh"]), sentence
            assert not re.search(r"[{}\[\]]|…|None", sentence["en"] + sentence["zh"]), sentence
        return answer.json


@pytest.fixture
def winding():
    """A cart: gold customers go one way and wait, then get an SMS; the others get a mail."""
    sms = {"template_code": "SMS_1", "text": "Hello", "sign_name": "Tea"}
    nodes = [
        {"id": "cart", "kind": "event", "settings": {"event": "Cart", "where": [], "key": ""}},
        {"id": "gold", "kind": "condition", "settings": {"rule": {"attribute": "tier", "op": "is", "value": "gold"}}},
        {"id": "wait", "kind": "wait", "settings": {"duration": {"amount": 1, "unit": "hours"}}},
        {"id": "sms", "kind": "send_sms", "settings": sms},
        {"id": "note", "kind": "update_customer", "settings": {"changes": [{"attribute": "seen", "value": True}]}},
        {"id": "bye", "kind": "exit", "settings": {}},
    ]
    ways = [("cart", "next", "gold"), ("gold", "yes", "wait"), ("gold", "no", "note"), ("wait", "next", "sms")]
    ways += [("sms", "next", "bye"), ("note", "next", "bye")]
    edges = [{"from": source, "exit": exit, "to": target} for source, exit, target in ways]
    settings = {"reentry": {"policy": "never"}, "exit_events": [{"event": "Order"}]}
    return {"settings": settings, "nodes": nodes, "edges": edges}


@pytest.fixture
def asking(shop, engine, winding):
    return Asking(shop, engine, winding)


def gold(asking):
    return asking.tell("Customer Updated", properties={"tier": "gold"}).tell("Cart").work()


def test_the_trigger_never_matched_because_its_event_never_happened(asking):
    asking.tell("Signed Up").work()

    found = asking.why()

    assert (found["answer"], found["steps"]) == ("never_matched", [])
    assert "no Cart of this customer is recorded" in found["sentence"]["en"]


def test_the_event_happened_before_the_journey_was_live(shop, engine, winding):
    shop.tell(name="Cart", customer=LI_LEI)
    turn(engine)

    assert Asking(shop, engine, winding).why()["answer"] == "before_publication"


def test_the_event_waits_to_be_worked_or_for_the_end_of_a_pause(asking):
    asking.tell("Cart")
    assert asking.why()["answer"] == "pending"

    asking.client.post(f"/api/v1/journeys/{asking.journey}/pause", json={})
    asking.work()
    assert asking.why()["answer"] == "kept"


def test_an_event_that_could_not_be_worked_is_named(asking):
    asking.tell("Cart")
    with asking.engine.begin() as tx:
        event = tx.execute(text("DELETE FROM inbox RETURNING event_id, workspace_id, shard")).one()
        values = {"e": event.event_id, "w": event.workspace_id, "s": event.shard}
        insert = "INSERT INTO event_outcomes (event_id, workspace_id, shard, state, why, at) "
        tx.execute(text(insert + "VALUES (:e, :w, :s, 'dead_lettered', 'KeyError: odd', now())"), values)

    assert "KeyError: odd" in asking.why()["sentence"]["en"]


def test_an_entry_that_was_refused_says_why(shop, engine, winding):
    winding["nodes"][0]["settings"]["where"] = [{"property": "total", "op": ">", "value": 100}]
    asking = Asking(shop, engine, winding)
    asking.tell("Cart", properties={"total": 5}).work()

    found = asking.why()

    assert found["answer"] == "refused"
    assert "the filter does not hold" in found["sentence"]["en"]
    assert [step["kind"] for step in found["steps"]] == ["refused"]


def test_who_came_again_is_told_of_the_refusal_and_who_is_inside_where_they_stand(asking):
    gold(asking).tell("Cart").work()
    assert asking.why()["answer"] == "waiting"

    asking.work(hours=2).tell("Cart").work(hours=3)
    found = asking.why(node="")
    assert found["answer"] == "refused"
    assert "entering again is not allowed" in found["sentence"]["en"]


def test_who_still_waits_is_told_where_and_until_when(asking):
    gold(asking)

    found = asking.why()

    assert found["answer"] == "waiting"
    assert re.search(
        r"“Send SMS” \(sms\) is not reached yet: .*“Wait” \(wait\), until 20\d\d-", found["sentence"]["en"]
    )
    assert [step["kind"] for step in found["steps"]] == ["entered", "visit", "visit", "visit"]


def test_while_the_journey_is_paused_that_is_the_answer(asking):
    gold(asking)
    asking.client.post(f"/api/v1/journeys/{asking.journey}/pause", json={})

    assert asking.why()["answer"] == "paused"


def test_a_branch_that_went_the_other_way_names_the_leaf_and_the_value_it_read(asking):
    asking.tell("Customer Updated", properties={"tier": "silver"}).tell("Cart").work()

    found = asking.why()

    assert found["answer"] == "branch"
    assert "left “Condition” (gold) by “no”, because tier is gold (read silver): no" in found["sentence"]["en"]


def test_who_left_before_is_told_by_which_event(asking):
    gold(asking).tell("Order").work()

    found = asking.why()

    assert found["answer"] == "ended"
    assert "at “Wait” (wait): Order happened, on which the journey is left" in found["sentence"]["en"]


def test_a_check_that_stopped_the_message_is_named(shop, engine, winding):
    winding["settings"]["customer_filter"] = {"not": {"attribute": "blocked", "op": "is", "value": True}}
    asking = Asking(shop, engine, winding)
    gold(asking).tell("Customer Updated", properties={"blocked": True}).work(hours=2)

    found = asking.why()

    assert found["answer"] == "skipped"
    assert "the customer filter of the journey does not hold: blocked is" in found["sentence"]["en"]


def test_no_address_is_a_reason_too(asking):
    asking.tell("Customer Updated", {"external_id": "lilei"}, properties={"tier": "gold"})
    asking.tell("Cart", {"external_id": "lilei"}).work().work(hours=2)

    assert "there is no valid address" in asking.why()["sentence"]["en"]


def test_a_queued_message_says_what_it_waits_for(asking):
    gold(asking).work(hours=2)
    assert asking.why()["answer"] == "queued"

    with asking.engine.begin() as tx:
        tx.execute(text("UPDATE accounts SET stopped_at = now(), stopped_why = 'no money left'"))
    assert "its account was stopped: no money left" in asking.why()["sentence"]["en"]


@pytest.mark.parametrize(
    ("status", "reason", "sentence"),
    [
        ("sent", "", "was sent on .* through SMS; the provider says: delivered 20"),
        ("failed", "isv.MOBILE_NUMBER_ILLEGAL", "failed: isv.MOBILE_NUMBER_ILLEGAL"),
        ("unknown", "the worker stopped before the answer", "never repeated silently"),
        ("suppressed", "unsubscribed", "the customer unsubscribed before it left"),
        ("suppressed", "exited", "the customer left the journey before it left"),
    ],
)
def test_a_message_says_what_became_of_it(asking, status, reason, sentence):
    gold(asking).work(hours=2)
    with asking.engine.begin() as tx:
        values = {"status": status, "reason": reason}
        sent = "sent_at = CASE WHEN :status = 'sent' THEN now() END, due_at = NULL"
        row = tx.execute(
            text(f"UPDATE messages SET status = :status, reason = :reason, {sent} RETURNING *"), values
        ).one()
        if status == "sent":
            said = {"a": row.account_id, "m": row.id, "w": row.workspace_id, "s": row.shard}
            insert = "INSERT INTO receipts (account_id, message_id, kind, provider_ref, workspace_id, shard, at, "
            values = "received_at, matched) VALUES (:a, :m, 'delivered', 'r', :w, :s, now(), now(), true)"
            tx.execute(text(insert + values), said)

    found = asking.why()

    assert found["answer"] == status
    assert re.search(sentence, found["sentence"]["en"]), found["sentence"]
    assert next(step for step in found["steps"] if step["kind"] == "message")["checks"]


def test_who_is_held_out_is_told_so(shop, engine, winding):
    winding["settings"]["holdout"] = {"percent": 100}
    asking = Asking(shop, engine, winding)
    gold(asking).work(hours=2)

    found = asking.why()

    assert found["answer"] == "held_out"
    assert "held out" in found["sentence"]["en"]


def test_a_running_clock_and_one_that_was_stopped_are_told(shop, engine, winding):
    settings = {"event": "Cart", "not_events": ["Order"], "within": {"amount": 2, "unit": "hours"}}
    winding["nodes"][0] = {"id": "cart", "kind": "absence", "settings": settings}
    asking = Asking(shop, engine, winding)
    asking.tell("Cart").work()
    assert asking.why()["answer"] == "armed"

    asking.tell("Order").work()
    found = asking.why()
    assert (found["answer"], [step["kind"] for step in found["steps"]]) == ("cancelled", ["armed", "visit", "ended"])


def test_a_node_of_a_newer_version_is_not_in_the_way_of_who_entered_before(asking):
    gold(asking)
    graph = copy.deepcopy(asking.graph)
    graph["nodes"].append({**graph["nodes"][3], "id": "second"})
    graph["edges"][4] = {"from": "sms", "exit": "next", "to": "second"}
    graph["edges"].append({"from": "second", "exit": "next", "to": "bye"})
    asking.client.put(f"/api/v1/journeys/{asking.journey}/draft", json={"revision": 1, "graph": graph})
    answer = asking.client.post(f"/api/v1/journeys/{asking.journey}/publish", json={"revision": 2})
    assert answer.status_code == 200, answer.json

    found = asking.why(node="second")

    assert found["answer"] == "other_version"
    assert "version 1" in found["sentence"]["en"]


def test_a_merged_customer_is_answered_by_who_they_became(asking):
    asking.tell("Cart", {"anonymous_id": "x"}).tell("Cart").work()
    loser = asking.client.get("/api/v1/customers?search=x").json["items"][0]["id"]
    asking.tell("Cart", {"anonymous_id": "x", **LI_LEI}).work()
    merged = [one for one in (loser, asking.customer) if one != asking.customer] or [None]
    if merged[0] is None:
        with asking.engine.begin() as tx:
            merged = [tx.scalar(text("SELECT loser_id FROM merges"))]

    found = asking.why(customer=merged[0])

    assert (found["answer"], found["survivor"]) == ("merged", asking.customer)


def test_an_unknown_customer_or_journey_is_not_found(asking):
    asking.tell("Cart")
    client, customer = asking.client, asking.customer

    assert client.get(f"/api/v1/customers/{uuid4()}/why").status_code == 404
    assert client.get(f"/api/v1/customers/{customer}/why?journey={uuid4()}").status_code == 404
    assert client.get(f"/api/v1/customers/{customer}/why").json["answer"] == "nothing_asked"


def test_a_journey_that_was_never_published_says_so(asking):
    asking.tell("Cart").work()
    asking.journey = asking.client.post("/api/v1/journeys", json={"name": "Draft"}).json["id"]

    assert asking.why()["answer"] == "not_published"


def test_attempts_and_receipts_stand_in_the_chain_in_their_order(asking):
    gold(asking).work(hours=2)
    with asking.engine.begin() as tx:
        row = tx.execute(text("UPDATE messages SET status = 'queued', attempts = 1 RETURNING *")).one()
        values = {"m": row.id, "w": row.workspace_id, "s": row.shard, "at": row.queued_at + timedelta(seconds=1)}
        insert = "INSERT INTO deliveries (message_id, attempt, workspace_id, shard, started_at, outcome, code, detail) "
        tx.execute(text(insert + "VALUES (:m, 1, :w, :s, :at, 'retry', 'isv.BUSY', 'later')"), values)

    found = asking.why()

    assert "attempt 1 did not succeed" in found["sentence"]["en"]
    assert [step["kind"] for step in found["steps"]][-3:] == ["message", "ended", "delivery"]
    assert "isv.BUSY later" in found["steps"][-1]["sentence"]["en"]
