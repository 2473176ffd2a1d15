"""API keys of programs: kept as hashes, so that nobody who reads the database can use one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from journey_engine.store.tables import api_keys

USED_EVERY = timedelta(minutes=5)
"""How exactly we know when a key was used last; noting every use would write a row per request."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    id: UUID
    workspace_id: int
    name: str
    scope: str


# Walks the unique index on the hash.
def find(tx: Connection, key_hash: bytes, now: datetime) -> ApiKey | None:
    """The key with this hash unless it was revoked; notes its use now and then."""
    wanted = (api_keys.c.key_hash == key_hash) & api_keys.c.revoked_at.is_(None)
    columns = (api_keys.c.id, api_keys.c.workspace_id, api_keys.c.name, api_keys.c.scope, api_keys.c.used_at)
    row = tx.execute(select(*columns).where(wanted)).first()
    if row is None:
        return None
    if row.used_at is None or row.used_at < now - USED_EVERY:
        stale = or_(api_keys.c.used_at.is_(None), api_keys.c.used_at < now - USED_EVERY)
        tx.execute(update(api_keys).values(used_at=now).where(wanted, stale))
    return ApiKey(*row[:-1])


def keys_of(tx: Connection, workspace_id: int) -> list[dict[str, Any]]:
    """The keys that still work, newest first; never the key itself."""
    columns = (api_keys.c.id, api_keys.c.name, api_keys.c.scope, api_keys.c.hint, api_keys.c.created_at)
    wanted = (api_keys.c.workspace_id == workspace_id) & api_keys.c.revoked_at.is_(None)
    rows = tx.execute(
        select(*columns, api_keys.c.used_at.label("last_used_at")).where(wanted).order_by(api_keys.c.id.desc())
    )
    return [dict(row._mapping) for row in rows]


def add(tx: Connection, values: dict[str, Any]) -> None:
    """Add a key; one that is known already stays as it is."""
    tx.execute(insert(api_keys).values(**values).on_conflict_do_nothing(index_elements=["key_hash"]))


def revoke(tx: Connection, workspace_id: int, key_id: UUID, now: datetime) -> bool:
    """Make the key useless from now on; False when there is none such in this workspace."""
    wanted = (api_keys.c.workspace_id == workspace_id) & (api_keys.c.id == key_id) & api_keys.c.revoked_at.is_(None)
    return tx.execute(update(api_keys).values(revoked_at=now).where(wanted)).rowcount == 1
