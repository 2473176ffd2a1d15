"""Workspaces: one shop each."""

from sqlalchemy import Connection, insert, select

from journey_engine.store.tables import workspaces


def timezone(tx: Connection, workspace_id: int) -> str:
    return tx.scalar(select(workspaces.c.timezone).where(workspaces.c.id == workspace_id))


def named(tx: Connection, name: str) -> int | None:
    """The oldest workspace with this name."""
    return tx.scalar(select(workspaces.c.id).where(workspaces.c.name == name).order_by(workspaces.c.id).limit(1))


def add(tx: Connection, name: str, zone: str) -> int:
    return tx.scalar(insert(workspaces).values(name=name, timezone=zone).returning(workspaces.c.id))
