"""Statements that read what is live: journeys with their versions, and the accounts messages go out through."""

from typing import Any

from sqlalchemy import Connection, Row, text

from journey_engine.store.port import port


@port
def revision(tx: Connection) -> int:
    """The control revision; it counts up with every change of what is live."""
    return tx.scalar(text("SELECT revision FROM control"))


@port
def live_journeys(tx: Connection) -> list[Row]:
    """Every journey that is live or paused, with its version."""
    return tx.execute(
        text(
            "SELECT j.id, j.workspace_id, j.live_version_id, j.status, j.resumed, v.graph FROM journeys j "
            "JOIN versions v ON v.id = j.live_version_id WHERE j.status IN ('live', 'paused') ORDER BY j.created_at"
        )
    ).all()


@port
def version_graph(tx: Connection, version_id: int) -> dict[str, Any]:
    return tx.scalar(text("SELECT graph FROM versions WHERE id = :id"), {"id": version_id})


@port
def workspaces(tx: Connection) -> list[Row]:
    """Every workspace with its zone and settings."""
    return tx.execute(text("SELECT id, timezone, settings FROM workspaces ORDER BY id")).all()


@port
def accounts(tx: Connection) -> list[Row]:
    """Every account, without its secrets."""
    return tx.execute(text("SELECT id, workspace_id, channel, name, is_default FROM accounts ORDER BY id")).all()
