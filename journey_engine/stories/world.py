"""The world of a story: a shop in memory on a clock of its own, with an account for every channel and a cast."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from journey_engine.channels import CHANNELS
from journey_engine.memory import Clock, Furnishing, Memory, MemoryEngine
from journey_engine.memory.furnish import preset
from journey_engine.pipeline import control
from journey_engine.pipeline.consent import withdraw
from journey_engine.pipeline.fall_due import fall_due
from journey_engine.pipeline.ingest import ingest, make_incoming
from journey_engine.pipeline.segments import compute, flip_due
from journey_engine.pipeline.turn import live_routes, turn
from journey_engine.store import counts_read
from journey_engine.store import fall_due as store
from journey_engine.store.session import transaction
from journey_engine.stories.acting import Acting

BEGINNING = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
"""When a story begins that does not say when: a Monday morning."""

MARKETER = "marketer@shop.example"
TURNS = 1_000


class StoryWorld(Acting):
    """One workspace in memory. `cast` has the identities of those who are known by more than an external_id."""

    def __init__(
        self,
        now: datetime = BEGINNING,
        cast: dict[str, dict[str, str]] | None = None,
        zone: str = "Asia/Shanghai",
    ):
        self.engine, self.workspace, self.cast = MemoryEngine(Memory(Clock(now))), 1, cast or {}
        self.furnishing = Furnishing(self.engine)
        preset(self.engine, "workspaces", id=self.workspace, name="", timezone=zone, settings={})
        self.accounts = {
            reaches: self.furnishing.account(reaches, kind, reaches)
            for reaches, kind in {channel.reaches: kind for kind, channel in CHANNELS.items()}.items()
        }

    @property
    def now(self) -> datetime:
        return self.engine.memory.clock.now

    @now.setter
    def now(self, now: datetime) -> None:
        self.engine.memory.clock.now = now

    def wait(self, **span: float) -> None:
        """Move the clock."""
        self.now += timedelta(**span)

    # what a marketer does

    def publish(self, graph: dict[str, Any], name: str = "Journey") -> UUID:
        id = self.furnishing.journey(name, graph)
        control.publish(self.engine, self.workspace, id, 1, MARKETER, _called(graph))
        fall_due(self.engine, self.now)
        return id

    def publish_again(self, journey: UUID, graph: dict[str, Any], **how: Any) -> None:
        revision = self.furnishing.draft(journey, graph)
        control.publish(self.engine, self.workspace, journey, revision, MARKETER, _called(graph), **how)
        fall_due(self.engine, self.now)

    def pause(self, journey: UUID) -> None:
        control.pause(self.engine, self.workspace, journey)

    def resume(self, journey: UUID, **how: Any) -> None:
        control.resume(self.engine, self.workspace, journey, now=self.now, **how)

    def stop(self, journey: UUID) -> None:
        control.stop(self.engine, self.workspace, journey)

    def segment(self, name: str, rule: dict[str, Any]) -> UUID:
        """A segment, with its members."""
        id = self.furnishing.segment(name, rule)
        while compute(self.engine, live_routes, self.now):
            pass
        return id

    def pool(self, name: str, codes: list[str]) -> UUID:
        """A pool of coupons with these codes."""
        return self.furnishing.pool(name, codes)

    # what customers do

    def tell(
        self, who: Any, name: str, /, at: datetime | None = None, message_id: str | None = None, **properties: Any
    ) -> Any:
        """The shop tells of an event, now; it happened `at`."""
        customer = {"external_id": who, **self.cast.get(who, {})} if isinstance(who, str) else who
        event = make_incoming(message_id, name, customer, at or self.now, properties, self.now)
        return ingest(self.engine, self.workspace, [event], now=self.now)[0]

    def unsubscribe(self, who: str, channel: str) -> None:
        withdraw(self.engine, self.workspace, self.customer(who), channel, "page")

    def work(self, **options: Any) -> int:
        """Turns until nothing more is due; how many it took."""
        for turns in range(TURNS):
            flipped = flip_due(self.engine, live_routes, self.now)
            fallen = fall_due(self.engine, self.now)
            if not (flipped or fallen.more or turn(self.engine, self.now, **options).worked):
                return turns
        raise ValueError("turns find work without end; look for journeys that start each other")

    def next_due(self) -> datetime | None:
        """When the clock brings something next."""
        flips = [row.flip_at for row in self.table("segment_states") if row.flip_at is not None]
        with transaction(self.engine) as tx:
            return min((at for at in (store.next_due(tx), *flips) if at is not None), default=None)

    # what became of them

    def table(self, name: str) -> list[Any]:
        return getattr(self.engine.tables, name).all()

    def customer(self, who: str) -> UUID:
        """The id of the customer with this identity."""
        return next(row.customer_id for row in self.table("identities") if row.value == who)

    def who(self, customer_id: UUID) -> str:
        """The names of a customer in the cast."""
        own = [row for row in self.table("identities") if row.customer_id == customer_id]
        return "+".join(sorted(row.value for row in own if row.kind == "external_id"))

    def enrollments(self, who: str | None = None) -> list[Any]:
        """Enrollments in the order they began."""
        found = sorted(self.table("enrollments"), key=lambda row: (row.fired_at, row.id))
        return [row for row in found if who is None or row.customer_id == self.customer(who)]

    def messages(self) -> list[Any]:
        return sorted(self.table("messages"), key=lambda row: (row.queued_at, row.id))

    def conversions(self) -> list[Any]:
        return self.table("conversions")

    def refusals(self) -> list[Any]:
        return sorted(self.table("refusals"), key=lambda row: (row.at, row.id))

    def path(self, enrollment_id: UUID) -> str:
        """The walk of an enrollment as `node:exit` words; a hold is `node`."""
        rows = [row for row in self.table("visits") if row.enrollment_id == enrollment_id]
        visits = [visit for row in sorted(rows, key=lambda row: row.n) for visit in row.path]
        return " ".join(f"{v['node']}:{v['exit']}" if v["exit"] else v["node"] for v in visits)

    def counts(self, journey: UUID) -> dict[str, Any]:
        """The numbers of the journey as a whole, over all its versions."""
        versions = {row.id for row in self.table("versions") if row.journey_id == journey}
        found = dict.fromkeys(counts_read.TOTALS, 0)
        for row in self.table("counts"):
            if row.version_id in versions and not row.node_id and ":" not in row.what:
                found[row.what] = found.get(row.what, 0) + row.n
        return {"totals": found}


def _called(graph: dict[str, Any]) -> tuple[str, ...]:
    """Addresses that the journey calls: nothing is called in a story, so any of them may stand there."""
    urls = [node.get("settings", {}).get("url") for node in graph.get("nodes", [])]
    return tuple(urlsplit(url).netloc for url in urls if isinstance(url, str))
