"""Approve: a person's word about a customer who is held for it becomes an event, which the next turn works.

The question is taken away in the transaction that queues the answer, so of two people who click only one is heard. A
paused journey keeps the answer until it is resumed.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from journey_engine.errors import Conflict
from journey_engine.ids import shard_of, uuid7
from journey_engine.model.event import Event
from journey_engine.model.internal import APPROVED, REFUSED
from journey_engine.store import approvals
from journey_engine.store.emitting import Emitted, emit
from journey_engine.store.ingest import database_now
from journey_engine.store.locks import hold_shards
from journey_engine.store.session import transaction
from journey_engine.text import Text

RELEASE, REFUSE = "release", "refuse"


def approve(
    engine: Engine,
    workspace_id: int,
    enrollment_id: UUID,
    verdict: str,
    note: str,
    by: str,
    now: datetime | None = None,
) -> dict[str, Any]:
    """Release or refuse who is held; raises Conflict when nobody waits for this word any more."""
    with transaction(engine) as tx:
        _hold_customer(tx, workspace_id, enrollment_id)
        asked = approvals.take(tx, workspace_id, enrollment_id)
        if asked is None:
            raise _gone()
        now = now or database_now(tx)
        told = {"enrollment": str(enrollment_id), "node": asked.node_id, "asked_at": asked.asked_at.isoformat()}
        told |= {"by": by, "note": note}
        name = APPROVED if verdict == RELEASE else REFUSED
        event = Event(uuid7(now), workspace_id, asked.customer_id, name, now, now, told)
        emit(tx, [Emitted(event, asked.journey_id)])
    return {"enrollment_id": enrollment_id, "verdict": verdict}


def _hold_customer(tx: Connection, workspace_id: int, enrollment_id: UUID) -> None:
    """No turn, merge or erasure moves the customer meanwhile."""
    for _ in range(10):  # a merge may come first, and the survivor may be merged again
        customer = approvals.customer_of(tx, workspace_id, enrollment_id)
        if customer is None:
            break
        hold_shards(tx, [shard_of(customer)])
        if approvals.customer_of(tx, workspace_id, enrollment_id) == customer:
            return
    raise _gone()


def _gone() -> Conflict:
    message = "This no longer waits for approval: somebody decided it, or the customer left. Load the list again."
    error = Conflict(message, code="approval:gone")
    error.text = Text(message, "这一项已无需审批：可能已有人处理，或客户已离开。请刷新列表。")
    return error
