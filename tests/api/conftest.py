"""Two shops with operators and keys, and clients that speak for them."""

import hashlib
from dataclasses import dataclass, field

import pytest

import api
from journey_engine import passwords
from journey_engine.clock import now
from journey_engine.config import Config
from journey_engine.ids import uuid7
from journey_engine.provision import _add_account
from journey_engine.store import api_keys, operators, workspaces
from journey_engine.store.session import engine_for, transaction

SECRET = "a secret of the tests"
PASSWORD = "correct horse"
PASSWORD_HASH = passwords.hashed(PASSWORD)
HOST = "http://localhost"


@dataclass
class Shop:
    """One workspace: clients of its operators by role, headers of its keys by scope."""

    id: int
    name: str
    app: object
    clients: dict = field(default_factory=dict)

    def client(self, role="admin"):
        """A browser in which an operator of this role is signed in; its requests come from our own pages."""
        if role not in self.clients:
            client = self.app.test_client()
            client.environ_base["HTTP_ORIGIN"] = HOST
            given = {"email": f"{role}@{self.name}.example", "password": PASSWORD}
            assert client.post("/api/v1/login", json=given).status_code == 200
            self.clients[role] = client
        return self.clients[role]

    def key(self, scope):
        return {"Authorization": f"Bearer {self.name}-{scope}"}

    def tell(self, **event):
        """Push one event; its id."""
        answer = self.app.test_client().post("/api/v1/events", json=event, headers=self.key("ingest"))
        assert answer.status_code == 200, answer.json
        return answer.json["id"]

    def live(self, graph, name="Journey"):
        """Draw and publish a journey; its id."""
        client = self.client()
        journey = client.post("/api/v1/journeys", json={"name": name, "graph": graph}).json["id"]
        answer = client.post(f"/api/v1/journeys/{journey}/publish", json={"revision": 1})
        assert answer.status_code == 200, answer.json
        return journey


@pytest.fixture
def engine(database_url):
    engine = engine_for(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def config(database_url):
    return Config(database_url=database_url, secret_key=SECRET, public_url="https://journeys.example")


@pytest.fixture
def app(config, engine):
    return api.create_app(config, engine)


@pytest.fixture
def shop(app, engine):
    return open_shop(app, engine, "tea")


@pytest.fixture
def other_shop(app, engine):
    return open_shop(app, engine, "books")


def open_shop(app, engine, name):
    with transaction(engine) as tx:
        workspace = workspaces.add(tx, name, "Asia/Shanghai")
        for role in ("viewer", "marketer", "admin"):
            operators.add(
                tx,
                {
                    "id": uuid7(now()),
                    "workspace_id": workspace,
                    "email": f"{role}@{name}.example",
                    "name": role,
                    "role": role,
                    "password_hash": PASSWORD_HASH,
                },
            )
        for scope in ("ingest", "read", "admin"):
            key_hash = hashlib.sha256(f"{name}-{scope}".encode()).digest()
            api_keys.add(
                tx,
                {"id": uuid7(now()), "workspace_id": workspace, "name": scope, "scope": scope, "key_hash": key_hash},
            )
        sms = {"access_key_id": "k", "sign_name": "Tea"}
        _add_account(tx, workspace, SECRET, ("SMS", "alibaba_sms", "sms", sms, "access_key_secret"))
    return Shop(workspace, name, app)


HERE = {"x": 0, "y": 0}
WAITING = {
    "settings": {},
    "nodes": [
        {"id": "cart", "kind": "event", "settings": {"event": "Cart"}, "position": HERE},
        {"id": "wait", "kind": "wait", "settings": {"duration": {"amount": 1, "unit": "hours"}}, "position": HERE},
        {"id": "bye", "kind": "exit", "settings": {}, "position": HERE},
    ],
    "edges": [{"from": "cart", "exit": "next", "to": "wait"}, {"from": "wait", "exit": "next", "to": "bye"}],
}


@pytest.fixture
def waiting():
    """A graph in which whoever puts something into the cart waits for an hour."""
    return WAITING


@pytest.fixture
def sending():
    """A graph that sends an SMS to whoever puts something into the cart."""
    sms = {"template_code": "SMS_1", "text": "Hello", "sign_name": "Tea", "message_class": "marketing"}
    return {
        "settings": {},
        "nodes": [WAITING["nodes"][0], {"id": "sms", "kind": "send_sms", "settings": sms}, WAITING["nodes"][2]],
        "edges": [{"from": "cart", "exit": "next", "to": "sms"}, {"from": "sms", "exit": "next", "to": "bye"}],
    }
