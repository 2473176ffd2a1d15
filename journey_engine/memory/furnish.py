"""Furnishing a world in memory: the accounts and drawings that operators would have made through the API."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from journey_engine.ids import uuid7
from journey_engine.memory.schema import new_row
from journey_engine.memory.tables import Cell
from journey_engine.memory.transaction import MemoryEngine
from journey_engine.store.locks import hold_control
from journey_engine.store.session import transaction


class Furnishing:
    """Puts accounts and drafts into a world; one workspace is enough for a test run."""

    def __init__(self, engine: MemoryEngine, workspace_id: int = 1):
        self.engine, self.workspace_id = engine, workspace_id

    def account(self, name: str, kind: str, channel: str, secrets: bytes = b"", default: bool = True) -> int:
        """An account through which messages leave; its id."""
        with transaction(self.engine) as tx:
            hold_control(tx)
            id = tx.memory.next("accounts")
            columns = {"id": id, "workspace_id": self.workspace_id, "name": name, "kind": kind, "channel": channel}
            columns |= {"settings": {}, "secrets": secrets, "is_default": default, "created_at": tx.now}
            tx.insert(tx.tables.accounts, **columns)
        return id

    def journey(self, name: str, graph: dict[str, Any], id: UUID | None = None) -> UUID:
        """A journey that is drawn and not published."""
        with transaction(self.engine) as tx:
            id = id or uuid7(tx.now)
            columns = {"id": id, "workspace_id": self.workspace_id, "name": name, "draft": graph}
            tx.insert(tx.tables.journeys, created_at=tx.now, updated_at=tx.now, **columns)
        return id

    def segment(self, name: str, rule: dict[str, Any]) -> UUID:
        """A segment whose members are still to be found; its id."""
        with transaction(self.engine) as tx:
            hold_control(tx)
            id = uuid7(tx.now)
            columns = {"id": id, "workspace_id": self.workspace_id, "name": name, "rule": rule}
            tx.insert(tx.tables.segments, created_at=tx.now, updated_at=tx.now, **columns)
        return id

    def pool(self, name: str, codes: Sequence[str]) -> UUID:
        """A pool with these codes; its id."""
        with transaction(self.engine) as tx:
            id = uuid7(tx.now)
            tx.insert(tx.tables.coupon_pools, id=id, workspace_id=self.workspace_id, name=name, created_at=tx.now)
            for code in codes:
                columns = {"pool_id": id, "code": code, "workspace_id": self.workspace_id}
                tx.insert(tx.tables.coupon_codes, seq=tx.memory.next("coupon_codes"), **columns)
        return id

    def draft(self, journey_id: UUID, graph: dict[str, Any]) -> int:
        """Draw anew; the revision that can be published."""
        with transaction(self.engine) as tx:
            journeys = tx.tables.journeys
            cell = journeys.cells[journey_id]
            row = tx.lock(journeys, cell, strong=True)
            return tx.update(journeys, cell, draft=graph, draft_revision=row.draft_revision + 1).draft_revision


def preset(engine: MemoryEngine, table: str, **columns: Any) -> None:
    """Put a row where it belongs as if it had always been there."""
    where = getattr(engine.tables, table)
    row = new_row(where, columns)
    cell = where.cells[where.key(row)] = Cell(where.key(row))
    cell.row = row
    for index in where.indexes:
        place = index.place(row)
        if place is not None:
            index.add(place, cell)
