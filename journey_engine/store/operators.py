"""Operators: the people who sign in, found by e-mail and by session."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from journey_engine.store.tables import operators, workspaces


@dataclass(frozen=True, slots=True)
class Operator:
    """One person of a workspace. `session_epoch` counts up when all sessions made so far shall end."""

    id: UUID
    workspace_id: int
    email: str
    name: str
    role: str
    language: str
    session_epoch: int
    workspace_name: str
    timezone: str


COLUMNS = (
    operators.c.id,
    operators.c.workspace_id,
    operators.c.email,
    operators.c.name,
    operators.c.role,
    operators.c.language,
    operators.c.session_epoch,
    workspaces.c.name.label("workspace_name"),
    workspaces.c.timezone,
)
READ = select(*COLUMNS).join_from(operators, workspaces)


# Walks the unique index on the e-mail, which is stored in lower case.
def by_email(tx: Connection, email: str) -> tuple[Operator, str] | None:
    """The operator and the hash of the password."""
    row = tx.execute(READ.add_columns(operators.c.password_hash).where(operators.c.email == email.lower())).first()
    return (Operator(*row[:-1]), row.password_hash) if row else None


# Walks the primary key.
def in_epoch(tx: Connection, operator_id: UUID, epoch: int) -> Operator | None:
    """The operator, when sessions of this epoch are still good."""
    row = tx.execute(READ.where(operators.c.id == operator_id, operators.c.session_epoch == epoch)).first()
    return Operator(*row) if row else None


def begin_epoch(tx: Connection, operator_id: UUID) -> None:
    """End every session this operator has."""
    statement = update(operators).values(session_epoch=operators.c.session_epoch + 1)
    tx.execute(statement.where(operators.c.id == operator_id))


def change(tx: Connection, operator_id: UUID, values: dict[str, Any]) -> None:
    """Change the name, the language or the hash of the password."""
    tx.execute(update(operators).values(**values).where(operators.c.id == operator_id))


def add(tx: Connection, values: dict[str, Any]) -> None:
    tx.execute(insert(operators).values(**values))
