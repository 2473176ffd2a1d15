"""Journeys and versions in memory: publishing, and what pause, resume and stop do to customers."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from journey_engine.memory.part import Part
from journey_engine.memory.tables import Cell, Row


class Journeys(Part):
    def one(self, workspace_id: int, journey_id: UUID, lock: bool = False) -> dict[str, Any] | None:
        journeys = self.tables.journeys
        cell = journeys.cells.get(journey_id)
        row = None if cell is None else cell.seen_by(self.tx)
        if row is None or row.workspace_id != workspace_id:
            return None
        if lock:
            row = self.tx.lock(journeys, cell, strong=True)
        return None if row is None else dict(row._mapping)

    def version(self, workspace_id: int, journey_id: UUID, number: int) -> dict[str, Any] | None:
        rows = self.tx.rows(self.tables.versions.by_journey, journey_id)
        found = [row for row in rows if row.number == number and row.workspace_id == workspace_id]
        return dict(found[0]._mapping) if found else None

    def briefly(self, workspace_id: int, journey_ids: Sequence[UUID]) -> dict[UUID, Any]:
        rows = [self.tx.find(self.tables.journeys, id) for id in journey_ids]
        return {
            row.id: row.but(enterable=bool(self._live_nodes(row, "journey")))
            for row in rows
            if row is not None and row.workspace_id == workspace_id
        }

    def started_by(self, workspace_id: int, journey_id: UUID) -> list[str]:
        own = [row for row in self.tables.journeys.all(self.tx) if row.workspace_id == workspace_id]
        starting = [row for row in own if str(journey_id) in self._started(row)]
        return [row.name for row in sorted(starting, key=lambda row: (row.name, row.id))]

    def _started(self, row: Row) -> list[str]:
        return [node["settings"].get("journey") for node in self._live_nodes(row, "start_journey")]

    def _live_nodes(self, row: Row, kind: str) -> list[dict[str, Any]]:
        """The nodes of a kind in what runs of a journey."""
        if row.status not in ("live", "paused"):
            return []
        graph = self.tx.find(self.tables.versions, row.live_version_id).graph
        return [node for node in graph["nodes"] if node["kind"] == kind]

    def add_version(
        self, journey: dict[str, Any], graph: dict[str, Any], by: str, handover: dict[str, Any] | None = None
    ) -> tuple[int, int]:
        earlier = self.tx.rows(self.tables.versions.by_journey, journey["id"])
        row = self.tx.insert(
            self.tables.versions,
            id=self.memory.next("versions"),
            workspace_id=journey["workspace_id"],
            journey_id=journey["id"],
            number=max((one.number for one in earlier), default=0) + 1,
            graph=graph,
            published_at=self.tx.began_at,
            published_by=by,
            handover=handover,
        )
        return row.id, row.number

    def set_status(self, journey_id: UUID, status: str, live_version_id: int | None = None) -> None:
        changes = {"status": status, "updated_at": self.tx.began_at}
        if live_version_id is not None:
            changes["live_version_id"] = live_version_id
        journeys = self.tables.journeys
        self.tx.change(journeys, [(journeys.cells[journey_id], None)], lambda row: changes)

    def park(self, journey_id: UUID) -> None:
        self._change_queued(journey_id, {"due_at": None})

    def release(self, journey_id: UUID, now: datetime, spread_s: int, resumed: dict[str, Any] | None) -> None:
        kept = sorted(self._kept(journey_id, now), key=lambda one: (one[0], one[1].key))
        for place, (at, cell) in enumerate(kept):
            later = now + timedelta(milliseconds=place * spread_s * 1000 // len(kept))
            changes = {"wake_at": later if spread_s else at, "parked_wake_at": None}
            still = {"wake_at": at, "parked_wake_at": None}, {"wake_at": None, "parked_wake_at": at}
            self.tx.change(
                self.tables.enrollments,
                [(cell, None)],
                lambda row, changes=changes: changes,
                lambda row, still=still: {name: row.__dict__[name] for name in still[0]} in still,
            )
        for _, _, row in list(self.tx.line(self.tables.parked_events.by_journey, journey_id)):
            columns = {name: value for name, value in row._mapping.items() if name != "seq"}
            self.tx.insert(self.tables.inbox, seq=self.memory.next("inbox"), **columns)
        self._drop_events(journey_id)
        self._change_queued(journey_id, {"due_at": self.tx.began_at}, lambda row: row.due_at is None)
        journeys = self.tables.journeys
        self.tx.change(journeys, [(journeys.cells[journey_id], None)], lambda row: {"resumed": resumed})

    def _kept(self, journey_id: UUID, now: datetime) -> Iterator[tuple[datetime, Cell]]:
        """The wakes that a pause has kept or that came due in it, each with its instant."""
        enrollments = self.tables.enrollments
        for cell, row in self.tx.cells(enrollments.parked, journey_id):
            if row.ended_at is None:
                yield row.parked_wake_at, cell
        for shard in list(enrollments.due.groups):
            for at, cell, row in self.tx.line(enrollments.due, shard):
                if at > now:
                    break
                if row.journey_id == journey_id:
                    yield at, cell

    def _drop_events(self, journey_id: UUID) -> None:
        parked = self.tables.parked_events
        self.tx.remove(parked, [(cell, row) for _, cell, row in self.tx.line(parked.by_journey, journey_id)])

    def _change_queued(self, journey_id: UUID, changes: dict[str, Any], meant: Any = lambda row: True) -> list[Row]:
        """Change the journey's queued messages."""

        def queued(row: Row) -> bool:
            return row.status == "queued" and meant(row)

        messages = self.tables.messages
        cells = [one for one in self.tx.cells(messages.by_journey, journey_id) if queued(one[1])]
        return self.tx.change(messages, cells, lambda row: changes, queued)

    def stop(self, journey_id: UUID) -> tuple[list[Any], list[Any]]:
        ended: Counter = Counter()
        enrollments = self.tables.enrollments
        for cell, row in self.tx.cells(enrollments.by_journey, journey_id):
            was = self.tx.lock(enrollments, cell) if row.ended_at is None else None
            if was is not None and was.ended_at is None:
                ended[was.version_id, was.node_id, was.status] += 1
                self.tx.update(enrollments, cell, **_ended("stopped", self.tx.began_at))
        rows = [Row({"version_id": v, "node_id": node, "status": s, "n": n}) for (v, node, s), n in ended.items()]
        changes = {"status": "suppressed", "reason": "stopped", "due_at": None}
        unsent = self._change_queued(journey_id, changes)
        self._drop_events(journey_id)
        return rows, by_node(unsent)

    def is_sending(self, journey_id: UUID) -> bool:
        return any(row.journey_id == journey_id for _, _, row in self.tx.line(self.tables.messages.sending, 0))


def by_node(messages: list[Row]) -> list[Row]:
    """How many messages by version and node."""
    counted = Counter((row.version_id, row.node_id) for row in messages)
    return [Row({"version_id": version, "node_id": node, "n": n}) for (version, node), n in counted.items()]


def _ended(why: str, at: datetime) -> dict[str, Any]:
    return {"status": "exited", "end_reason": why, "ended_at": at, "wake_at": None, "parked_wake_at": None}


PART = Journeys
