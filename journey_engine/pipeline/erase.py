"""Erase: nothing of the person is left, and nothing more leaves to them, when it is answered.

1 live enrollments end and what is queued is taken back; 2 every row about the customer is deleted; 3 what is at a
provider right now, and events that were being stored meanwhile, are waited for and deleted too. Counts stay: they
name nobody. Message ids of events stay for the dedupe window, with a hash of the content only.
"""

from uuid import UUID

from sqlalchemy import Connection, Engine

from journey_engine.errors import Unavailable
from journey_engine.ids import shard_of
from journey_engine.pipeline.control import wait_until
from journey_engine.store import counts_read, erasure
from journey_engine.store.locks import hold_control_shared, hold_shards
from journey_engine.store.session import transaction


def erase(engine: Engine, workspace_id: int, customer_id: UUID) -> bool:
    """Delete everything about a customer; False when there is no such customer.

    Asked again after it was cut short, it deletes what was left.
    """
    with transaction(engine) as tx:
        hold_control_shared(tx)  # a stop ends the same enrollments, and each is counted once
        hold_shards(tx, [shard_of(customer_id)])
        known = erasure.exists(tx, workspace_id, customer_id)
        if not known and not erasure.is_gone(tx, customer_id):
            return False
        _take_back(tx, workspace_id, customer_id)
        if known:
            erasure.delete_person(tx, workspace_id, customer_id)
    with transaction(engine) as tx:  # whoever may still have read who they were has a smaller number
        began = erasure.transaction_number(tx)
    quiet = wait_until(
        engine,
        lambda tx: erasure.older_ended(tx, began) and not erasure.is_sending(tx, customer_id),
    )
    with transaction(engine) as tx:
        hold_control_shared(tx)
        hold_shards(tx, [shard_of(customer_id)])
        _take_back(tx, workspace_id, customer_id)  # what a provider refused meanwhile is queued again
        erasure.delete_traces(tx, customer_id)
    if not quiet:
        raise Unavailable("A message is leaving at this moment; ask again in a few seconds.", code="link:busy")
    return known


def _take_back(tx: Connection, workspace_id: int, customer_id: UUID) -> None:
    ended, unsent = erasure.end_all(tx, customer_id)
    counts_read.add(tx, workspace_id, counts_read.ended_early(ended))
    counts_read.add(tx, workspace_id, counts_read.suppressed(unsent))
