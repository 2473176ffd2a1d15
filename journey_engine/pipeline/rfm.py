"""RFM: customers are scored once a day by how lately, how often and for how much they bought.

    score everybody ─► write the customers, a shard at a time ─► segments and triggers that read it hear of it

A run that is cut short goes on where it was. Scores are attributes like others, so rules and templates read them.
"""

from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, Row

from journey_engine.config import SHARDS
from journey_engine.errors import Conflict
from journey_engine.ids import uuid7
from journey_engine.model.customer import what_changed
from journey_engine.model.event import Event
from journey_engine.model.internal import CHANGED
from journey_engine.pipeline.segments import ask_again
from journey_engine.pipeline.turn import live_routes
from journey_engine.store import rfm as store
from journey_engine.store import workspaces
from journey_engine.store.emitting import Emitted, emit
from journey_engine.store.ingest import be_seen, database_now
from journey_engine.store.locks import hold_control_shared, try_shards
from journey_engine.store.session import transaction

AT = time(3, 0)
"""When the run of a day begins, on the workspace's clock: hardly anybody buys, and mornings have fresh scores."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What counts as buying, and where the amount stands."""

    on: bool = False
    event: str = "Order Completed"
    value: str = "total"

    @classmethod
    def of(cls, settings: dict[str, Any] | None) -> "Plan":
        known = settings or {}
        return cls(**{field.name: known.get(field.name, field.default) for field in fields(cls)})


def score(engine: Engine, now: datetime | None = None) -> bool:
    """One round: begin the run that is due, or write one shard of one that is under way; whether there was any."""
    with transaction(engine) as tx:
        planned = store.workspaces(tx)
    return any(_round(engine, row, now) for row in planned)


def _round(engine: Engine, workspace: Row, now: datetime | None) -> bool:
    with transaction(engine) as tx:
        hold_control_shared(tx)
        run = store.lock(tx, workspace.id)
        if run is None:
            return False
        now = now or database_now(tx)
        if run.next_shard < SHARDS:
            return _write(tx, workspace.id, run, now)
        local = now.astimezone(ZoneInfo(workspace.timezone))
        due = local.time() >= AT and (run.day is None or run.day < local.date())
        if not due and run.asked_at is None:
            return False
        plan = Plan.of(workspace.rfm)
        store.begin(tx, workspace.id, local.date(), now, store.score(tx, workspace.id, plan.event, plan.value, now))
        return True


def _write(tx: Connection, workspace_id: int, run: Row, now: datetime) -> bool:
    """Write the next shard, when no turn is at work on it."""
    if not try_shards(tx, [run.next_shard]):
        return False
    be_seen(tx)
    routes = live_routes(tx)
    rows = store.write(tx, workspace_id, run.next_shard, run.scored_at)
    ask_again(tx, routes, workspace_id, [row.id for row in rows], [("attribute", one) for one in store.ATTRIBUTES], now)
    if not routes.attributes.isdisjoint(store.ATTRIBUTES):
        emit(tx, [_told(workspace_id, row, now) for row in rows])
    store.go_on(tx, workspace_id, run.next_shard + 1)
    return True


def _told(workspace_id: int, row: Row, now: datetime) -> Emitted:
    """The event that tells of what has changed about a customer."""
    before = what_changed(row.before, row.attributes)
    told = {"before": before, "after": {name: row.attributes.get(name) for name in before}}
    return Emitted(Event(uuid7(now), workspace_id, row.id, CHANGED, now, now, told))


def plan(engine: Engine, workspace_id: int, changes: dict[str, Any] | None = None) -> Plan:
    """How a workspace is scored; with `changes` from now on."""
    with transaction(engine) as tx:
        known = Plan.of(workspaces.one(tx, workspace_id).settings.get("rfm"))
        if changes:
            known = replace(known, **changes)
            workspaces.change_settings(tx, workspace_id, {"rfm": asdict(known)})
        return known


def ask(engine: Engine, workspace_id: int, now: datetime | None = None) -> None:
    """Have it run at the next occasion; refused while nobody has turned it on."""
    if not plan(engine, workspace_id).on:
        raise Conflict("Scoring is turned off. Turn it on first.", code="rfm:off")
    with transaction(engine) as tx:
        store.ask(tx, workspace_id, now or database_now(tx))


def report(engine: Engine, workspace_id: int) -> dict[str, Any]:
    """The plan, the last run, and how many customers are in each group."""
    told = asdict(plan(engine, workspace_id))
    with transaction(engine) as tx:
        run = store.run(tx, workspace_id)
        groups = {name: store.spread(tx, workspace_id, name) for name in ("rfm_segment", "lifecycle_stage")}
    ran = {"scored_at": run.scored_at, "customers": run.customers} if run else {"scored_at": None, "customers": 0}
    under_way = run is not None and (run.next_shard < SHARDS or run.asked_at is not None)
    return {**told, **ran, "running": under_way, "groups": groups}
