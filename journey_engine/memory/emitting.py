"""What the engine itself tells, in memory."""

from collections.abc import Sequence

from journey_engine.ids import shard_of
from journey_engine.memory.part import Part
from journey_engine.store.emitting import SOURCE, Emitted


class Emitting(Part):
    def emit(self, emitted: Sequence[Emitted]) -> None:
        for one in emitted:
            event, shard = one.event, shard_of(one.event.customer_id)
            common = {"workspace_id": event.workspace_id, "shard": shard, "customer_id": event.customer_id}
            common |= {"received_at": event.received_at}
            told = {"id": event.id, "name": event.name, "occurred_at": event.occurred_at, "message_id": ""}
            self.tx.insert(self.tables.events, **common | told | {"properties": event.properties, "source": SOURCE})
            queued = {"seq": self.memory.next("inbox"), "event_id": event.id, "journey_id": one.journey_id}
            self.tx.insert(self.tables.inbox, **common | queued)


PART = Emitting
