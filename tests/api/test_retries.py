"""Trying again what was set aside: who may, and what is answered when it cannot be."""

from sqlalchemy import text

ANN = {"external_id": "ann"}


def set_aside(engine, shop):
    """An event that could not be worked."""
    event = shop.tell(name="Cart", customer=ANN)
    with engine.begin() as tx:
        tx.execute(text("DELETE FROM inbox"))
        statement = (
            "INSERT INTO event_outcomes (event_id, workspace_id, shard, state, why, at) "
            "VALUES (:id, :workspace, 0, 'dead_lettered', 'ValueError: poison', now())"
        )
        tx.execute(text(statement), {"id": event, "workspace": shop.id})
    return event


def test_an_event_that_was_set_aside_is_listed_with_its_cause_and_can_be_tried_again(engine, shop):
    shop.tell(name="Cart", customer=ANN)
    event = set_aside(engine, shop)
    client = shop.client("marketer")
    (found,) = client.get("/api/v1/events?state=dead_lettered").json["items"]
    assert (found["id"], found["why"]) == (event, {"why": "set_aside", "detail": "ValueError: poison"})

    answer = client.post(f"/api/v1/events/{event}/retry", json={})

    assert (answer.status_code, answer.json["state"]) == (200, "pending")
    assert client.get(f"/api/v1/events/{event}").json["state"] == "pending"
    again = client.post(f"/api/v1/events/{event}/retry", json={})
    assert (again.status_code, again.json["code"]) == (409, "retry:not_set_aside")
    assert "无需重试" in again.json["error_zh"]


def test_a_viewer_and_another_shop_try_nothing_again(engine, shop, other_shop):
    event = set_aside(engine, shop)
    assert shop.client("viewer").post(f"/api/v1/events/{event}/retry", json={}).status_code == 403
    assert other_shop.client().post(f"/api/v1/events/{event}/retry", json={}).status_code == 404
    assert shop.client().get(f"/api/v1/events/{event}").json["state"] == "dead_lettered"


def test_what_does_not_exist_is_not_found(shop):
    nobody = "01890000-0000-7000-8000-000000000000"
    for kind in ("enrollments", "messages"):
        assert shop.client().post(f"/api/v1/{kind}/{nobody}/retry", json={}).status_code == 404
