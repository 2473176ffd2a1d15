"""Consent: a withdrawal takes effect everywhere before it is answered.

1 the ledger and the present state are written; 2 what is queued for this customer on this channel is suppressed;
3 what is at a provider right now is waited for. After the answer no marketing message leaves any more.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from journey_engine.errors import Unavailable
from journey_engine.ids import shard_of, uuid7
from journey_engine.pipeline.control import wait_until
from journey_engine.pipeline.news import tell_of_unsubscribe
from journey_engine.store import consents, counts_read
from journey_engine.store.customers_read import survivor
from journey_engine.store.ingest import database_now
from journey_engine.store.locks import hold_shards
from journey_engine.store.session import transaction

MARKETING = "marketing"


def withdraw(
    engine: Engine,
    workspace_id: int,
    customer_id: UUID,
    channel: str,
    source: str,
    topic: str = MARKETING,
    evidence: dict[str, Any] | None = None,
) -> bool:
    """End marketing to a customer on a channel; False when there is no such customer."""
    with transaction(engine) as tx:
        known = _lock(tx, workspace_id, customer_id)
        if known is None:
            return False
        at = database_now(tx)
        change = {"workspace_id": workspace_id, "customer_id": known, "channel": channel, "topic": topic, "at": at}
        change |= {"state": "withdrawn", "id": uuid7(at), "source": source, "evidence": evidence or {}}
        consents.change(tx, change)
        unsent = consents.suppress(tx, known, channel)
        counts_read.add(tx, workspace_id, counts_read.suppressed(unsent))
        tell_of_unsubscribe(tx, workspace_id, known, channel, at)
    if not wait_until(engine, lambda tx: not consents.is_sending(tx, known, channel)):
        raise Unavailable("A message is leaving at this moment; ask again in a few seconds.", code="link:busy")
    return True


def _lock(tx: Connection, workspace_id: int, customer_id: UUID) -> UUID | None:
    """The customer this is about, held against turns; one who was merged is whom they became part of."""
    for _ in range(10):  # a merge may come first, and its survivor may be merged again
        hold_shards(tx, [shard_of(customer_id)])
        if consents.exists(tx, workspace_id, customer_id):
            return customer_id
        later = survivor(tx, workspace_id, customer_id)
        if later is None:
            return None
        customer_id = later
    return None
