"""Parity: the world in memory answers what PostgreSQL answers, question by question and through whole histories."""

import inspect
import random
import zlib
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from journey_engine import clock, ids
from journey_engine.channels import CHANNELS, Outcome, Receipt
from journey_engine.channels.base import Channel
from journey_engine.config import Config
from journey_engine.errors import Conflict
from journey_engine.memory.transaction import part_of
from journey_engine.pipeline import consent, control, deliver, receive
from journey_engine.pipeline.calls import CallsInTurn
from journey_engine.pipeline.erase import erase
from journey_engine.pipeline.turn import _set_back, turn
from journey_engine.store import journeys
from journey_engine.store.port import STATEMENTS
from journey_engine.store.session import transaction
from tests.simulation.drawings import DRAWINGS
from tests.simulation.test_stories import MemoryShop
from tests.support.shop import SECRET_KEY, Shop

PEOPLE = ("ann", "bob", "cat", "dan")
NAMES = ("Order Placed", "Cart Updated", "Signed Up", "Order Cancelled", "Customer Left", "Customer Updated")


@pytest.mark.parametrize(("part", "name"), sorted(STATEMENTS))
def test_every_question_of_the_port_has_an_answer_in_memory(part, name):
    asked = list(inspect.signature(STATEMENTS[part, name]).parameters.values())[1:]
    answered = list(inspect.signature(getattr(part_of(part), name)).parameters.values())[1:]
    assert [(one.name, one.default) for one in asked] == [(one.name, one.default) for one in answered]


@pytest.mark.parametrize("seed", range(12))
def test_a_history_leaves_the_same_tables_in_memory_and_in_postgresql(database_url, seed, monkeypatch):
    begins = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)  # what PostgreSQL calls now() is past then
    stored = History(seed, StoredShop(database_url, begins), monkeypatch).live()
    kept = History(seed, KeptShop(begins), monkeypatch).live()
    for name in stored:
        assert kept[name] == stored[name], name


class History:
    """What happens to a shop, drawn from a seed; the same whichever world keeps it."""

    def __init__(self, seed, shop, monkeypatch):
        self.choice, self.shop = random.Random(seed), shop
        bits = random.Random(f"ids {seed}")
        monkeypatch.setattr(ids, "secrets", SimpleNamespace(randbits=bits.getrandbits))
        for module in (receive, consent):
            monkeypatch.setattr(module, "database_now", lambda tx: shop.now)
        monkeypatch.setattr(clock, "now", lambda: shop.now)
        monkeypatch.setattr(deliver, "CHANNELS", {kind: Wayward for kind in CHANNELS})
        self.deliverer = deliver.Deliverer(shop.engine, Config(secret_key=SECRET_KEY), calls=CallsInTurn())
        self.drawn = {}

    def live(self):
        for number, drawing in enumerate(self.choice.sample(DRAWINGS, 3)):
            id = UUID(int=(7 << 76) | (2 << 62) | number)
            self.shop.draw_as(id, drawing(False), drawing.__name__)
            self.shop.control("publish", id, 1)
            self.drawn[id] = drawing
        for _ in range(200):
            self._something()
        self.shop.wait(days=12)
        for journey in self.drawn:
            self.shop.control("resume", journey)
        for _ in range(30):
            self._work(1000)
            self.shop.wait(minutes=11)
        return tables(self.shop)

    def _something(self):
        roll, choice = self.choice.random(), self.choice
        if roll < 0.45:
            self._tell()
        elif roll < 0.6:
            self.shop.wait(seconds=choice.choice((1, 30, 1200, 3600, 7200, 86_400)))
        elif roll < 0.8:
            self._work(choice.choice((1, 2, 9, 1000)))
        elif roll < 0.88:
            self._receipt()
        elif roll < 0.94:
            what = choice.choice(("pause", "resume", "pause", "resume", "resume", "pause", "resume", "stop"))
            self.shop.control(what, choice.choice(list(self.drawn)))
        elif roll < 0.96:
            self._set_back()
        else:
            self._wish()

    def _tell(self):
        choice = self.choice
        who, name = choice.choice(PEOPLE), choice.choices(NAMES, (4, 4, 3, 1, 1, 1))[0]
        identities = {"external_id": who}
        if choice.random() < 0.6:
            identities |= {"email": f"{who}@mail.example", "phone": f"+861380013800{PEOPLE.index(who)}"}
        if choice.random() < 0.15:
            identities = {"anonymous_id": choice.choice(("x", "y"))} | ({} if choice.random() < 0.5 else identities)
        properties = {
            "value": choice.choice((10, 90)),
            "order_id": choice.randint(1, 2),
            "cart_id": choice.randint(1, 2),
        }
        properties = {"tier": choice.choice(("gold", None))} if name == "Customer Updated" else properties
        at = self.shop.now - timedelta(seconds=choice.choice((0, 0, 0, 600, 100_000)))
        self.shop.tell(identities, name, at, choice.choice((None, "m1", f"m{choice.random()}")), **properties)

    def _work(self, batch):
        turn(self.shop.engine, self.shop.now, batch)
        for lane in sorted(self.shop.accounts.values()):
            self.deliverer.deliver(lane, self.shop.now)
        deliver.sweep(self.shop.engine, self.shop.now)

    def _receipt(self):
        kind = self.choice.choice(("delivered", "failed", "opened", "clicked"))
        place = self.choice.random()
        entries = {e.id: (e.key, e.entry_no) for e in self.shop.table("enrollments")}
        messages = [m for m in self.shop.table("messages") if m.status in ("sent", "unknown")]
        sent = sorted(messages, key=lambda m: (*_of_message(m), entries[m.enrollment_id]))
        if sent:
            message = sent[int(place * len(sent))]
            told = Receipt(message.id, "ref", kind, self.shop.now)
            receive.receive(self.shop.engine, self.shop.workspace, message.account_id, [told, told])

    def _set_back(self):
        """A customer whose work fails, as a turn would write it down."""
        own = sorted(row.id for row in self.shop.table("customers"))
        if own:
            failed = SimpleNamespace(customers=[self.choice.choice(own)], cause=ValueError("odd"), wake=None)
            _set_back(self.shop.engine, self.shop.now, failed)

    def _wish(self):
        who, channel = self.choice.choice(PEOPLE), self.choice.choice(("sms", "email"))
        erasing = self.choice.random() < 0.2
        own = [i.customer_id for i in self.shop.table("identities") if i.value == who]
        if own and erasing:
            erase(self.shop.engine, self.shop.workspace, own[0])
        elif own:
            consent.withdraw(self.shop.engine, self.shop.workspace, own[0], channel, "page")


class Wayward(Channel):
    """A provider whose answer depends on the address and the attempt alone."""

    has_breaker = False

    def __init__(self, settings, allowed=()):
        self.width, self.burst = 3, 1
        for name in ("rate_per_s", "rate_per_minute", "rate_per_day"):
            setattr(self, name, 0)

    def attempt(self, message):
        state = self._mood(message.to, message.attempt)
        return Outcome(message.message_id, state, "ref", state, retry_after_s=20 if state == "retry" else None)

    def look_up(self, message):
        return Outcome(message.message_id, "sent") if zlib.crc32(message.to.encode()) % 2 else None

    def close(self):
        pass

    @staticmethod
    def _mood(to, attempt):
        return ("sent", "sent", "retry", "unknown", "failed")[zlib.crc32(f"{to} {attempt}".encode()) % 5]


class StoredShop(Shop):
    """A shop in PostgreSQL."""

    def draw_as(self, id, drawing, name):
        with transaction(self.engine) as tx:
            journeys.add(tx, self.workspace, id, name, drawing)

    def control(self, what, journey, *more):
        _control(self, what, journey, *more)
        if what == "stop":  # which says when by the clock of PostgreSQL, that stands before the story
            late = "end_reason = 'stopped' AND ended_at < fired_at"
            self.do(f"UPDATE enrollments SET ended_at = :now WHERE {late}", now=self.now)

    def table(self, name):
        with transaction(self.engine) as tx:
            return tx.execute(text(f"SELECT * FROM {name}")).all()


class KeptShop(MemoryShop):
    """A shop in memory."""

    def draw_as(self, id, drawing, name):
        self.furnishing.journey(name, drawing, id)

    def control(self, what, journey, *more):
        _control(self, what, journey, *more)


def _control(shop, what, journey, *more):
    try:
        if what == "publish":
            control.publish(shop.engine, shop.workspace, journey, *more, "ann@shop.example", ("127.0.0.1:1",))
        else:
            getattr(control, what)(shop.engine, shop.workspace, journey)
    except Conflict:
        pass


def tables(shop):
    """Everything that both worlds have to agree on, without what chance or the wall clock names."""
    entries = {e.id: (str(e.customer_id), str(e.journey_id), e.key, e.entry_no) for e in shop.table("enrollments")}
    messages = {m.id: (entries.get(m.enrollment_id), m.node_id, m.visit, m.channel) for m in shop.table("messages")}

    def rows(name, *columns, where=lambda row: True, **named):
        found = []
        for row in shop.table(name):
            if where(row):
                own = {column: row._mapping[column] for column in columns}
                found.append(_told(own | {key: tell(row) for key, tell in named.items()}))
        return sorted(found)

    counts = {}
    for row in shop.table("counts"):
        place = f"{row.version_id} {row.node_id} {row.what}"
        counts[place] = counts.get(place, 0) + row.n
    return {
        "customers": rows("customers", "id", "shard", "attributes"),
        "identities": rows("identities", "kind", "value", "shard", "customer_id"),
        "merges": rows("merges", "loser_id", "survivor_id"),
        "consents": rows("consents", "customer_id", "channel", "state", "source"),
        "events": rows("events", "id", "customer_id", "shard", "name", "occurred_at", "received_at", "properties"),
        "outcomes": rows("event_outcomes", "event_id", "state", "why"),
        "keys": rows("event_keys", "message_id", "event_id"),
        "inbox": rows("inbox", "shard", "customer_id", "event_id", "tries", "not_before", "journey_id"),
        "kept": rows("parked_events", "journey_id", "shard", "customer_id", "event_id"),
        "activity": rows("activity", "customer_id", "name", "count", "first_at", "last_at"),
        "journeys": rows("journeys", "id", "status", "live_version_id"),
        "enrollments": rows(
            "enrollments",
            "shard",
            "version_id",
            "status",
            "node_id",
            "event_id",
            "context",
            "visits",
            "fired_at",
            "entered_at",
            "held_since",
            "wake_at",
            "parked_wake_at",
            "end_reason",
            id=lambda e: entries[e.id],
        ),
        "visits": rows(
            "visits",
            "n",
            "shard",
            "customer_id",
            "at",
            "cause",
            id=lambda v: entries[v.enrollment_id],
            path=lambda v: [_without_ids(visit) for visit in v.path],
        ),
        "conversions": rows(
            "conversions",
            "goal",
            "customer_id",
            "shard",
            "event_id",
            "occurred_at",
            "at",
            "node_id",
            "value",
            "currency",
            "held_out",
            id=lambda c: entries[c.enrollment_id],
        ),
        "exposures": rows("exposures", "node_id", "shard", "arm", "at", id=lambda x: entries[x.enrollment_id]),
        "refusals": rows("refusals", "customer_id", "journey_id", "version_id", "event_id", "reason"),
        "messages": rows(
            "messages",
            "customer_id",
            "shard",
            "address",
            "class",
            "status",
            "reason",
            "progress",
            "attempts",
            "queued_at",
            id=lambda m: messages[m.id],
        ),
        "deliveries": rows("deliveries", "attempt", "outcome", "code", "shard", id=lambda d: messages[d.message_id]),
        "receipts": rows("receipts", "kind", "matched", "shard", id=lambda r: messages[r.message_id]),
        "counts": {place: n for place, n in counts.items() if n},
    }


def _told(row):
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z, default=str).decode()


def _without_ids(visit):
    reason = {name: value for name, value in visit["reason"].items() if name != "message_id"}
    return visit | {"reason": reason}


def _of_message(message):
    return (str(message.customer_id), str(message.journey_id), message.node_id, message.queued_at, message.visit)
