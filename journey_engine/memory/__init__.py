"""The world in memory: what the store keeps in PostgreSQL, kept in Python, for the same stages on a virtual clock.

A `MemoryEngine` takes the place of a database engine: `ingest`, `turn`, `deliver`, `receive`, control, consent and
erasure run on it unchanged, because its transactions answer every function of `store/port.py`. It means what PostgreSQL
means: READ COMMITTED, row locks, unique keys, CHECKs, advisory locks, sequences that are not taken back. Test runs and
replays live in it alone; the simulation lets many live in it at once and decides who waits.
"""

from journey_engine.memory.furnish import Furnishing
from journey_engine.memory.tables import Row
from journey_engine.memory.transaction import Clock, Memory, MemoryEngine, MemoryTx

__all__ = ["Clock", "Furnishing", "Memory", "MemoryEngine", "MemoryTx", "Row"]
