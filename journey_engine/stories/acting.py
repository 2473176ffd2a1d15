"""What colleagues and other systems do in a story: release who waits for approval, answer a call."""

from datetime import datetime
from typing import Any

from journey_engine.ids import uuid7
from journey_engine.model.event import Event
from journey_engine.model.internal import ANSWERED
from journey_engine.pipeline.approve import approve
from journey_engine.store.emitting import Emitted, emit
from journey_engine.store.session import transaction

COLLEAGUE = "colleague@shop.example"


class Acting:
    """Part of a world. Whoever is meant is held at the node that asks."""

    engine: Any
    workspace: int
    now: datetime

    def approve(self, who: str, verdict: str = "release", note: str = "") -> None:
        """A colleague releases or refuses a customer."""
        held = self._held(who)
        approve(self.engine, self.workspace, held.id, verdict, note, COLLEAGUE, self.now)

    def answer(self, who: str, status: int = 200, body: Any = None) -> None:
        """The address that was called for a customer answers with JSON."""
        held = self._held(who)
        told = {"enrollment": str(held.id), "node": held.node_id, "asked_at": held.held_since.isoformat()}
        told |= {"ok": 200 <= status < 300, "status": status, "body": body, "detail": ""}
        at = self.now
        event = Event(uuid7(at), self.workspace, held.customer_id, ANSWERED, at, at, told)
        with transaction(self.engine) as tx:
            emit(tx, [Emitted(event, held.journey_id)])

    def _held(self, who: str) -> Any:
        held = [row for row in self.enrollments(who) if row.status == "waiting"]
        if not held:
            raise ValueError(f"{who} is not held anywhere at that time")
        return held[-1]
