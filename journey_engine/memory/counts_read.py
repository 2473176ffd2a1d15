"""Corrections of the counts in memory."""

from collections import Counter

from journey_engine.memory.part import Part
from journey_engine.store.counts_read import CONTROL_SLOT


class CountsRead(Part):
    def add(self, workspace_id: int, deltas: Counter[tuple[int, str, str]]) -> None:
        self.tx.counts.add_counts({(workspace_id, *key): n for key, n in deltas.items()}, CONTROL_SLOT)


PART = CountsRead
