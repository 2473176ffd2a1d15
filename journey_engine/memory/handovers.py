"""Handovers in memory: who stands where, and who is still to be handed over."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from journey_engine.memory.part import Part
from journey_engine.memory.tables import Cell, Row
from journey_engine.memory.turns import loaded
from journey_engine.model.enrollment import Enrollment
from journey_engine.store.handovers import LAST_ID

RUNNING = ("live", "paused")


class Handovers(Part):
    def unsettled(self, journey_id: UUID | None = None) -> list[Row]:
        return [self._told(row) for row in self._unsettled() if journey_id in (None, row.journey_id)]

    def _told(self, row: Row) -> Row:
        versions = self.tx.rows(self.tables.versions.by_journey, row.journey_id)
        older = {one.id: one.number for one in versions if one.id < row.id}
        return row.but(version_id=row.id, nodes=[node["id"] for node in row.graph["nodes"]], older=older)

    def _unsettled(self) -> list[Row]:
        journeys = {row.id for row in self.tables.journeys.all(self.tx) if row.status in RUNNING}
        open_ = [row for row in self.tables.versions.all(self.tx) if row.handover and row.settled_at is None]
        return sorted((row for row in open_ if row.journey_id in journeys), key=lambda row: row.id)

    def standing(self, journey_id: UUID) -> list[Row]:
        versions = {row.id: row for row in self.tx.rows(self.tables.versions.by_journey, journey_id)}
        found: Counter = Counter()
        for row in self.tables.counts.all(self.tx):
            if row.version_id in versions and (row.what, row.node_id == "") in (("waiting", False), ("armed", True)):
                found[versions[row.version_id].number, row.node_id, row.version_id, row.what] += row.n
        return [
            Row({"version_id": version, "number": number, "node_id": node, "waiting": None, "armed": None, what: n})
            for (number, node, version, what), n in sorted(found.items())
            if n
        ]

    def gather(self, limit: int) -> bool:
        version = next((row for row in self._unsettled() if row.gathered_to != LAST_ID), None)
        cell = self.tables.versions.cells[version.id] if version is not None else None
        if cell is None or cell.owner is not None:
            return False
        self.tx.lock(self.tables.versions, cell, strong=True)
        for row in self.tx.rows(self.tables.enrollments.by_journey, version.journey_id):
            if row.ended_at is None and row.version_id < version.id:
                columns = {"journey_id": row.journey_id, "shard": row.shard, "enrollment_id": row.id}
                self.tx.insert_new(self.tables.moves, columns | {"workspace_id": row.workspace_id})
        self.tx.update(self.tables.versions, cell, gathered_to=LAST_ID)
        return True

    def settle(self) -> None:
        versions, moves = self.tables.versions, self.tables.moves
        done = [row for row in versions.all(self.tx) if row.handover and row.settled_at is None]
        for row in done:
            if row.gathered_to == LAST_ID and not self.tx.rows(moves.by_journey, row.journey_id):
                self.tx.change(versions, [(versions.cells[row.id], row)], lambda row: {"settled_at": self.tx.began_at})

    def shards_to_move(self, journeys: Sequence[UUID]) -> list[int]:
        by_journey = self.tables.moves.by_journey
        return sorted({row.shard for journey in journeys for row in self.tx.rows(by_journey, journey)})

    def take_moves(
        self, shards: Sequence[int], journeys: Sequence[UUID], limit: int, only: list[UUID] | None = None
    ) -> list[Enrollment]:
        moves, enrollments = self.tables.moves, self.tables.enrollments

        def meant(row: Row) -> bool:
            one = self.tx.find(enrollments, row.enrollment_id)
            return row.shard in shards and (only is None or (one is not None and one.customer_id in only))

        cells: list[tuple[Cell, Row]] = [
            one for journey in journeys for one in self.tx.cells(moves.by_journey, journey) if meant(one[1])
        ]
        taken = self.tx.remove(moves, cells[:limit])
        rows = [self.tx.find(enrollments, row.enrollment_id) for row in taken]
        return [loaded(row) for row in rows if row is not None and row.ended_at is None and row.shard in shards]

    def moves_due(self) -> bool:
        live = [row.id for row in self.tables.journeys.all(self.tx) if row.status == "live"]
        return any(self.tx.rows(self.tables.moves.by_journey, journey) for journey in live)


PART = Handovers
