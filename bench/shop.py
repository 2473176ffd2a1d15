"""A shop to measure with: a workspace with keys and accounts, live journeys, and customers who do things."""

import hashlib
import multiprocessing
import secrets

from sqlalchemy import text

from journey_engine.clock import now
from journey_engine.ids import uuid7
from journey_engine.pipeline import control
from journey_engine.pipeline.ingest import ingest, make_incoming
from journey_engine.pipeline.turn import turn
from journey_engine.secrets import receipts_token, seal
from journey_engine.store import accounts, api_keys, journeys, workspaces
from journey_engine.store.locks import hold_control
from journey_engine.store.session import engine_for, transaction
from journey_engine.working import collect_rarely

SECRET_KEY = "bench" * 8
BATCH = 1_000
FILLERS = 2


class Shop:
    """One workspace in a database of its own. `allowed` are addresses on this machine that webhooks may call."""

    def __init__(self, url, redis_url, *allowed):
        self.url, self.engine, self.allowed = url, engine_for(url), allowed
        self.key, self.accounts = secrets.token_urlsafe(24), {}
        with transaction(self.engine) as tx:
            self.workspace = workspaces.add(tx, "Bench", "UTC")
            own = {"id": uuid7(now()), "workspace_id": self.workspace, "name": "Bench", "scope": "admin"}
            api_keys.add(tx, own | {"key_hash": hashlib.sha256(self.key.encode()).digest(), "hint": self.key[-4:]})
        self.environment = {
            "DATABASE_URL": url,
            "REDIS_URL": redis_url,
            "SECRET_KEY": SECRET_KEY,
            "ALLOWED_OUTGOING": ",".join(allowed),
        }

    def add_account(self, kind, channel, settings=None, secret=None):
        """The default account of a channel."""
        with transaction(self.engine) as tx:
            hold_control(tx)
            own = {"workspace_id": self.workspace, "name": channel, "kind": kind, "channel": channel}
            id = accounts.add(tx, {**own, "settings": settings or {}, "is_default": True})
            token = hashlib.sha256(receipts_token(SECRET_KEY, id).encode()).digest()
            kept = {"secrets": seal(SECRET_KEY, id, secret or {}), "receipts_token_hash": token}
            accounts.change(tx, self.workspace, id, kept)
        self.accounts[channel] = id
        return id

    def publish(self, graph, name="Journey"):
        """A live journey; its id."""
        journey = uuid7(now())
        with transaction(self.engine) as tx:
            journeys.add(tx, self.workspace, journey, name, graph)
        control.publish(self.engine, self.workspace, journey, 1, "bench", self.allowed)
        return journey

    def tell(self, make, count):
        """Have events 0 … count taken in through the real ingest; `make` turns a number into one."""
        for first in range(0, count, BATCH):
            ingest(self.engine, self.workspace, [make(n) for n in range(first, min(first + BATCH, count))])

    def work(self, processes=FILLERS):
        """Real turns until nothing is due."""
        team = [
            multiprocessing.get_context("spawn").Process(target=work_off, args=(self.url,)) for _ in range(processes)
        ]
        for one in team:
            one.start()
        for one in team:
            one.join()

    def ask(self, statement, **values):
        with transaction(self.engine) as tx:
            return tx.scalar(text(statement), values)

    def do(self, statement, **values):
        with transaction(self.engine) as tx:
            tx.execute(text(statement), values)

    def vacuum(self):
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def work_off(url):
    collect_rarely()
    engine, idle = engine_for(url), 0
    while idle < 3:
        idle = 0 if turn(engine).worked else idle + 1


def added(n):
    """A product that customer n puts into the cart."""
    properties = {"cart_id": f"c{n}", "product": "Jasmine tea 250 g", "price": 68, "currency": "CNY"}
    return make_incoming(f"m{n}", "Product Added", {"external_id": f"customer-{n}"}, None, properties)


def drawing(nodes, edges):
    """A graph from `{id: (kind, settings)}` and `"from:exit > to"` (`from > to` is the exit `next`)."""
    wired = []
    for edge in edges:
        source, target = edge.split(" > ")
        node, _, exit = source.partition(":")
        wired.append({"from": node, "exit": exit or "next", "to": target})
    drawn = [{"id": id, "kind": kind, "settings": settings} for id, (kind, settings) in nodes.items()]
    return {"settings": {}, "nodes": drawn, "edges": wired}
