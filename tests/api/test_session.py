"""Signing in, staying in, getting out; and what another site's page can make a browser do: nothing."""

import pytest

from tests.api.conftest import HOST, PASSWORD

GIVEN = {"email": "admin@tea.example", "password": PASSWORD}


def test_a_wrong_password_and_an_unknown_e_mail_get_the_same_answer(app, shop):
    client = app.test_client()

    wrong = client.post("/api/v1/login", json=GIVEN | {"password": "guess"})
    unknown = client.post("/api/v1/login", json=GIVEN | {"email": "nobody@tea.example"})

    assert (wrong.status_code, wrong.json) == (unknown.status_code, unknown.json)
    assert wrong.status_code == 401


def test_a_session_made_before_signing_in_is_replaced(app, shop):
    client = app.test_client()
    client.set_cookie("journey_session", "planted-by-somebody-else")

    answer = client.post("/api/v1/login", json=GIVEN)
    first = client.get_cookie("journey_session").value
    client.post("/api/v1/login", json=GIVEN, headers={"Origin": HOST})

    assert "HttpOnly" in answer.headers["Set-Cookie"] and "SameSite=Lax" in answer.headers["Set-Cookie"]
    assert first not in ("planted-by-somebody-else", client.get_cookie("journey_session").value)


def test_a_cookie_copied_before_signing_out_is_worth_nothing_afterwards(app, shop):
    client = shop.client()
    thief = app.test_client()
    thief.set_cookie("journey_session", client.get_cookie("journey_session").value)
    assert thief.get("/api/v1/journeys").status_code == 200

    client.post("/api/v1/logout", json={})

    assert thief.get("/api/v1/journeys").status_code == 401
    assert thief.get("/api/v1/me").json == {"operator": None, "workspace": None}


def test_a_forged_cookie_opens_nothing(app, shop):
    client = app.test_client()
    client.set_cookie("journey_session", "eyJfdXNlcl9pZCI6IjEuMCJ9.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb")

    assert client.get("/api/v1/journeys").status_code == 401
    assert client.get("/api/v1/me").json == {"operator": None, "workspace": None}


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://localhost:8081"])
def test_a_change_from_another_site_is_refused(shop, origin):
    client = shop.client()
    client.environ_base.pop("HTTP_ORIGIN")
    headers = {"Origin": origin} if origin else {}

    answer = client.post("/api/v1/journeys", json={"name": "Planted"}, headers=headers)

    assert (answer.status_code, answer.json["code"]) == (403, "auth:origin")
    assert client.get("/api/v1/journeys").json["items"] == []


def test_json_sent_as_plain_text_with_a_cookie_is_refused(shop):
    answer = shop.client().post("/api/v1/journeys", data='{"name": "Planted"}', content_type="text/plain")

    assert answer.status_code == 403


def test_many_wrong_passwords_must_wait(app, shop):
    client = app.test_client()

    answers = [client.post("/api/v1/login", json=GIVEN | {"password": "guess"}) for _ in range(12)]

    assert [one.status_code for one in answers] == [401] * 10 + [429] * 2
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert client.post("/api/v1/login", json=GIVEN).status_code == 429


def test_many_wrong_keys_must_wait_and_right_ones_need_not(app, shop):
    client = app.test_client()

    answers = [client.get("/api/v1/events", headers={"Authorization": f"Bearer {n}"}) for n in range(70)]

    assert answers[0].status_code == 401
    assert answers[-1].status_code == 429 and "Retry-After" in answers[-1].headers
    assert client.get("/api/v1/events", headers=shop.key("read")).status_code == 200


def test_tries_are_counted_in_redis_for_all_processes(config, engine, valkey_url):
    from dataclasses import replace

    import api
    from tests.api.conftest import open_shop

    processes = [api.create_app(replace(config, redis_url=valkey_url), engine) for _ in range(2)]
    open_shop(processes[0], engine, "tea")

    codes = [
        processes[n % 2].test_client().post("/api/v1/login", json=GIVEN | {"password": "guess"}).status_code
        for n in range(12)
    ]

    assert codes == [401] * 10 + [429] * 2


def test_signing_in_works_without_redis(config, engine):
    from dataclasses import replace

    import api
    from tests.api.conftest import open_shop

    app = api.create_app(replace(config, redis_url="redis://127.0.0.1:1/0"), engine)
    open_shop(app, engine, "tea")

    assert app.test_client().post("/api/v1/login", json=GIVEN).status_code == 200


def test_a_revoked_key_is_refused_at_once(app, shop):
    made = shop.client().post("/api/v1/api-keys", json={"name": "Shop", "scope": "ingest"}).json
    headers = {"Authorization": f"Bearer {made['key']}"}
    event = {"name": "Cart", "customer": {"external_id": "ann"}}
    client = app.test_client()
    assert client.post("/api/v1/events", json=event, headers=headers).status_code == 200

    shop.client().delete(f"/api/v1/api-keys/{made['id']}")

    assert client.post("/api/v1/events", json=event, headers=headers).status_code == 401
    assert made["key"] not in str(shop.client().get("/api/v1/api-keys").json)


def test_the_language_of_an_operator_is_kept(shop):
    shop.client().patch("/api/v1/me", json={"language": "zh"})

    me = shop.client().get("/api/v1/me").json

    assert me["operator"]["language"] == "zh"
    assert me["workspace"] == {"id": shop.id, "name": "tea", "timezone": "Asia/Shanghai"}


def test_every_page_tells_the_browser_to_run_nothing_foreign(app):
    headers = app.test_client().get("/healthz").headers

    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_accounts_are_shown_without_their_secrets(shop):
    accounts = shop.client("viewer").get("/api/v1/accounts").json["items"]

    assert accounts[0]["settings"] == {"access_key_id": "k", "sign_name": "Tea"}
    assert "secret" not in str(accounts).lower().replace("'title'", "")
