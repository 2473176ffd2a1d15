"""A fresh installation has a shop, an operator and accounts; the second start finds them as they are."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import orjson
import pytest
from sqlalchemy import text

from journey_engine.errors import ConfigError
from journey_engine.provision import provision
from journey_engine.secrets import seal, unseal
from tests.api.conftest import SECRET

GIVEN = {
    "operator_email": "operator@example.com",
    "operator_password": "drawn by lot",
    "admin_key": "admin_1",
    "write_key": "write_1",
}


@pytest.fixture
def sandbox():
    """A sandbox that notes the accounts it is told of."""
    told = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            told.append(orjson.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    server.told = told
    yield server
    server.shutdown()
    thread.join()


def test_a_second_start_changes_nothing_but_what_moved(app, engine, database_url, sandbox):
    url = f"http://127.0.0.1:{sandbox.server_port}"
    for smtp_port in (9001, 9001, 9002):
        provision(
            database_url, SECRET, **GIVEN, sandbox_url=url, public_url="http://shop.test", sandbox_smtp_port=smtp_port
        )

    client = app.test_client()
    given = {"email": GIVEN["operator_email"], "password": GIVEN["operator_password"]}
    assert client.post("/api/v1/login", json=given).status_code == 200
    accounts = client.get("/api/v1/accounts").json["items"]
    assert [(one["channel"], one["is_default"]) for one in accounts] == [
        ("sms", True),
        ("email", True),
        ("webhook", True),
    ]
    assert accounts[1]["settings"]["port"] == 9002
    assert len(client.get("/api/v1/api-keys").json["items"]) == 2
    assert len(sandbox.told) == 3 and sandbox.told[0] == sandbox.told[2]
    assert str(sandbox.told[0]["access_key_secret"]) not in str(accounts)


def test_the_address_the_sandbox_reports_to_takes_receipts_and_no_other_does(app, engine, database_url, sandbox):
    url = f"http://127.0.0.1:{sandbox.server_port}"
    provision(database_url, SECRET, **GIVEN, sandbox_url=url, public_url="http://shop.test")
    address = sandbox.told[0]["receipts_url"].removeprefix("http://shop.test")
    report = [{"out_id": "0" * 32, "biz_id": "b", "success": True, "report_time": "2026-01-01 10:00:00"}]

    first, again = (app.test_client().post(address, json=report) for _ in range(2))
    guessed = app.test_client().post("/receipts/guess/alibaba", json=report)
    nonsense = app.test_client().post(address, json={"a": 1})

    assert (first.status_code, first.json["code"], again.status_code) == (200, 0, 200)
    assert (guessed.status_code, nonsense.status_code) == (404, 422)
    with engine.begin() as tx:
        assert tx.execute(text("SELECT count(*), bool_or(matched) FROM receipts")).one() == (1, False)


def test_a_secret_opens_only_with_its_key_and_for_its_account():
    sealed = seal(SECRET, 7, {"password": "p"})

    assert unseal(SECRET, 7, sealed) == {"password": "p"}
    assert sealed != b"p" and b"password" not in sealed
    for key, account in (("another", 7), (SECRET, 8)):
        with pytest.raises(ConfigError):
            unseal(key, account, sealed)
