"""Statements of the ingest stage: keys, identities, new customers, events and their inbox rows."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from journey_engine.ids import shard_of
from journey_engine.store.copying import as_json, copy_rows
from journey_engine.store.port import port

Key = tuple[str, str]


@port
def database_now(tx: Connection) -> datetime:
    """The database's clock, so that machines need not agree on the time."""
    return tx.scalar(text("SELECT clock_timestamp()"))


@port
def be_seen(tx: Connection) -> None:
    """Give the transaction its number before it reads whose events these are, so that an erasure waits for it.

    One that takes message ids has its number by that.
    """
    tx.execute(text("SELECT pg_current_xact_id()"))


# Walks the primary key of event_keys. A key of a transaction that has not ended is waited for, so of two equal requests
# at once exactly one is told "new".
TAKE_KEYS = text(
    """
    INSERT INTO event_keys (workspace_id, message_id, event_id, body_hash, received_at)
    SELECT :workspace, k.message_id, k.event_id, k.body_hash, :at
    FROM unnest(CAST(:message_ids AS text[]), CAST(:event_ids AS uuid[]), CAST(:hashes AS bytea[]))
        AS k (message_id, event_id, body_hash)
    ON CONFLICT (workspace_id, message_id) DO NOTHING
    RETURNING event_id
    """
)

READ_KEYS = text(
    """
    SELECT message_id, event_id, body_hash FROM event_keys
    WHERE workspace_id = :workspace AND message_id = ANY(CAST(:message_ids AS text[]))
    """
)


@port
def take_keys(tx: Connection, workspace: int, keys: Sequence[tuple[str, UUID, bytes]], at: datetime) -> set[UUID]:
    """Claim message ids for the events; the ids of those events whose key was free. `keys` come sorted."""
    if not keys:
        return set()
    message_ids, event_ids, hashes = (list(column) for column in zip(*keys, strict=True))
    values = {"message_ids": message_ids, "event_ids": event_ids, "hashes": hashes}
    return set(tx.scalars(TAKE_KEYS, {"workspace": workspace, "at": at, **values}))


@port
def read_keys(tx: Connection, workspace: int, message_ids: Iterable[str]) -> dict[str, tuple[UUID, bytes]]:
    """Who holds these message ids."""
    rows = tx.execute(READ_KEYS, {"workspace": workspace, "message_ids": list(message_ids)})
    return {row.message_id: (row.event_id, bytes(row.body_hash)) for row in rows}


# Walks the primary key of identities.
FIND_OWNERS = text(
    """
    SELECT i.kind, i.value, i.customer_id
    FROM unnest(CAST(:kinds AS text[]), CAST(:values AS text[])) AS k (kind, value)
    JOIN identities i ON i.workspace_id = :workspace AND i.kind = k.kind AND i.value = k.value
    """
)

ADD_IDENTITIES = text(
    """
    INSERT INTO identities (workspace_id, kind, value, shard, customer_id, created_at)
    SELECT :workspace, k.kind, k.value, k.shard, k.customer_id, :at
    FROM unnest(CAST(:kinds AS text[]), CAST(:values AS text[]), CAST(:shards AS smallint[]),
        CAST(:customers AS uuid[])) AS k (kind, value, shard, customer_id)
    ON CONFLICT (workspace_id, kind, value) DO NOTHING
    RETURNING kind, value
    """
)

ADD_CUSTOMERS = text(
    """
    INSERT INTO customers (id, workspace_id, shard, created_at)
    SELECT c.id, :workspace, c.shard, :at
    FROM unnest(CAST(:ids AS uuid[]), CAST(:shards AS smallint[])) AS c (id, shard)
    """
)


@port
def find_owners(tx: Connection, workspace: int, keys: Iterable[Key]) -> dict[Key, UUID]:
    """The customers to whom these identities belong; the unknown ones are missing."""
    kinds, values = _columns(keys)
    rows = tx.execute(FIND_OWNERS, {"workspace": workspace, "kinds": kinds, "values": values})
    return {(row.kind, row.value): row.customer_id for row in rows}


@port
def add_identities(tx: Connection, workspace: int, owners: dict[Key, UUID], at: datetime) -> set[Key]:
    """Give identities to customers, in one order for everybody; those that somebody else took first are missing."""
    ordered = sorted(owners)
    kinds, values = _columns(ordered)
    customers = [owners[key] for key in ordered]
    rows = tx.execute(
        ADD_IDENTITIES,
        {
            "workspace": workspace,
            "kinds": kinds,
            "values": values,
            "shards": [shard_of(id) for id in customers],
            "customers": customers,
            "at": at,
        },
    )
    return {(row.kind, row.value) for row in rows}


@port
def add_customers(tx: Connection, workspace: int, ids: Iterable[UUID], at: datetime) -> None:
    """New customers, known by their identities only."""
    listed = list(ids)
    if listed:
        values = {"ids": listed, "shards": [shard_of(id) for id in listed]}
        tx.execute(ADD_CUSTOMERS, {"workspace": workspace, "at": at, **values})


# A merge deletes the loser under FOR UPDATE, so it waits for this, or this for it. Turns are not held up.
KEEP_CUSTOMERS = text("SELECT id FROM customers WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR KEY SHARE")


@port
def keep_customers(tx: Connection, ids: Iterable[UUID]) -> set[UUID]:
    """Keep these customers from being merged or erased until the transaction ends; those who are gone are missing."""
    listed = list(ids)
    return set(tx.scalars(KEEP_CUSTOMERS, {"ids": listed})) if listed else set()


def _columns(keys: Iterable[Key]) -> tuple[list[str], list[str]]:
    listed = list(keys)
    return [kind for kind, _ in listed], [value for _, value in listed]


EVENT_COLUMNS = (
    "id",
    "workspace_id",
    "shard",
    "customer_id",
    "name",
    "occurred_at",
    "received_at",
    "properties",
    "message_id",
    "source",
)
INBOX_COLUMNS = ("shard", "workspace_id", "customer_id", "event_id", "received_at")


@port
def add_events(
    tx: Connection,
    workspace: int,
    rows: Sequence[dict[str, Any]],
    at: datetime,
    source: str,
    journey_id: UUID | None = None,
) -> None:
    """Store events and ring nobody yet: `rows` have id, customer_id, name, occurred_at, properties, message_id.

    With `journey_id` only that journey hears them.
    """
    copy_rows(
        tx,
        "events",
        EVENT_COLUMNS,
        (
            (
                row["id"],
                workspace,
                shard_of(row["customer_id"]),
                row["customer_id"],
                row["name"],
                row["occurred_at"],
                at,
                as_json(row["properties"]),
                row["message_id"] or "",
                source,
            )
            for row in rows
        ),
    )
    addressed = () if journey_id is None else (journey_id,)
    copy_rows(
        tx,
        "inbox",
        INBOX_COLUMNS + ("journey_id",) * len(addressed),
        ((shard_of(row["customer_id"]), workspace, row["customer_id"], row["id"], at, *addressed) for row in rows),
    )


ADD_NAMES = text(
    """
    INSERT INTO event_names (workspace_id, name, properties, first_at)
    SELECT :workspace, n.name, CAST(n.properties AS jsonb), now()
    FROM unnest(CAST(:names AS text[]), CAST(:properties AS text[])) AS n (name, properties)
    ON CONFLICT (workspace_id, name) DO UPDATE SET properties = (
        SELECT coalesce(jsonb_agg(DISTINCT p), '[]') FROM (
            SELECT p FROM jsonb_array_elements(event_names.properties || EXCLUDED.properties) p LIMIT 200
        ) limited
    )
    """
)


@port
def add_names(tx: Connection, workspace: int, names: dict[str, set[str]]) -> None:
    """Remember event names and property keys, for completion in the editor."""
    ordered = sorted(names)
    properties = [as_json(sorted(names[name])[:200]) for name in ordered]
    tx.execute(ADD_NAMES, {"workspace": workspace, "names": ordered, "properties": properties})
