"""Events coming in, in memory: keys, identities, new customers, events and their inbox rows."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from journey_engine.ids import shard_of
from journey_engine.memory.part import Part

Key = tuple[str, str]
NAMES_KEPT = 200


class Ingest(Part):
    def database_now(self) -> datetime:
        return self.memory.clock.now

    def be_seen(self) -> None:
        self.tx.write_number()

    def take_keys(self, workspace: int, keys: Sequence[tuple[str, UUID, bytes]], at: datetime) -> set[UUID]:
        taken = set()
        for message_id, event_id, body_hash in keys:
            columns = {"workspace_id": workspace, "message_id": message_id, "event_id": event_id}
            columns |= {"body_hash": body_hash, "received_at": at}
            if self.tx.insert_new(self.tables.event_keys, columns) is not None:
                taken.add(event_id)
        return taken

    def read_keys(self, workspace: int, message_ids: Iterable[str]) -> dict[str, tuple[UUID, bytes]]:
        rows = {id: self.tx.find(self.tables.event_keys, (workspace, id)) for id in message_ids}
        return {id: (row.event_id, row.body_hash) for id, row in rows.items() if row is not None}

    def find_owners(self, workspace: int, keys: Iterable[Key]) -> dict[Key, UUID]:
        rows = {key: self.tx.find(self.tables.identities, (workspace, *key)) for key in sorted(keys)}
        return {key: row.customer_id for key, row in rows.items() if row is not None}

    def add_identities(self, workspace: int, owners: dict[Key, UUID], at: datetime) -> set[Key]:
        taken = set()
        for kind, value in sorted(owners):
            customer = owners[kind, value]
            columns = {"workspace_id": workspace, "kind": kind, "value": value, "shard": shard_of(customer)}
            columns |= {"customer_id": customer, "created_at": at}
            if self.tx.insert_new(self.tables.identities, columns) is not None:
                taken.add((kind, value))
        return taken

    def add_customers(self, workspace: int, ids: Iterable[UUID], at: datetime) -> None:
        for id in sorted(ids):
            self.tx.insert(
                self.tables.customers, id=id, workspace_id=workspace, shard=shard_of(id), attributes={}, created_at=at
            )

    def keep_customers(self, ids: Iterable[UUID]) -> set[UUID]:
        cells = [self.tables.customers.cells.get(id) for id in sorted(ids)]
        return {cell.key for cell in cells if cell is not None and self.tx.share(cell) is not None}

    def add_events(
        self,
        workspace: int,
        rows: Sequence[dict[str, Any]],
        at: datetime,
        source: str,
        journey_id: UUID | None = None,
    ) -> None:
        for row in rows:
            customer = row["customer_id"]
            columns = {**row, "workspace_id": workspace, "shard": shard_of(customer), "received_at": at}
            self.tx.insert(self.tables.events, **columns | {"message_id": row["message_id"] or "", "source": source})
        for row in rows:
            self.tx.insert(
                self.tables.inbox,
                shard=shard_of(row["customer_id"]),
                seq=self.memory.next("inbox"),
                workspace_id=workspace,
                customer_id=row["customer_id"],
                event_id=row["id"],
                received_at=at,
                journey_id=journey_id,
            )

    def add_names(self, workspace: int, names: dict[str, set[str]]) -> None:
        for name in sorted(names):
            new = sorted(names[name])[:NAMES_KEPT]
            columns = {"workspace_id": workspace, "name": name, "properties": new, "first_at": self.tx.began_at}
            self.tx.add(
                self.tables.event_names,
                columns,
                lambda was, new=new: {"properties": sorted({*was.properties, *new})[:NAMES_KEPT]},
            )


PART = Ingest
