"""Spreading the tables over machines by shard: what stands in the way is written down here, and nothing is added to it.

A distributed PostgreSQL wants three things of a table: a column to spread it by, that column in every unique key, and
statements that name it. docs/scaling.md tells from these lists what would have to change.
"""

import re
import sys
from datetime import timedelta

import pytest
from sqlalchemy import Index, UniqueConstraint, event

from journey_engine.channels.base import Receipt
from journey_engine.config import Config
from journey_engine.pipeline.deliver import Deliverer, sweep
from journey_engine.pipeline.receive import receive
from journey_engine.pipeline.tick import lanes_due, turns_due
from journey_engine.store.tables import metadata
from tests.channels.sink import sink
from tests.support.shop import SECRET_KEY, Shop, graph, seconds

ON_EVERY_MACHINE = {"control", "workspaces", "operators", "api_keys", "accounts", "journeys", "versions"}
ON_EVERY_MACHINE |= {"coupon_pools", "segments", "trigger_marks", "rfm_runs", "retention"}
"""Small and seldom written: a copy on every machine."""

BY_WORKSPACE = {"event_keys", "event_names", "coupon_codes", "volumes"}
"""Written before it is known, or without it mattering, which customer it is about; turns of all shards share the codes
of a pool and the places of a journey."""

SHARD_FOLLOWS_FROM_KEY = {
    "activity": "customer_id",
    "consents": "customer_id",
    "customers": "id",
    "enrollments": "customer_id",
    "merges": "survivor_id",
    "past_entries": "customer_id",
    "rfm_scores": "customer_id",
    "segment_states": "customer_id",
    "trigger_dues": "customer_id",
}
"""Tables whose unique keys hold the id that the shard is read from: adding the shard changes nothing."""

KEYS_WITHOUT_SHARD = {
    ("approvals", "enrollment_id"): "the enrollment's shard",
    ("conversions", "enrollment_id goal"): "the enrollment's shard",
    ("exposures", "enrollment_id node_id"): "the enrollment's shard",
    ("segment_days", "segment_id day slot"): "a turn's slot is one of its shards, other writers' shard is 0",
    ("consent_changes", "id"): "drawn at random, so no two rows can meet",
    ("counts", "version_id node_id what slot"): "a turn's slot is one of its shards, other writers' shard is 0",
    ("customers", "id"): "the shard is the id's last bits",
    ("deliveries", "message_id attempt"): "the message's shard",
    ("enrollments", "id"): "drawn at random; the fence is the other key",
    ("event_outcomes", "event_id"): "the event's shard",
    ("events", "id"): "drawn at random; the fence is event_keys",
    ("identities", "workspace_id kind value"): "asked for before the customer is known: stays in one place",
    ("merges", "loser_id"): "lies with the survivor, and is asked for by the loser",
    ("messages", "id"): "made of the enrollment's id, so it is the enrollment's shard",
    ("parked_events", "journey_id seq"): "numbered by one sequence",
    ("receipts", "account_id message_id kind provider_ref"): "the message's shard, 0 while the message is unknown",
    ("refusals", "id"): "numbered by one sequence",
    ("visits", "enrollment_id n"): "the enrollment's shard",
    ("wake_tries", "enrollment_id visits"): "the enrollment's shard",
}
"""Unique keys that hold neither the shard nor what it is read from, and why the shard could be added to them."""

ACROSS_SHARDS = {
    "fall_due.next_due": "when the clock brings something next, over all shards",
    "handovers.standing": "who stands in a version that was published over, over all shards",
    "ingest.find_owners": "whose an identity is: asked before the shard is known",
    "ingest.keep_customers": "by customer ids",
    "merges.merge": "two customers of two shards; changes the shard of rows",
    "outbox.add_receipts": "by message ids",
    "outbox.claimable": "a lane is an account's, over all shards",
    "outbox.intend": "by message ids",
    "outbox.lanes_with_work": "a lane is an account's, over all shards",
    "outbox.left_behind": "messages of dead workers, over all shards",
    "outbox.park": "by message ids",
    "outbox.progress": "by message ids",
    "outbox.resolve_unknown": "by message id",
    "outbox.settle": "by message ids",
    "outbox.suppress": "by message ids",
    "outbox.unknown": "a lane is an account's, over all shards",
    "turns.live_enrollments": "by customer ids",
    "turns.read_activity": "by customer ids",
    "turns.read_customers": "by customer ids",
    "turns.read_events": "by event ids",
    "turns.send_on": "changes the shard of rows",
    "turns.survivors": "by customer ids",
    "turns.update_attributes": "by customer ids",
    "turns.update_enrollments": "by enrollment ids",
    "world.entries": "by customer ids",
    "world.withdrawn": "by customer ids",
}
"""Statements that read or change rows of customers without naming the shard, by function of the store. All that go by
ids of one turn's customers could be given its shards; the others are a question to every machine."""


def engine_tables():
    return [table for table in metadata.sorted_tables if table.name not in ON_EVERY_MACHINE | BY_WORKSPACE]


def unique_keys(table):
    yield tuple(column.name for column in table.primary_key)
    for one in (*table.constraints, *table.indexes):
        if isinstance(one, UniqueConstraint) or (isinstance(one, Index) and one.unique):
            yield tuple(column.name for column in one.columns)


def test_every_table_about_a_customer_carries_their_shard():
    for table in engine_tables():
        assert "shard" in table.columns, table.name
        assert not table.columns["shard"].nullable, table.name
        elsewhere = {key.column.table.name for key in table.foreign_keys} - ON_EVERY_MACHINE
        assert not elsewhere, f"{table.name} could not lie on another machine than what it leads to"


def test_a_unique_key_holds_the_shard_or_is_written_down_here():
    without = {
        (table.name, " ".join(key))
        for table in engine_tables()
        for key in unique_keys(table)
        if "shard" not in key and not (table.name in SHARD_FOLLOWS_FROM_KEY and "customer_id" in key)
    }
    assert without == set(KEYS_WITHOUT_SHARD)


@pytest.fixture
def lived(database_url):
    """A shop after entries, waits, messages, receipts and a merge; and every statement that this took, by its place."""
    shop, seen = Shop(database_url), {}
    shop.do("UPDATE accounts SET is_default = false WHERE channel = 'webhook'")
    shop.accounts["webhook"] = shop.add_account("Loopback", "webhook", "webhook", secrets={"secret": "whsec_c2VjcmV0"})
    event.listen(shop.engine, "before_cursor_execute", lambda *asked: note(seen, asked[2]))
    with sink() as provider:
        nodes = {
            "seen": ("event", {"event": "Seen"}),
            "vip": ("condition", {"rule": {"event": "Bought", "did": False, "since": "ever"}}),
            "wait": ("wait", {"duration": seconds(1)}),
            "tier": ("update_customer", {"changes": [{"attribute": "tier", "action": "set", "value": "gold"}]}),
            "hook": ("send_webhook", {"url": provider.url()}),
        }
        shop.publish(graph(nodes, ["seen > vip", "vip:yes > wait", "wait > tier", "tier > hook"]))
        live_through(shop, Config(secret_key=SECRET_KEY, allowed_outgoing=(f"127.0.0.1:{provider.port}",)))
    return shop, seen


def live_through(shop, config):
    for who in ("ann", "bob", *(f"c{n}" for n in range(40))):
        shop.tell(who, "Seen", message_id=f"seen-{who}")
    shop.work()
    shop.wait(seconds=2)
    assert turns_due(shop.engine)
    shop.work()
    lane = shop.accounts["webhook"]
    assert lanes_due(shop.engine) == [lane]
    Deliverer(shop.engine, config).deliver(lane, shop.now)
    sweep(shop.engine, shop.now + timedelta(minutes=1))
    told = [Receipt(row.id, "r", "delivered", shop.now) for row in shop.rows("SELECT id FROM messages LIMIT 20")]
    receive(shop.engine, shop.workspace, lane, told)
    shop.tell({"external_id": "ann", "email": "bob@mail.example"}, "Seen")  # ann and bob are one
    shop.work()


STATEMENTS = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO|COPY|USING) (\w+)")
NAMES_SHARD = re.compile(r"\bshard\s*(=|IN\b)|=\s*(\w+\.)?shard\b")
INSIDE = ("session", "copying", "port", "locks")


def note(seen, statement):
    """Note a statement under the function of the store that it is written in."""
    frame = sys._getframe(2)
    while frame and ("journey_engine/store/" not in frame.f_code.co_filename or place(frame)[0] in INSIDE):
        frame = frame.f_back
    if frame:
        seen.setdefault(".".join(place(frame)), set()).add(statement)


def place(frame):
    return frame.f_code.co_filename.rsplit("/", 1)[1].removesuffix(".py"), frame.f_code.co_name


def names_no_shard(statement):
    """Whether a statement reads or changes rows of a table with shards, and says nothing of which shard."""
    sharded = {table.name for table in engine_tables()}
    reads = statement.strip().split(None, 1)[0] in ("SELECT", "UPDATE", "DELETE", "WITH", "INSERT")
    plain_insert = re.match(r"\s*INSERT INTO \w+ [^;]*\bFROM unnest\(", statement) and " JOIN " not in statement
    asks = reads and not plain_insert and sharded & set(STATEMENTS.findall(statement))
    return bool(asks) and not NAMES_SHARD.search(statement)


def test_a_statement_of_turns_ingest_and_deliveries_names_the_shard_or_is_written_down_here(lived):
    _, seen = lived
    assert len(seen) > 30
    without = {name for name, statements in seen.items() if any(map(names_no_shard, statements))}
    assert without - ACROSS_SHARDS.keys() == set(), "name the shard in it, or say why not"


def test_every_row_lies_in_the_shard_of_its_customer_also_after_a_merge(lived):
    shop, _ = lived
    shard_of = "get_byte(uuid_send({}), 15) & 63"
    owners = {
        "customers": ("customers", "id"),
        "merges": ("merges", "survivor_id"),
        "deliveries": ("deliveries JOIN messages m ON m.id = message_id", "m.customer_id"),
        "receipts": ("receipts JOIN messages m ON m.id = message_id", "m.customer_id"),
    }
    for table in ("activity", "enrollments", "events", "identities", "messages", "visits"):
        owners[table] = (table, "customer_id")
    for table, (rows, customer) in owners.items():
        assert shop.one(f"SELECT count(*) FROM {table}") > 0, table
        astray = f"SELECT count(*) FROM {rows} WHERE {table}.shard <> {shard_of.format(customer)}"
        assert shop.one(astray) == 0, table
    assert shop.one("SELECT count(*) FROM merges") == 1
    assert shop.one("SELECT count(*) FROM counts WHERE slot < 64 AND shard <> slot OR slot >= 64 AND shard <> 0") == 0
