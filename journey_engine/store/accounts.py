"""Accounts: the credentials of channels, by workspace. Secrets are read only by whoever sends."""

from typing import Any

from sqlalchemy import Connection, insert, select, update

from journey_engine.store.port import port
from journey_engine.store.tables import accounts

SHOWN = (
    accounts.c.id,
    accounts.c.name,
    accounts.c.kind,
    accounts.c.channel,
    accounts.c.settings,
    accounts.c.is_default,
    accounts.c.stopped_at,
    accounts.c.stopped_why,
    accounts.c.broken_at,
    accounts.c.broken_why,
    accounts.c.probe_at,
    accounts.c.created_at,
)
OPEN = {"stopped_at": None, "stopped_why": "", "broken_at": None, "broken_why": "", "probe_at": None, "probes": 0}


@port
def listed(tx: Connection, workspace_id: int) -> list[dict[str, Any]]:
    """The accounts of a workspace, without their secrets."""
    rows = tx.execute(select(*SHOWN).where(accounts.c.workspace_id == workspace_id).order_by(accounts.c.id))
    return [dict(row._mapping) for row in rows]


# Walks accounts_by_receipts_token.
def by_receipts_token(tx: Connection, token_hash: bytes) -> dict[str, Any] | None:
    """The account whose provider knows this secret."""
    columns = (*SHOWN, accounts.c.workspace_id, accounts.c.secrets)
    row = tx.execute(select(*columns).where(accounts.c.receipts_token_hash == token_hash)).first()
    return dict(row._mapping) if row else None


def sealed(tx: Connection, workspace_id: int, account_id: int) -> bytes:
    """The secrets of an account as they are stored."""
    wanted = (accounts.c.workspace_id == workspace_id, accounts.c.id == account_id)
    return bytes(tx.scalar(select(accounts.c.secrets).where(*wanted)))


def add(tx: Connection, values: dict[str, Any]) -> int:
    """A new account, whose secrets follow once its id is known, because they are bound to it."""
    return tx.scalar(insert(accounts).values(secrets=b"", **values).returning(accounts.c.id))


def change(tx: Connection, workspace_id: int, account_id: int, values: dict[str, Any]) -> None:
    wanted = (accounts.c.workspace_id == workspace_id, accounts.c.id == account_id)
    tx.execute(update(accounts).values(**values).where(*wanted))


def open_again(tx: Connection, workspace_id: int, account_id: int) -> bool:
    """End what stopped an account, or kept it from calling; False when there is no such account."""
    wanted = (accounts.c.workspace_id == workspace_id, accounts.c.id == account_id)
    return tx.execute(update(accounts).values(**OPEN).where(*wanted)).rowcount == 1
