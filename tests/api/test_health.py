"""What tells an operator how the installation is doing, and what the logs never tell."""

import json

import api
from journey_engine.errors import JourneyError


def test_a_server_with_its_database_is_ready(app):
    answer = app.test_client().get("/readyz")

    assert (answer.status_code, answer.json["database"], answer.json["redis"]) == (200, "ok", "not configured")


def test_the_backlog_is_told_to_prometheus(app, shop):
    shop.tell(name="Cart", customer={"external_id": "ann"})

    numbers = app.test_client().get("/metrics").text

    assert "journey_inbox_events 1.0" in numbers
    assert "journey_database_up 1.0" in numbers
    assert 'journey_events_total{door="api",status="stored"}' in numbers


def test_numbers_are_for_this_machine_or_a_key(app, shop):
    afar = app.test_client()
    afar.environ_base["REMOTE_ADDR"] = "192.0.2.7"

    assert afar.get("/metrics").status_code == 401
    assert afar.get("/metrics", headers=shop.key("read")).status_code == 200
    assert app.test_client().get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 401


def test_the_logs_are_json_without_personal_data(app, shop, capfd):
    shop.tell(name="Cart", customer={"email": "ann@example.com", "phone": "+8613800138000"})
    shop.client().get("/api/v1/customers?search=ann@example.com")

    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines() if line.startswith("{")]

    assert {"customers.listed", "session.login"} <= {line.get("endpoint") for line in lines}
    assert all(line["request_id"] for line in lines if line["event"] == "request")
    assert not any(word in str(lines) for word in ("ann@example.com", "13800138000", "admin@tea.example"))


def test_a_mistake_of_ours_gives_nothing_away(config, engine, shop, monkeypatch, capfd):
    def fail(*_):
        raise RuntimeError("the password of ann@example.com is secret")

    monkeypatch.setattr("api.events.events_read.latest", fail)

    answer = shop.client().get("/api/v1/events")

    assert answer.status_code == 500
    assert answer.json["code"] == "error" and "ann" not in answer.text and "RuntimeError" not in answer.text
    assert "ann@example.com" not in capfd.readouterr().out


def test_what_is_not_here_is_said_in_the_one_shape(app):
    for method, path, status in (("GET", "/api/v1/nothing", 404), ("POST", "/api/v1/catalog", 405)):
        answer = app.test_client().open(path, method=method)
        assert (answer.status_code, sorted(answer.json)) == (status, ["code", "error", "error_zh", "where"])


def test_every_sentence_of_an_error_is_there_in_chinese():
    """Of every error class of the engine; an error of its own carries both."""
    from api.words import CHINESE

    def tree(kind):
        yield kind
        for below in kind.__subclasses__():
            yield from tree(below)

    ours = [kind for kind in tree(JourneyError) if kind.__module__ in ("journey_engine.errors", "api.errors")]
    missing = {kind.code for kind in ours} - set(CHINESE) - {"config"}
    assert not missing
    assert api.create_app


def test_the_api_describes_itself(app):
    document = app.test_client().get("/api/openapi.json").json

    assert document["openapi"].startswith("3.1")
    assert "/api/v1/events" in document["paths"] and "/v1/{kind}" in document["paths"]
