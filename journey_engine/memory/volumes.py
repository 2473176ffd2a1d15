"""Places of journeys that let in only so many, in memory."""

from collections.abc import Iterable
from uuid import UUID

from journey_engine.memory.part import Part
from journey_engine.store.volumes import Volume


class Volumes(Part):
    def lock(self, journey: UUID, workspace: int) -> Volume:
        volumes = self.tables.volumes
        self.tx.insert_new(volumes, {"journey_id": journey, "workspace_id": workspace, "span": 0, "taken": 0})
        row = self.tx.lock(volumes, volumes.cells[journey])
        return Volume(row.span, row.taken)

    def write(self, taken: Iterable[tuple[UUID, Volume]]) -> None:
        volumes = self.tables.volumes
        for journey, volume in taken:
            changes = {"span": volume.span, "taken": volume.taken}
            self.tx.change(volumes, [(volumes.cells[journey], None)], lambda row, changes=changes: changes)


PART = Volumes
