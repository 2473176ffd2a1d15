"""Receive: what a provider says later of a message moves it forward, never back, and counts once.

A receipt may come three times, in any order, before our own call has ended, or for a message we never sent: it is
stored once, and what it proves is kept. A message that was unknown and has a receipt is known to have left.
"""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Engine

from journey_engine.channels.base import Receipt
from journey_engine.pipeline.news import tell_of_messages
from journey_engine.store import outbox
from journey_engine.store.counts import add_counts, process_slot
from journey_engine.store.ingest import database_now
from journey_engine.store.session import transaction

FORWARD = ["failed", "delivered", "opened", "clicked"]
"""How far a message can get; each later word is better knowledge than those before it."""


def receive(engine: Engine, workspace_id: int, account_id: int, receipts: Sequence[Receipt]) -> set[UUID]:
    """Store receipts and what they prove; the journeys whose numbers changed."""
    if not receipts:
        return set()
    with transaction(engine) as tx:
        now = database_now(tx)
        news = [row for row in outbox.add_receipts(tx, workspace_id, account_id, receipts, now) if row.matched]
        moved: set[UUID] = set()
        counts: Counter = Counter()
        for kind in FORWARD:
            ids = [row.message_id for row in news if row.kind == kind]
            if not ids:
                continue
            rows = outbox.progress(tx, ids, [kind] * len(ids), FORWARD, now)
            tell_of_messages(tx, [(row, kind) for row in rows], now)
            for row in rows:
                node = (row.workspace_id, row.version_id, row.node_id)
                counts[(*node, f"message:{'undelivered' if kind == 'failed' else kind}")] += 1
                counts[(*node, "message:unknown")] -= row.was == "unknown"
                counts[(*node, "message:sent")] += row.was in ("unknown", "queued")
                moved.add(row.journey_id)
        add_counts(tx, counts, process_slot())
    return moved
