"""Numbers per version and node in memory, each writer in a slot of its own."""

from collections.abc import Mapping

from journey_engine.memory.part import Part


class Counts(Part):
    def add_counts(self, counts: Mapping[tuple[int, int, str, str], int], slot: int, shard: int = 0) -> None:
        table = self.tables.counts
        for key in sorted(key for key, n in counts.items() if n):
            workspace, version, node, what = key
            n = counts[key]
            columns = {"version_id": version, "node_id": node, "what": what, "slot": slot, "n": n}
            columns |= {"workspace_id": workspace, "shard": shard}
            self.tx.add(table, columns, lambda was, n=n: {"n": was.n + n})


PART = Counts
