"""Ingest: take events in, once per id, know whose they are, and commit. The commit is the 2xx.

read_event   checks one event of our own door
ingest       stores a batch in one transaction: keys, customers, events, inbox
"""

import contextlib
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, Engine

from journey_engine import clock
from journey_engine.config import (
    AHEAD_S,
    EVENT_NAME_CHARS,
    MESSAGE_ID_CHARS,
    PROPERTIES_PER_EVENT,
    PROPERTY_KEY_CHARS,
)
from journey_engine.errors import Invalid, Unavailable
from journey_engine.identity import normalise
from journey_engine.ids import shard_of, uuid7
from journey_engine.model.internal import PREFIX, REQUESTED, is_internal
from journey_engine.store import ingest as store
from journey_engine.store.locks import hold_control_shared, hold_shards
from journey_engine.store.merges import merge
from journey_engine.store.session import Deadlock, transaction

Key = tuple[str, str]
FIELDS = {"message_id", "name", "customer", "occurred_at", "properties"}
OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
IDENTITIES_PER_EVENT = 10

DEADLOCK_TRIES = 3
"""Merges that meet head-on end in one of them being undone by the database; it is done again at once."""

STORED, DUPLICATE, CONFLICT = "stored", "duplicate", "conflict"


@dataclass(slots=True)
class Incoming:
    """A checked event on its way in. `occurred_at` None means: when it arrives."""

    message_id: str | None
    name: str
    identities: tuple[Key, ...]
    occurred_at: datetime | None
    properties: dict[str, Any]
    body_hash: bytes


@dataclass(slots=True)
class Accepted:
    """What became of one event: stored, a duplicate of one stored before, or in conflict with it."""

    status: str
    event_id: UUID


def read_event(raw: Any) -> Incoming:
    """Check one event of the events door; raises Invalid naming the field and what to write there."""
    if not isinstance(raw, dict):
        raise Invalid("An event is an object.", code="event:shape")
    if not raw.keys() <= FIELDS:
        field = sorted(raw.keys() - FIELDS)[0]
        message = f"{field} is not a field of an event; put it into properties."
        raise Invalid(message, code="event:unknown_field", where={"field": field})
    properties = raw.get("properties")
    return make_incoming(
        raw.get("message_id"), raw.get("name"), raw.get("customer"), raw.get("occurred_at"), properties
    )


def make_incoming(
    message_id: Any, name: Any, customer: Any, occurred_at: Any, properties: Any, now: datetime | None = None
) -> Incoming:
    """The checked event of these parts, whichever door they came through."""
    message_id = _message_id(message_id)
    if not isinstance(name, str) or not 0 < len(name) <= EVENT_NAME_CHARS:
        message = f"name: give the event a name of 1 to {EVENT_NAME_CHARS} characters."
        raise Invalid(message, code="event:name", where={"field": "name"})
    if is_internal(name):
        message = f"name: names that begin with {PREFIX} are the engine's own. Give the event another name."
        raise Invalid(message, code="event:reserved_name", where={"field": "name"})
    identities = _identities(customer)
    at = _instant(occurred_at, now or clock.now())
    properties = {} if properties is None else properties
    _check_properties(properties)
    parts = (name, identities, occurred_at if at else None, properties)
    body = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME, default=str)
    return Incoming(message_id, name, identities, at, properties, hashlib.blake2b(body, digest_size=16).digest())


def make_request(message_id: Any, customer: Any, journey_id: UUID, told: dict[str, Any]) -> Incoming:
    """The checked event by which somebody asks that a customer enters a journey. Asked again with the same id by
    somebody else or at another time it is still the same request."""
    message_id, identities = _message_id(message_id), _identities(customer)
    _check_properties(told.get("properties"))
    parts = (REQUESTED, str(journey_id), identities, told.get("trigger"), told.get("properties"))
    body = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS, default=str)
    body_hash = hashlib.blake2b(body, digest_size=16).digest()
    return Incoming(message_id, REQUESTED, identities, None, told, body_hash)


def _message_id(raw: Any) -> str | None:
    if raw is None:
        return None
    if not isinstance(raw, str) or not 0 < len(raw) <= MESSAGE_ID_CHARS:
        message = f"message_id: a text of 1 to {MESSAGE_ID_CHARS} characters."
        raise Invalid(message, code="event:message_id", where={"field": "message_id"})
    return raw


def _identities(raw: Any) -> tuple[Key, ...]:
    if not isinstance(raw, dict) or not raw or len(raw) > IDENTITIES_PER_EVENT:
        message = f"customer: name 1 to {IDENTITIES_PER_EVENT} identities, such as external_id, email or phone."
        raise Invalid(message, code="event:customer", where={"field": "customer"})
    return tuple(sorted((kind, normalise(kind, value)) for kind, value in raw.items()))


def _instant(raw: Any, now: datetime) -> datetime | None:
    """An ISO 8601 text (UTC unless it says otherwise) or Unix seconds; bounded, because clocks of phones are wrong."""
    if raw is None:
        return None
    at = None
    try:
        if isinstance(raw, str):
            at = datetime.fromisoformat(raw)
            at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        elif isinstance(raw, int | float) and not isinstance(raw, bool):
            at = datetime.fromtimestamp(raw, UTC)
        elif isinstance(raw, datetime):
            at = raw.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        at = None
    if at is None or at < OLDEST or at > now + timedelta(seconds=AHEAD_S):
        message = (
            "occurred_at: an ISO 8601 time with zone or Unix seconds, between 1990 and one day from now. "
            "Milliseconds must be divided by 1000."
        )
        raise Invalid(message, code="event:occurred_at", where={"field": "occurred_at"})
    return at


def _check_properties(properties: Any) -> None:
    if not isinstance(properties, dict) or len(properties) > PROPERTIES_PER_EVENT:
        message = f"properties: an object with at most {PROPERTIES_PER_EVENT} keys."
        raise Invalid(message, code="event:properties", where={"field": "properties"})
    for key in properties:
        if len(key) > PROPERTY_KEY_CHARS:
            message = f"properties: a key has at most {PROPERTY_KEY_CHARS} characters."
            raise Invalid(message, code="event:property_key", where={"field": "properties", "key": key[:50]})


def ingest(
    engine: Engine,
    workspace_id: int,
    items: Sequence[Incoming],
    source: str = "api",
    now: datetime | None = None,
    journey_id: UUID | None = None,
) -> list[Accepted]:
    """Store the events and commit; the answer says for each what became of it. Raises Unavailable, storing nothing.

    With `journey_id` only that journey hears them.
    """
    for _ in range(DEADLOCK_TRIES):
        try:
            answers, fresh = _store(engine, workspace_id, items, source, now, journey_id)
            break
        except Deadlock:
            continue
    else:
        raise Unavailable()
    if journey_id is None:
        _remember_names(engine, workspace_id, fresh)
    return answers


def _store(
    engine: Engine,
    workspace_id: int,
    items: Sequence[Incoming],
    source: str,
    now: datetime | None,
    journey_id: UUID | None,
) -> tuple[list[Accepted], list[Incoming]]:
    """One transaction; the answers, and the events that are new."""
    with transaction(engine) as tx:
        at = now or store.database_now(tx)
        answers = _take_keys(tx, workspace_id, items, at)
        fresh = [
            (item, answer.event_id) for item, answer in zip(items, answers, strict=True) if answer.status == STORED
        ]
        if fresh:
            if any(item.message_id is None for item, _ in fresh):
                store.be_seen(tx)
            owners = _owners(tx, workspace_id, [item.identities for item, _ in fresh], at)
            rows = [_row(item, id, owners, at) for item, id in fresh]
            store.add_events(tx, workspace_id, rows, at, source, journey_id)
    return answers, [item for item, _ in fresh]


def _row(item: Incoming, event_id: UUID, owners: dict[Key, UUID], at: datetime) -> dict[str, Any]:
    return {
        "id": event_id,
        "customer_id": owners[item.identities[0]],
        "name": item.name,
        "occurred_at": item.occurred_at or at,
        "properties": item.properties,
        "message_id": item.message_id,
    }


def _take_keys(tx: Connection, workspace_id: int, items: Sequence[Incoming], at: datetime) -> list[Accepted]:
    """Give each event an id, and find out which were here before."""
    answers = [Accepted(STORED, uuid7(at)) for _ in items]
    keyed = [(item, answer) for item, answer in zip(items, answers, strict=True) if item.message_id is not None]
    # The sort is stable: of two equal ids in one batch the first one takes the key.
    keys = sorted(((i.message_id, a.event_id, i.body_hash) for i, a in keyed), key=lambda key: key[0])
    taken = store.take_keys(tx, workspace_id, keys, at)
    repeated = [(item, answer) for item, answer in keyed if answer.event_id not in taken]
    if repeated:
        holders = store.read_keys(tx, workspace_id, {item.message_id for item, _ in repeated})
        for item, answer in repeated:
            answer.event_id, body_hash = holders[item.message_id]
            answer.status = DUPLICATE if body_hash == item.body_hash else CONFLICT
    return answers


def _owners(tx: Connection, workspace_id: int, seen: Iterable[tuple[Key, ...]], at: datetime) -> dict[Key, UUID]:
    """The customer of every identity: found, made, or merged when identities of several were seen together."""
    groups = together(seen)
    keys = {key for group in groups for key in group}
    owners = store.find_owners(tx, workspace_id, keys)
    made: set[UUID] = set()
    while missing := _adopt(groups, owners, made, at):
        # Whoever is given an identity must not be merged away until we commit, or the identity would be left behind.
        adopting = set(missing.values()) - made
        if adopting - store.keep_customers(tx, adopting):
            owners = store.find_owners(tx, workspace_id, keys)
            continue
        taken = store.add_identities(tx, workspace_id, missing, at)
        owners.update({key: missing[key] for key in taken})
        lost = missing.keys() - taken
        if not lost:
            break
        owners.update(store.find_owners(tx, workspace_id, lost))
    store.add_customers(tx, workspace_id, made & set(owners.values()), at)
    _merge_groups(tx, workspace_id, groups, owners, at)
    return owners


def together(seen: Iterable[tuple[Key, ...]]) -> list[set[Key]]:
    """Identities seen in one event belong together, and so do chains of them. Usually every event is its own group."""
    group_of: dict[Key, set[Key]] = {}
    for keys in seen:
        group = group_of.get(keys[0])
        if group is None:
            group = group_of[keys[0]] = {keys[0]}
        for key in keys[1:]:
            other = group_of.get(key, {key})
            if other is not group:
                group |= other
                for member in other:
                    group_of[member] = group
    return list({id(group): group for group in group_of.values()}.values())


def _adopt(groups: list[set[Key]], owners: dict[Key, UUID], made: set[UUID], at: datetime) -> dict[Key, UUID]:
    """Identities nobody owns yet, each with the customer to give it to: the oldest of its group, or a new one."""
    missing: dict[Key, UUID] = {}
    for group in groups:
        unowned = [key for key in group if key not in owners]
        if not unowned:
            continue
        known = [owners[key] for key in group if key in owners]
        owner = min(known) if known else uuid7(at)
        if not known:
            made.add(owner)
        missing.update(dict.fromkeys(unowned, owner))
    return missing


def _merge_groups(
    tx: Connection, workspace_id: int, groups: list[set[Key]], owners: dict[Key, UUID], at: datetime
) -> None:
    """Merge the customers of each group that has several; ids are time-ordered, so the smallest is the oldest."""
    several = [group for group in groups if len({owners[key] for key in group}) > 1]
    keys = {key for group in several for key in group}
    held: set[int] = set()
    if several:
        hold_control_shared(tx)  # a stop ends the same enrollments, and each is counted once
    while unheld := {shard_of(owners[key]) for key in keys} - held:
        hold_shards(tx, unheld)
        held |= unheld
        found = store.find_owners(tx, workspace_id, keys)  # a merge that was waited for may have moved them
        if found.keys() != keys:
            raise Deadlock()  # an erasure that was waited for took some away: begin again without them
        owners.update(found)
    for group in several:
        survivor, *losers = sorted({owners[key] for key in group})
        why = {"seen_together": [{"kind": kind, "value": value} for kind, value in sorted(group)]}
        for loser in losers:
            merge(tx, workspace_id, survivor, loser, at, why)
        owners.update({key: survivor for key, owner in owners.items() if owner in losers})


_names_seen: set[tuple[str, int, str, str]] = set()
NAMES_REMEMBERED = 20_000


def _remember_names(engine: Engine, workspace_id: int, items: Sequence[Incoming]) -> None:
    """Note names and property keys this process has not noted yet; a loss here costs a completion, never an event."""
    database = str(engine.url)
    marks = {(database, workspace_id, item.name, key) for item in items for key in item.properties or ("",)}
    unseen = marks - _names_seen
    if not unseen or len(_names_seen) >= NAMES_REMEMBERED:
        return
    news: dict[str, set[str]] = {}
    for _, _, name, key in unseen:
        news.setdefault(name, set()).update({key} - {""})
    with contextlib.suppress(Unavailable), transaction(engine) as tx:
        store.add_names(tx, workspace_id, news)
        _names_seen.update(unseen)
