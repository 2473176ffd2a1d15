"""Workspaces: one shop each."""

from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from journey_engine.store.tables import workspaces


def timezone(tx: Connection, workspace_id: int) -> str:
    return tx.scalar(select(workspaces.c.timezone).where(workspaces.c.id == workspace_id))


def named(tx: Connection, name: str) -> int | None:
    """The oldest workspace with this name."""
    return tx.scalar(select(workspaces.c.id).where(workspaces.c.name == name).order_by(workspaces.c.id).limit(1))


def one(tx: Connection, workspace_id: int) -> Row:
    return tx.execute(select(workspaces).where(workspaces.c.id == workspace_id)).one()


def change_settings(tx: Connection, workspace_id: int, settings: dict[str, Any]) -> None:
    """Set these settings and leave the others; the caller holds control, so that turns notice."""
    merged = workspaces.c.settings.op("||")(settings)
    tx.execute(update(workspaces).where(workspaces.c.id == workspace_id).values(settings=merged))


def add(tx: Connection, name: str, zone: str) -> int:
    return tx.scalar(insert(workspaces).values(name=name, timezone=zone).returning(workspaces.c.id))
