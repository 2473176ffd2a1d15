"""Customers as people read them: found by any identity, with what is known of them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, or_, select

from journey_engine.store.port import port
from journey_engine.store.tables import activity, consents, customers, identities, merges

LABEL_ATTRIBUTES = ("name", "first_name")
LABEL_KINDS = ("email", "phone", "external_id")


# An exact identity would walk the primary key; a beginning reads the identities of the workspace.
def found(
    tx: Connection, workspace_id: int, spellings: list[str], limit: int, before: list[str] | None
) -> list[dict[str, Any]]:
    """Customers with an identity that begins with one of these texts, or all of them; the newest first."""
    wanted = [customers.c.workspace_id == workspace_id]
    if spellings:
        begins = or_(*(identities.c.value.startswith(one, autoescape=True) for one in spellings))
        named = select(identities.c.customer_id).where(identities.c.workspace_id == workspace_id, begins)
        wanted.append(customers.c.id.in_(named))
    if before:
        wanted.append(customers.c.id < UUID(before[0]))
    rows = tx.execute(select(customers).where(*wanted).order_by(customers.c.id.desc()).limit(limit + 1)).all()
    return _shown(tx, workspace_id, rows)


# Walks the primary key.
def one(tx: Connection, workspace_id: int, customer_id: UUID) -> dict[str, Any] | None:
    """The customer; a merged one is answered by who survived it."""
    wanted = (customers.c.id == customer_id, customers.c.workspace_id == workspace_id)
    row = tx.execute(select(customers).where(*wanted)).first()
    return _shown(tx, workspace_id, [row])[0] if row else None


def several(tx: Connection, workspace_id: int, ids: list[UUID]) -> dict[UUID, dict[str, Any]]:
    """Those of these customers that there are, by id."""
    wanted = (customers.c.workspace_id == workspace_id, customers.c.id.in_(ids))
    shown = _shown(tx, workspace_id, list(tx.execute(select(customers).where(*wanted)))) if ids else []
    return {row["id"]: row for row in shown}


def is_known(tx: Connection, workspace_id: int, kind: str, value: str) -> bool:
    """Whether somebody is known by this identity."""
    wanted = (identities.c.workspace_id == workspace_id, identities.c.kind == kind, identities.c.value == value)
    return tx.scalar(select(select(identities).where(*wanted).exists()))


@port
def survivor(tx: Connection, workspace_id: int, customer_id: UUID) -> UUID | None:
    """Who this customer became part of."""
    wanted = (merges.c.loser_id == customer_id, merges.c.workspace_id == workspace_id)
    return tx.scalar(select(merges.c.survivor_id).where(*wanted))


def profile(tx: Connection, workspace_id: int, customer_id: UUID) -> dict[str, Any] | None:
    """The customer with consents, activity and the customers it was merged from."""
    shown = one(tx, workspace_id, customer_id)
    if shown is None:
        return None
    own = (consents.c.channel, consents.c.topic, consents.c.state, consents.c.at, consents.c.source)
    did = (activity.c.name.label("event"), activity.c.count, activity.c.first_at, activity.c.last_at)
    parts = {
        "consents": select(*own).where(consents.c.customer_id == customer_id).order_by(consents.c.channel),
        "activity": select(*did).where(activity.c.customer_id == customer_id).order_by(activity.c.last_at.desc()),
        "merged": select(merges.c.loser_id.label("id"), merges.c.at, merges.c.why).where(
            merges.c.survivor_id == customer_id
        ),
    }
    return shown | {name: [dict(row._mapping) for row in tx.execute(read)] for name, read in parts.items()}


def labels(tx: Connection, workspace_id: int, ids: Iterable[UUID]) -> dict[UUID, str]:
    """How to call these customers on a page."""
    wanted = set(ids)
    read = select(customers).where(customers.c.workspace_id == workspace_id, customers.c.id.in_(wanted))
    named = {row["id"]: row["label"] for row in _shown(tx, workspace_id, tx.execute(read).all())}
    return {id: named.get(id, _short(id)) for id in wanted}


# Walks identities_by_customer.
def _shown(tx: Connection, workspace_id: int, rows: list[Any]) -> list[dict[str, Any]]:
    own: dict[UUID, list[dict[str, str]]] = {row.id: [] for row in rows}
    read = select(identities.c.customer_id, identities.c.kind, identities.c.value)
    wanted = (identities.c.workspace_id == workspace_id, identities.c.customer_id.in_(own))
    for customer_id, kind, value in tx.execute(read.where(*wanted).order_by(identities.c.kind, identities.c.value)):
        own[customer_id].append({"kind": kind, "value": value})
    last = select(activity.c.customer_id, func.max(activity.c.last_at)).where(activity.c.customer_id.in_(own))
    seen = {id: at for id, at in tx.execute(last.group_by(activity.c.customer_id))}
    return [
        {
            "id": row.id,
            "label": label(row.id, row.attributes, own[row.id]),
            "identities": own[row.id],
            "attributes": row.attributes,
            "created_at": row.created_at,
            "last_seen_at": seen.get(row.id),
        }
        for row in rows
    ]


def label(customer_id: UUID, attributes: dict[str, Any], own: list[dict[str, str]]) -> str:
    """A name where there is one, else an identity, else the end of the id."""
    for name in LABEL_ATTRIBUTES:
        value = attributes.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
    for kind in LABEL_KINDS:
        for identity in own:
            if identity["kind"] == kind:
                return identity["value"]
    return _short(customer_id)


def _short(customer_id: UUID) -> str:
    return f"#{customer_id.hex[-8:]}"
