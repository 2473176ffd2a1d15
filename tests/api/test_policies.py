"""Every address has a policy, and it holds for every role, every scope, and every other workspace."""

from uuid import uuid4

import pytest
from flask import Flask

from api.policies import POLICIES, ROLES, SCOPES, check_policies

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def addresses(app):
    """Every endpoint with a method and a path in which ids are filled in."""
    for rule in app.url_map.iter_rules():
        path = path_of(app, rule, {})
        for method in sorted(set(METHODS) & rule.methods):
            yield rule.endpoint, method, path


def path_of(app, rule, ids):
    others = {"number": 1, "kind": "track", "door": "batch", "token": "x", "name": "x", "path": "x"}
    fill = {name: ids.get(name) or others.get(name) or uuid4() for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, fill)


def guarded(app):
    return [one for one in addresses(app) if not POLICIES[one[0]].open]


def test_a_route_without_a_policy_keeps_the_server_from_starting(app):
    forgotten = Flask("forgotten")
    forgotten.add_url_rule("/new", "new.door", lambda: "open to all")

    with pytest.raises(LookupError, match=r"new\.door"):
        check_policies(forgotten)


def test_nobody_passes_a_guarded_address_without_a_session_or_a_key(app):
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = "192.0.2.7"

    answers = {one: client.open(one[2], method=one[1], json={}).status_code for one in guarded(app)}

    assert set(answers.values()) == {401}


@pytest.mark.parametrize("role", ROLES)
def test_an_operator_passes_exactly_where_the_role_may(app, shop, role):
    client = shop.client(role)
    for endpoint, method, path in guarded(app):
        if endpoint == "session.logout":
            continue
        answer = client.open(path, method=method, json={})
        policy = POLICIES[endpoint]
        expected = 401 if policy.basic else 403 if role not in policy.roles else None
        if expected or policy.near:
            assert answer.status_code == (expected or 200), (endpoint, answer.json)
        else:
            assert answer.status_code not in (401, 403), (endpoint, answer.json)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_passes_exactly_where_its_scope_may(app, shop, scope):
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    for endpoint, method, path in guarded(app):
        policy = POLICIES[endpoint]
        headers = shop.key(scope)
        options = {"auth": (f"{shop.name}-{scope}", "")} if policy.basic else {"headers": headers}
        answer = client.open(path, method=method, json={}, **options)
        if scope in policy.scopes:
            assert answer.status_code not in (401, 403), (endpoint, answer.json)
        else:
            assert answer.status_code == 403, (endpoint, answer.json)


def test_another_workspace_sees_nothing_of_this_one(app, shop, other_shop, sending, engine):
    """Every address with an id, asked by a stranger with the ids of things that exist, is as if it did not."""
    from journey_engine.pipeline.turn import turn

    event = shop.tell(name="Cart", customer={"phone": "+8613800138000"})
    journey = shop.live(sending)
    shop.tell(name="Cart", customer={"phone": "+8613800138000"})
    turn(engine)
    own = shop.client()
    ids = {
        "journey_id": journey,
        "event_id": event,
        "customer_id": own.get("/api/v1/customers").json["items"][0]["id"],
        "message_id": own.get("/api/v1/messages").json["items"][0]["id"],
        "key_id": own.get("/api/v1/api-keys").json["items"][0]["id"],
    }
    bodies = {
        "journeys.save_draft": {"revision": 1, "graph": {}},
        "versions.publish": {"revision": 1},
        "versions.rollback": {"version": 1},
        "customers.unsubscribe": {"channel": "sms"},
    }
    stranger, asked = other_shop.client(), 0
    for rule in app.url_map.iter_rules():
        if not rule.arguments & ids.keys():
            continue
        path = path_of(app, rule, ids)
        for method in set(METHODS) & rule.methods:
            body = None if method == "GET" else bodies.get(rule.endpoint, {})
            answer = stranger.open(path, method=method, json=body)
            assert answer.status_code == 404, (rule.endpoint, answer.json)
            assert answer.json["code"] == "not_found"
            asked += 1
    assert asked >= 18
    assert own.get(f"/api/v1/journeys/{journey}").json["status"] == "live"


@pytest.mark.parametrize("path", ["journeys", "customers", "events", "messages"])
def test_lists_show_only_what_is_of_the_own_workspace(shop, other_shop, sending, engine, path):
    from journey_engine.pipeline.turn import turn

    shop.live(sending)
    shop.tell(name="Cart", customer={"phone": "+8613800138000"})
    turn(engine)

    assert shop.client().get(f"/api/v1/{path}").json["items"]
    assert other_shop.client().get(f"/api/v1/{path}").json["items"] == []


@pytest.mark.parametrize("field", ["role", "workspace_id", "shard"])
def test_what_nobody_may_write_is_refused_and_unchanged(shop, field):
    answer = shop.client("marketer").patch("/api/v1/me", json={field: "admin"})

    assert (answer.status_code, field in answer.json["where"]["fields"]) == (422, True)
    assert shop.client("marketer").get("/api/v1/me").json["operator"]["role"] == "marketer"


@pytest.mark.parametrize("query", ["sort=name;drop table", "limit=1000000000", "limit=0", "cursor=eyJhIjoxfQ.x"])
def test_a_query_that_means_nothing_is_refused(shop, query):
    assert shop.client().get(f"/api/v1/customers?{query}").status_code == 422


def test_a_cursor_of_another_list_is_refused(shop):
    for number in range(3):
        shop.tell(name="Cart", customer={"external_id": str(number)})
    first = shop.client().get("/api/v1/events?limit=2").json

    assert len(shop.client().get(f"/api/v1/events?limit=2&cursor={first['next']}").json["items"]) == 1
    assert shop.client().get(f"/api/v1/customers?cursor={first['next']}").status_code == 422
