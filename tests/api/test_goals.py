"""Goals and experiments as a marketer reads them: conversions and revenue beside the holdout, arms side by side."""

import copy
from datetime import UTC, datetime, timedelta

import pytest

from journey_engine.pipeline.turn import turn

BOUGHT = {"id": "bought", "name": "Bought", "event": "Order", "value": "total", "currency": "currency"}
HOUR = timedelta(hours=1)


@pytest.fixture
def splitting():
    """A graph that sends an SMS to half of its customers."""
    arms = [
        {"id": "sms", "name": "SMS", "weight": 50},
        {"id": "none", "name": "Nothing", "weight": 50, "control": True},
    ]
    nodes = [
        {"id": "cart", "kind": "event", "settings": {"event": "Cart"}},
        {"id": "split", "kind": "random_split", "settings": {"arms": arms}},
        {"id": "send", "kind": "send_sms", "settings": {"template_code": "S", "text": "Hi"}},
        {"id": "bye", "kind": "exit", "settings": {}},
    ]
    ways = [("cart", "next", "split"), ("split", "sms", "send"), ("split", "none", "bye"), ("send", "next", "bye")]
    edges = [{"from": source, "exit": exit, "to": target} for source, exit, target in ways]
    return {"settings": {"goals": [BOUGHT]}, "nodes": nodes, "edges": edges}


def enter(shop, engine, people):
    """These customers put something into the cart."""
    for number in people:
        shop.tell(name="Cart", customer={"external_id": f"c{number}", "phone": f"+86138001{number:05}"})
    turn(engine)


def buy(shop, engine, number, total="10.50", currency="CNY", after=HOUR):
    properties = {"total": total, "currency": currency}
    at = (datetime.now(UTC) + after).isoformat()
    shop.tell(name="Order", customer={"external_id": f"c{number}"}, occurred_at=at, properties=properties)
    turn(engine)


def test_a_goal_shows_who_reached_it_by_which_message_and_what_it_was_worth(shop, engine, sending):
    sending["settings"] = {"goals": [BOUGHT]}
    journey = shop.live(sending)
    enter(shop, engine, range(4))
    buy(shop, engine, 0, "10.50")
    buy(shop, engine, 0, "99")
    buy(shop, engine, 1, 4)

    (goal,) = shop.client().get(f"/api/v1/journeys/{journey}/goals").json["items"]

    assert (goal["id"], goal["name"], goal["entered"], goal["conversions"]) == ("bought", "Bought", 4, 2)
    assert (goal["rate"], goal["value"], goal["currency"], goal["holdout"]) == (0.5, "14.50", "CNY", None)
    assert [(m["node"], m["conversions"], m["value"]) for m in goal["messages"]] == [("sms", 2, "14.50")]
    assert goal["versions"] == [{"version": 1, "entered": 4, "conversions": 2, "rate": 0.5}]
    counts = shop.client().get(f"/api/v1/journeys/{journey}/counts").json
    assert counts["conversions"] == {"bought": {"reached": 2, "held_out": 0, "nodes": {"sms": 2}}}


def test_revenue_in_several_currencies_is_not_added_up(shop, engine, sending):
    sending["settings"] = {"goals": [BOUGHT]}
    journey = shop.live(sending)
    enter(shop, engine, range(2))
    buy(shop, engine, 0, 10, "CNY")
    buy(shop, engine, 1, 20, "USD")

    (goal,) = shop.client().get(f"/api/v1/journeys/{journey}/goals").json["items"]

    assert (goal["value"], goal["currency"]) == (None, None)
    assert goal["values"] == [{"currency": "CNY", "value": "10"}, {"currency": "USD", "value": "20"}]


def test_the_holdout_stands_beside_with_its_own_rate(shop, engine, sending):
    sending["settings"] = {"goals": [BOUGHT], "holdout": {"percent": 50}}
    journey = shop.live(sending)
    enter(shop, engine, range(40))
    for number in range(40):
        buy(shop, engine, number, 1)

    (goal,) = shop.client().get(f"/api/v1/journeys/{journey}/goals").json["items"]
    messages = shop.client().get("/api/v1/messages?limit=200").json["items"]

    held = [one for one in messages if (one["status"], one["reason"]) == ("suppressed", "holdout")]
    assert len(messages) == 40
    assert (goal["entered"], goal["holdout"]["entered"]) == (40 - len(held), len(held))
    assert 5 < len(held) < 35
    assert (goal["rate"], goal["holdout"]["rate"], goal["lift"]) == (1.0, 1.0, 0.0)
    assert goal["interval"][0] < 0 < goal["interval"][1]


def test_an_experiment_shows_each_customer_once_in_the_arm_they_got(shop, engine, splitting):
    journey = shop.live(splitting)
    for _ in range(2):
        enter(shop, engine, range(30))
    for number in range(0, 30, 2):
        buy(shop, engine, number, 5)

    (report,) = shop.client().get(f"/api/v1/journeys/{journey}/experiments").json["items"]
    arms = {arm["id"]: arm for arm in report["arms"]}

    assert (report["node"], report["goal"]["id"], report["unit"]) == ("split", "bought", "customers")
    assert sum(arm["n"] for arm in arms.values()) == 30
    assert sum(arm["conversions"] for arm in arms.values()) == 15
    assert sum(float(arm["value"] or 0) for arm in arms.values()) == 75
    assert (arms["none"]["control"], arms["none"]["p"], arms["sms"]["control"]) == (True, None, False)
    assert 0 <= arms["sms"]["p"] <= 1
    assert report["ratio"]["ok"] is True


def test_a_split_that_customers_are_lost_from_is_warned_of(shop, engine, splitting):
    journey = shop.live(splitting)
    enter(shop, engine, range(60))
    lost = "DELETE FROM exposures WHERE arm = 'none'"
    with engine.begin() as tx:
        tx.exec_driver_sql(lost)

    (report,) = shop.client().get(f"/api/v1/journeys/{journey}/experiments?node=split&goal=bought").json["items"]

    assert report["ratio"]["ok"] is False
    assert report["ratio"]["p"] < 0.001


def test_an_older_version_keeps_its_conversions(shop, engine, sending):
    sending["settings"] = {"goals": [BOUGHT]}
    journey = shop.live(sending)
    enter(shop, engine, range(2))
    anew = copy.deepcopy(sending)
    anew["settings"]["goals"] = [BOUGHT | {"name": "Purchase"}]
    client = shop.client()
    client.put(f"/api/v1/journeys/{journey}/draft", json={"revision": 1, "graph": anew})
    assert client.post(f"/api/v1/journeys/{journey}/publish", json={"revision": 2}).status_code == 200
    buy(shop, engine, 0, 3)

    (goal,) = client.get(f"/api/v1/journeys/{journey}/goals").json["items"]
    (old,) = client.get(f"/api/v1/journeys/{journey}/goals?version=1").json["items"]

    assert (goal["name"], old["name"]) == ("Purchase", "Bought")
    assert (goal["conversions"], old["conversions"], old["value"]) == (1, 1, "3")


def test_a_workspace_holds_customers_out_of_every_journey(shop, engine, sending):
    changed = shop.client().patch("/api/v1/workspace", json={"holdout": {"percent": 100}, "holidays": ["2026-10-01"]})
    journey = shop.live(sending)
    enter(shop, engine, range(3))

    assert changed.json["holdout"] == {"percent": 100}
    assert shop.client().get("/api/v1/workspace").json["holidays"] == ["2026-10-01"]
    counts = shop.client().get(f"/api/v1/journeys/{journey}/counts").json
    assert (counts["totals"]["held_out"], counts["messages"]["sms"]["held_out"]) == (3, 3)
    assert counts["messages"]["sms"]["queued"] == 0


def test_a_journey_has_at_most_five_goals_and_leads_to_nodes_that_exist(shop, sending):
    sending["settings"] = {"goals": [{"id": f"g{n}", "event": "Order"} for n in range(6)]}
    client = shop.client()
    journey = client.post("/api/v1/journeys", json={"name": "Many", "graph": sending}).json

    assert [problem["setting"] for problem in journey["draft"]["problems"]] == ["goals"]
    sending["settings"] = {"goals": [{"id": "g", "event": "Order", "verb": "go_to", "node": "gone"}]}
    journey = client.post("/api/v1/journeys", json={"name": "Lost", "graph": sending}).json
    assert "not there" in journey["draft"]["problems"][0]["message"]["en"]
