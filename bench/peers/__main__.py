"""Queues a peer's jobs: `python -m bench.peers PEER CUSTOMERS FUSED`."""

import importlib
import sys

if __name__ == "__main__":
    name, customers, fused = sys.argv[1:]
    peer = importlib.import_module(f"bench.peers.{name}_peer")
    if hasattr(peer, "prepare"):
        peer.prepare()
    peer.enqueue(range(1, int(customers) + 1), fused == "1")
