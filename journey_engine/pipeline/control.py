"""Control: publish, roll back, pause, resume, stop and archive. Each happens between turns, in one transaction.

    draft ──publish──► live ⇄ paused (pause, resume)
                         └──► stopped (stop) ──publish──► live
    draft, stopped ──archive──► archived

When a pause or a stop is answered, nobody moves any more and nothing of the journey is on its way to a provider.
"""

import contextlib
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from journey_engine.clock import monotonic_s
from journey_engine.config import CALL_DEADLINE_S
from journey_engine.errors import Conflict, Invalid, NotFound, Unavailable
from journey_engine.graph import Problem
from journey_engine.model.handover import FINISH
from journey_engine.model.rule import CUSTOMER, parse
from journey_engine.pipeline.handover import see_to_handovers
from journey_engine.pipeline.late import LATE, NOW
from journey_engine.pipeline.named import startable_from
from journey_engine.pipeline.preview import check_handover
from journey_engine.pipeline.problems import problems
from journey_engine.store import counts_read, journeys, segments
from journey_engine.store.ingest import database_now
from journey_engine.store.locks import hold_control
from journey_engine.store.session import transaction
from journey_engine.text import Text

LOOK_EVERY_S = 0.05


def publish(
    engine: Engine,
    workspace_id: int,
    journey_id: UUID,
    revision: int,
    by: str,
    allowed: tuple[str, ...] = (),
    standing: str = FINISH,
    targets: dict[str, str | None] | None = None,
) -> dict[str, Any]:
    """Make the draft the version that new customers enter; a paused journey stays paused.

    `standing` says what becomes of those in older versions, `targets` where those go whose node was deleted.
    """
    with transaction(engine) as tx:
        hold_control(tx)
        journey = _locked(tx, workspace_id, journey_id)
        if journey["draft_revision"] != revision:
            raise stale(journey)
        answer = _publish(tx, journey, journey["draft"], by, allowed, standing, targets or {})
    _look_for_the_standing(engine, standing)
    return answer


def rollback(
    engine: Engine,
    workspace_id: int,
    journey_id: UUID,
    number: int,
    by: str,
    allowed: tuple[str, ...] = (),
    standing: str = FINISH,
    targets: dict[str, str | None] | None = None,
) -> dict[str, Any]:
    """Publish an older version again, under a new number; the draft stays as it is."""
    with transaction(engine) as tx:
        hold_control(tx)
        journey = _locked(tx, workspace_id, journey_id)
        version = journeys.version(tx, workspace_id, journey_id, number)
        if version is None:
            raise NotFound()
        answer = _publish(tx, journey, version["graph"], by, allowed, standing, targets or {})
    _look_for_the_standing(engine, standing)
    return answer


def _look_for_the_standing(engine: Engine, standing: str) -> None:
    """Find at once those who have to be handed over. It is published already: should this fail, the ticker does it."""
    if standing != FINISH:
        with contextlib.suppress(Unavailable):
            see_to_handovers(engine)


def _publish(
    tx: Connection,
    journey: dict[str, Any],
    graph: dict[str, Any],
    by: str,
    allowed: tuple[str, ...],
    standing: str,
    targets: dict[str, str | None],
) -> dict[str, Any]:
    if journey["status"] == "archived":
        raise _wrong_state(journey)
    found = problems(tx, journey["workspace_id"], graph, allowed, journey["id"])
    wrong = [one for one in found if one.severity == "error"]
    if wrong:
        raise _refused(wrong)
    check_handover(tx, journey["id"], graph, standing, targets)
    handover = None if standing == FINISH else {"standing": standing, "targets": targets, "by": by}
    version_id, number = journeys.add_version(tx, journey, graph, by, handover)
    status = "paused" if journey["status"] == "paused" else "live"
    journeys.set_status(tx, journey["id"], status, version_id)
    return {"version": number, "status": status}


def pause(engine: Engine, workspace_id: int, journey_id: UUID) -> dict[str, Any]:
    """Nobody enters, moves or is sent anything from now on; nothing is lost."""
    return _change(engine, workspace_id, journey_id, "paused", ("live",), journeys.park)


def resume(
    engine: Engine,
    workspace_id: int,
    journey_id: UUID,
    late: str = NOW,
    spread_minutes: int = 0,
    fresh_minutes: int = 0,
    now: datetime | None = None,
) -> dict[str, Any]:
    """Go on: events that were kept are heard in their order, and wakes that came due meanwhile do as `late` says.

    They fire now, over `spread_minutes`; or only those less than `fresh_minutes` late do, and the others leave the
    journey; or the node they were held at is skipped.
    """
    if late not in LATE:
        raise Invalid(code="resume:late", where={"late": late})

    def release(tx: Connection, journey_id: UUID) -> None:
        at = now or database_now(tx)
        kept = {"at": at.isoformat(), "late": late, "fresh_minutes": fresh_minutes}
        journeys.release(tx, journey_id, at, 60 * spread_minutes if late == NOW else 0, kept if late != NOW else None)

    return _change(engine, workspace_id, journey_id, "live", ("paused",), release)


def stop(engine: Engine, workspace_id: int, journey_id: UUID) -> dict[str, Any]:
    """Everybody exits with `stopped`, and what is queued is not sent."""

    def end_all(tx: Connection, journey_id: UUID) -> None:
        ended, unsent = journeys.stop(tx, journey_id)
        counts_read.add(tx, workspace_id, counts_read.ended_early(ended))
        counts_read.add(tx, workspace_id, counts_read.suppressed(unsent))
        segments.ask_stopped(tx, journey_id, _reading(tx, journey_id), database_now(tx))

    return _change(engine, workspace_id, journey_id, "stopped", ("live", "paused"), end_all)


def _reading(tx: Connection, journey_id: UUID) -> list[UUID]:
    """The segments whose rule reads who is in this journey."""
    rules = ((row.id, parse(row.rule, CUSTOMER)) for row in segments.live(tx))
    return [id for id, rule in rules if str(journey_id) in rule.needs().journeys]


def archive(engine: Engine, workspace_id: int, journey_id: UUID) -> dict[str, Any]:
    """Take a journey that does not run out of the way; `warnings` name the running ones that start it."""
    answer = _change(engine, workspace_id, journey_id, "archived", ("draft", "stopped"), lambda tx, journey_id: None)
    with transaction(engine) as tx:
        warnings = startable_from(tx, workspace_id, journey_id)
    return answer | {"warnings": [one.to_json() for one in warnings]}


def delete_draft(engine: Engine, workspace_id: int, journey_id: UUID) -> None:
    """Delete a journey that was never published; any other is kept, because its history is."""
    with transaction(engine) as tx:
        journey = _locked(tx, workspace_id, journey_id)
        if journey["status"] != "draft":
            message = "Only a draft that was never published can be deleted. Stop or archive this journey instead."
            raise Conflict(message, code="journey:not_a_draft", where={"status": journey["status"]})
        journeys.remove_draft(tx, journey_id)


def stale(journey: dict[str, Any]) -> Conflict:
    """The draft was changed meanwhile; the answer carries the newer one."""
    revision = journey["draft_revision"]
    message = f"Somebody saved revision {revision} of this draft. Look at it and repeat your change."
    error = Conflict(message, code="draft:stale", where={"revision": revision})
    draft = {
        "name": journey["name"],
        "graph": journey["draft"],
        "revision": revision,
        "updated_at": journey["updated_at"],
    }
    error.more = {"draft": draft}
    return error


def wait_until(engine: Engine, is_so: Callable[[Connection], bool], within_s: float = CALL_DEADLINE_S) -> bool:
    """Wait until something is so, in a new transaction each time; False when it never was."""
    until = monotonic_s() + within_s
    while True:
        with transaction(engine) as tx:
            if is_so(tx):
                return True
        if monotonic_s() > until:
            return False
        time.sleep(LOOK_EVERY_S)


def _change(
    engine: Engine,
    workspace_id: int,
    journey_id: UUID,
    status: str,
    allowed: tuple[str, ...],
    do: Callable[[Connection, UUID], None],
) -> dict[str, Any]:
    """One change of status with what it does to customers; asked for again it does nothing and says the same."""
    with transaction(engine) as tx:
        hold_control(tx)
        journey = _locked(tx, workspace_id, journey_id)
        if journey["status"] not in (*allowed, status):
            raise _wrong_state(journey)
        if journey["status"] != status:
            do(tx, journey_id)
            journeys.set_status(tx, journey_id, status)
    if status in ("paused", "stopped"):
        wait_until(engine, lambda tx: not journeys.is_sending(tx, journey_id))
    return {"status": status}


def _locked(tx: Connection, workspace_id: int, journey_id: UUID) -> dict[str, Any]:
    journey = journeys.one(tx, workspace_id, journey_id, lock=True)
    if journey is None:
        raise NotFound()
    return journey


def _wrong_state(journey: dict[str, Any]) -> Conflict:
    message = f"The journey is {journey['status']}, which does not allow this. Load it again and look."
    return Conflict(message, code="journey:state", where={"status": journey["status"]})


def _refused(wrong: list[Problem]) -> Invalid:
    nodes = sorted({node for one in wrong for node in one.nodes})
    where = {"nodes": nodes, "problems": [one.to_json() for one in wrong]}
    code = wrong[0].code if len({one.code for one in wrong}) == 1 else "graph:problems"
    error = Invalid(f"{wrong[0].message.en} {wrong[0].remedy.en}", code=code, where=where)
    error.text = Text(error.message, f"{wrong[0].message.zh}{wrong[0].remedy.zh}")
    return error
