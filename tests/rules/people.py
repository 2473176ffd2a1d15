"""Drawn customers put into a database, and the facts of them as a turn fetches them."""

from uuid import UUID

from sqlalchemy import insert

from journey_engine.ids import uuid7
from journey_engine.model.alone import Alone
from journey_engine.model.calendar import Calendar
from journey_engine.model.customer import Customer
from journey_engine.model.event import Activity
from journey_engine.model.needs import Needs
from journey_engine.pipeline.facts import know_standing
from journey_engine.store import tables
from journey_engine.store.world import world_of
from tests.rules.drawn import NOW

APART = 1_000
"""Between the ids of two customers; what is a customer's own has an id in between."""


def store(tx, workspace, drawn):
    """Write these customers as the engine would have; their ids."""
    ids = [uuid7(NOW, n * APART) for n in range(len(drawn))]
    own = {"workspace_id": workspace, "shard": 0}
    rows: dict[str, list] = {}
    for id, one in zip(ids, drawn, strict=True):
        own["customer_id"] = id
        add(rows, "customers", id=id, workspace_id=workspace, shard=0, created_at=NOW, attributes=one["attributes"])
        for n, event in enumerate(one["events"]):
            told = {"id": UUID(int=id.int + 10 + n), "name": event["name"], "occurred_at": event["at"]}
            add(rows, "events", **own, **told, received_at=NOW, properties=event["properties"])
        for name, did in done(one["events"]).items():
            add(rows, "activity", **own, name=name, count=did.count, first_at=did.first_at, last_at=did.last_at)
        for (channel, topic), state in one["consents"].items():
            add(rows, "consents", **own, channel=channel, topic=topic, state=state, at=NOW)
        for n, message in enumerate(one["messages"]):
            store_message(rows, own, UUID(int=id.int + 100 + n), message)
        for n, entry in enumerate(one["entries"]):
            store_entry(rows, own, UUID(int=id.int + 200 + n), n, entry)
        for segment in one["segments"]:
            add(rows, "segment_states", **own, segment_id=segment, member=True, since=NOW)
    for name, several in rows.items():
        tx.execute(insert(getattr(tables, name)), several)
    return ids


def add(rows, table, **columns):
    rows.setdefault(table, []).append(columns)


def done(events):
    found: dict[str, Activity] = {}
    for event in events:
        known = found.get(event["name"])
        found[event["name"]] = known.plus(event["at"]) if known else Activity(1, event["at"], event["at"])
    return found


def store_message(rows, own, id, message):
    place = {"journey_id": message["journey"], "node_id": message["node"], "channel": message["channel"]}
    kept = {"enrollment_id": id, "version_id": 1, "visit": 1, "account_id": 1, "class": "marketing", "queued_at": NOW}
    add(rows, "messages", **own, **place, **kept, id=id, sent_at=message["sent_at"], status="sent")
    for n, (kind, at) in enumerate(message["receipts"]):
        said = {"account_id": 1, "message_id": id, "kind": kind, "provider_ref": str(n), "at": at, "received_at": at}
        add(rows, "receipts", workspace_id=own["workspace_id"], shard=0, **said, matched=True)


def store_entry(rows, own, id, n, entry):
    row = {"id": id, "journey_id": entry["journey"], "version_id": 1, "key": str(n), "fired_at": NOW}
    ended = {"status": "completed", "ended_at": NOW} if entry["ended"] else {"status": "waiting", "ended_at": None}
    add(rows, "enrollments", **own, **row, **ended, entered_at=NOW if entry["entered"] else None)
    for k, path in enumerate(entry["paths"]):
        walked = [{"node": node} for node in path]
        add(rows, "visits", **own, enrollment_id=id, n=k + 1, version_id=1, at=NOW, path=walked)


def facts(tx, workspace, zone, ids, needs: Needs):
    """What a turn would know of these customers."""
    world = world_of(tx)
    known = {}
    for row in tx.execute(tables.customers.select().where(tables.customers.c.id.in_(ids))):
        known[row.id] = Customer(row.id, workspace, 0, row.attributes, calendar=Calendar(zone))
    for row in tx.execute(tables.activity.select().where(tables.activity.c.customer_id.in_(ids))):
        known[row.customer_id].activity[row.name] = Activity(row.count, row.first_at, row.last_at)
    for event in world.history(ids, sorted(needs.history)) if needs.history else ():
        known[event.customer_id].history.setdefault(event.name, []).append(event)
    know_standing(world, known.values(), needs)
    return {id: Alone(customer) for id, customer in known.items()}
