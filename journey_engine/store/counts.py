"""Numbers per version and node. Each writer adds to a slot of its own, so writers never wait for each other."""

import os
import socket
import zlib
from collections.abc import Mapping

from sqlalchemy import Connection, text

from journey_engine.config import SHARDS
from journey_engine.store.port import port

ADD = text(
    """
    INSERT INTO counts (version_id, node_id, what, slot, workspace_id, shard, n)
    SELECT u.version_id, u.node_id, u.what, :slot, u.workspace_id, :shard, u.n
    FROM unnest(CAST(:workspaces AS int[]), CAST(:versions AS int[]), CAST(:nodes AS text[]), CAST(:whats AS text[]),
        CAST(:ns AS bigint[])) AS u (workspace_id, version_id, node_id, what, n)
    ON CONFLICT (version_id, node_id, what, slot) DO UPDATE SET n = counts.n + EXCLUDED.n
    """
)


@port
def add_counts(tx: Connection, counts: Mapping[tuple[int, int, str, str], int], slot: int, shard: int = 0) -> None:
    """Add these differences; keys are (workspace, version, node, what), taken in one order by everybody."""
    keys = sorted(key for key, n in counts.items() if n)
    if keys:
        workspaces, versions, nodes, whats = (list(column) for column in zip(*keys, strict=True))
        values = {"workspaces": workspaces, "versions": versions, "nodes": nodes, "whats": whats}
        tx.execute(ADD, {**values, "ns": [counts[key] for key in keys], "slot": slot, "shard": shard})


def process_slot() -> int:
    """A slot for writers that hold no shard (deliveries, receipts): by host and process, above those of the shards.

    In a container every worker is process 1, and its host's name is what tells it apart.
    """
    return SHARDS + zlib.crc32(f"{socket.gethostname()}/{os.getpid()}".encode()) % SHARDS
