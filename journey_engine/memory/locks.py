"""Advisory locks in memory: who may write to a shard, and how control changes keep clear of turns."""

from collections.abc import Iterable

from journey_engine.memory.part import Part

CONTROL = "control"


class Locks(Part):
    def hold_control_shared(self) -> None:
        self.tx.hold_shared(CONTROL)

    def hold_control(self) -> None:
        self.tx.hold(CONTROL)
        control = self.tables.control
        cell = control.cells[1]
        row = self.tx.lock(control, cell)
        self.tx.update(control, cell, revision=row.revision + 1)

    def try_shards(self, shards: list[int]) -> list[int]:
        return [shard for shard in shards if self.tx.try_hold(shard)]

    def hold_shards(self, shards: Iterable[int]) -> None:
        for shard in sorted(set(shards)):
            self.tx.hold(shard)


PART = Locks
