"""A shop for tests: a workspace with accounts, a fixed cast of customers, and a clock that stands until it is moved.

Events go through the real ingest, journeys through the real publish, customers through real turns.
"""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import text

from journey_engine.catalog import KINDS
from journey_engine.ids import uuid7
from journey_engine.pipeline import control, segment_editing
from journey_engine.pipeline.consent import withdraw
from journey_engine.pipeline.fall_due import fall_due
from journey_engine.pipeline.ingest import ingest, make_incoming
from journey_engine.pipeline.segments import compute, flip_due
from journey_engine.pipeline.turn import live_routes, turn
from journey_engine.secrets import seal
from journey_engine.store import accounts, counts_read, coupons, journeys, workspaces
from journey_engine.store import fall_due as fall_due_store
from journey_engine.store.locks import hold_control
from journey_engine.store.partitions import make_partitions
from journey_engine.store.session import engine_for, transaction
from journey_engine.stories.acting import Acting

MONDAY = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
SECRET_KEY = "a key of tests"

CAST = {
    "ann": {"external_id": "ann", "email": "ann@mail.example", "phone": "+8613800138000"},
    "bob": {"external_id": "bob", "email": "bob@mail.example", "phone": "+8613800138001"},
    "cat": {"external_id": "cat", "email": "cat@mail.example", "phone": "+8613800138002"},
    "dan": {"external_id": "dan"},
}
"""Dan has no address, so nothing can be sent to him."""

ACCOUNTS = (("SMS", "alibaba_sms", "sms"), ("Mail", "smtp", "email"), ("Hooks", "webhook", "webhook"))


class Shop(Acting):
    """One workspace and what tests do with it. `now` is the shop's clock."""

    def __init__(self, database_url, now=MONDAY):
        self.engine, self.now = engine_for(database_url), now
        with transaction(self.engine) as tx:
            make_partitions(tx, now)
            self.workspace = workspaces.add(tx, "Shop", "Asia/Shanghai")
        self.accounts = {channel: self.add_account(name, kind, channel) for name, kind, channel in ACCOUNTS}

    def add_account(self, name, kind, channel, settings=None, secrets=None, default=True):
        with transaction(self.engine) as tx:
            hold_control(tx)
            own = {"workspace_id": self.workspace, "name": name, "kind": kind, "channel": channel}
            id = accounts.add(tx, {**own, "settings": settings or {}, "is_default": default})
            accounts.change(tx, self.workspace, id, {"secrets": seal(SECRET_KEY, id, secrets or {})})
        return id

    def draw(self, graph, name="Journey"):
        """A journey with this drawing, not published."""
        id = uuid7(datetime.now(UTC))
        with transaction(self.engine) as tx:
            journeys.add(tx, self.workspace, id, name, graph)
        return id

    def publish(self, graph, name="Journey"):
        """A live journey."""
        id = self.draw(graph, name)
        called = [urlsplit(node["settings"]["url"]).netloc for node in graph["nodes"] if "url" in node["settings"]]
        control.publish(self.engine, self.workspace, id, 1, "ann@shop.example", tuple(called))
        fall_due(self.engine, self.now)
        return id

    def publish_again(self, journey, graph, **how):
        with transaction(self.engine) as tx:
            revision = journeys.one(tx, self.workspace, journey)["draft_revision"]
            revision = journeys.save_draft(tx, self.workspace, journey, revision, graph, None)
        control.publish(self.engine, self.workspace, journey, revision, "ann@shop.example", **how)
        fall_due(self.engine, self.now)

    def pause(self, journey):
        control.pause(self.engine, self.workspace, journey)

    def resume(self, journey, **how):
        control.resume(self.engine, self.workspace, journey, now=self.now, **how)

    def stop(self, journey):
        control.stop(self.engine, self.workspace, journey)

    def unsubscribe(self, who, channel):
        withdraw(self.engine, self.workspace, self.customer(who), channel, "page")

    def refusals(self):
        return self.rows("SELECT * FROM refusals ORDER BY at, id")

    def pool(self, name, codes):
        """A pool of coupons with these codes; its id."""
        id = uuid7(datetime.now(UTC))
        with transaction(self.engine) as tx:
            own = {"id": id, "workspace_id": self.workspace, "name": name, "expires_at": None, "low_at": 0}
            coupons.add_pool(tx, own | {"created_at": self.now})
            coupons.add_codes(tx, self.workspace, id, [(code, None) for code in codes])
        return id

    def segment(self, name, rule):
        """A segment, with its members; its id."""
        id = segment_editing.create(self.engine, self.workspace, name, rule, self.now)
        while compute(self.engine, live_routes, self.now):
            pass
        return id

    def wait(self, **span):
        """Move the clock."""
        self.now += timedelta(**span)

    def tell(self, who, name, /, at=None, message_id=None, **properties):
        """The shop tells of an event, now; it happened `at`."""
        customer = CAST[who] if isinstance(who, str) and who in CAST else who
        customer = {"external_id": customer} if isinstance(customer, str) else customer
        event = make_incoming(message_id, name, customer, at or self.now, properties, self.now)
        return ingest(self.engine, self.workspace, [event], now=self.now)[0]

    def tell_many(self, events):
        """One batch of (who, name, properties)."""
        items = [
            make_incoming(None, name, CAST.get(who) or {"external_id": who}, self.now, properties, self.now)
            for who, name, properties in events
        ]
        return ingest(self.engine, self.workspace, items, now=self.now)

    def work(self, **options):
        """Turns until nothing more is due."""
        turns = 0
        while (
            flip_due(self.engine, live_routes, self.now)
            or fall_due(self.engine, self.now).more
            or turn(self.engine, self.now, **options).worked
        ):
            turns += 1
            assert turns < 1_000, "turns find work without end"
        return turns

    def next_due(self):
        """When the clock brings something next."""
        with transaction(self.engine) as tx:
            flip = tx.scalar(text("SELECT min(flip_at) FROM segment_states"))
            return min((at for at in (fall_due_store.next_due(tx), flip) if at is not None), default=None)

    def rows(self, statement, **values):
        with transaction(self.engine) as tx:
            return tx.execute(text(statement), values).all()

    def one(self, statement, **values):
        with transaction(self.engine) as tx:
            return tx.scalar(text(statement), values)

    def do(self, statement, **values):
        with transaction(self.engine) as tx:
            tx.execute(text(statement), values)

    def customer(self, who):
        """The id of the customer with this external id."""
        return self.one(
            "SELECT customer_id FROM identities WHERE kind = 'external_id' AND value = :who AND workspace_id = :w",
            who=who,
            w=self.workspace,
        )

    def who(self, customer_id: UUID):
        """The cast's names of a customer."""
        rows = self.rows(
            "SELECT value FROM identities WHERE customer_id = :id AND kind = 'external_id' ORDER BY value",
            id=customer_id,
        )
        return "+".join(row.value for row in rows)

    def counts(self, journey):
        with transaction(self.engine) as tx:
            return counts_read.of_journey(tx, self.workspace, journey, None)

    def enrollments(self, who=None):
        """Enrollments in the order they began."""
        found = self.rows("SELECT * FROM enrollments ORDER BY fired_at, id")
        return [row for row in found if who is None or row.customer_id == self.customer(who)]

    def path(self, enrollment_id):
        """The walk of an enrollment as `node:exit` words; a hold is `node`."""
        rows = self.rows("SELECT path FROM visits WHERE enrollment_id = :id ORDER BY n", id=enrollment_id)
        visits = [visit for row in rows for visit in row.path]
        return " ".join(f"{v['node']}:{v['exit']}" if v["exit"] else v["node"] for v in visits)

    def conversions(self):
        return self.rows("SELECT * FROM conversions ORDER BY at, enrollment_id, goal")

    def messages(self):
        return self.rows("SELECT * FROM messages ORDER BY queued_at, id")


def graph(nodes, edges, **settings):
    """A drawing from short forms: nodes `{"id": ("kind", {settings})}`, edges `"a:exit > b"` (`a > b` means next).

    What must lead somewhere and does not is led to the exit `end`.
    """
    drawn = [_node(id, *rest) for id, rest in nodes.items()]
    wired = [_edge(one) for one in edges]
    loose = [edge for node in drawn for edge in _loose(node, wired)]
    if loose and "end" not in nodes:
        drawn.append(_node("end", "exit"))
    return {"settings": settings, "nodes": drawn, "edges": wired + loose}


def _loose(node, edges):
    kind = KINDS[node["kind"]]
    exits = kind(**kind.load(node["settings"])).exit_list()
    taken = {edge["exit"] for edge in edges if edge["from"] == node["id"]}
    return [
        {"from": node["id"], "exit": exit.id, "to": "end"} for exit in exits if exit.required and exit.id not in taken
    ]


def _node(id, kind, settings=None, disabled=False):
    return {"id": id, "kind": kind, "settings": settings or {}, **({"disabled": True} if disabled else {})}


def _edge(short):
    source, target = (part.strip() for part in short.split(">"))
    source, _, exit = source.partition(":")
    return {"from": source, "exit": exit or "next", "to": target}


def seconds(amount):
    return {"amount": amount, "unit": "seconds"}


def minutes(amount):
    return {"amount": amount, "unit": "minutes"}


def hours(amount):
    return {"amount": amount, "unit": "hours"}


SMS = ("send_sms", {"template_code": "SMS_1", "text": "Hello {{ customer.name }}"})
MAIL = ("send_email", {"subject": "Hello", "html": "<p>Hello</p>"})
HOOK = ("send_webhook", {"url": "http://127.0.0.1:1/hook"})
