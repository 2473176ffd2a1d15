"""Everybody who takes part: shops that tell of events, workers, operators, and customers who want to be left alone."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from journey_engine.config import Config
from journey_engine.errors import JourneyError, Unavailable
from journey_engine.pipeline import control
from journey_engine.pipeline.calls import Calls
from journey_engine.pipeline.consent import withdraw
from journey_engine.pipeline.deliver import Deliverer, sweep
from journey_engine.pipeline.erase import erase
from journey_engine.pipeline.handover import see_to_handovers
from journey_engine.pipeline.ingest import ingest, make_incoming
from journey_engine.pipeline.tick import lanes_due
from journey_engine.pipeline.turn import turn
from tests.simulation.provider import until_answered

SECRET_KEY = "a key of the simulation"
OPERATOR = "ann@shop.example"


# workers


def turns(run, process):
    """Turn after turn; rest when there is nothing to do."""
    schedule = run.schedule

    def work():
        while True:
            try:
                done = turn(schedule.engine, batch=run.batch)
            except Unavailable:
                schedule.sleep(0.3)
                continue
            for _ in done.lanes:
                schedule.ring("deliveries")
            if not done.worked:
                schedule.rest("turns")

    schedule.start(process.name, process, work)


class Greenlets(Calls):
    """Makes each call in a greenlet of its own process."""

    def __init__(self, schedule, process):
        super().__init__(8)
        self.schedule, self.process = schedule, process
        self._threads.shutdown(wait=False)

    def start(self, workspace, call):
        def run():
            try:
                call()
            finally:
                self.give_back(workspace, 1)

        self.schedule.start(f"{self.process.name} call", self.process, run)


def deliveries(run, process):
    """Serve whatever lane has something due."""
    schedule = run.schedule
    deliverer = Deliverer(schedule.engine, Config(secret_key=SECRET_KEY), calls=Greenlets(schedule, process))
    process.deliverer = deliverer

    def work():
        while True:
            try:
                lanes = {*lanes_due(schedule.engine), *deliverer.unsettled}
                worked = any([deliverer.deliver(lane).calls for lane in sorted(lanes)])
            except Unavailable:
                schedule.sleep(0.3)
                continue
            if not worked:
                schedule.rest("deliveries")

    schedule.start(process.name, process, work)


def sweeper(run, process):
    """Find messages that dead workers left, and those who are to be handed over to another version."""
    schedule = run.schedule

    def work():
        while True:
            try:
                sweep(schedule.engine)
                see_to_handovers(schedule.engine)
            except Unavailable:
                schedule.sleep(0.3)
                continue
            schedule.rest("sweep")

    schedule.start(process.name, process, work)


# when there is work, for those who look round


def turns_due(schedule):
    tables = schedule.memory.tables
    moments = [line[0][0] for line in tables.enrollments.due.groups.values()]
    later = {}
    for cell in tables.inbox.cells.values():
        row = cell.row
        if row is not None:
            at = row.not_before or row.received_at
            later[row.customer_id] = max(at, later.get(row.customer_id, at))
    moments += later.values()
    live = {row.id for row in schedule.memory.tables.journeys.all() if row.status == "live"}
    moments += [schedule.clock.now for row in schedule.memory.tables.moves.all() if row.journey_id in live]
    return min(moments, default=None)


def deliveries_due(schedule, process):
    messages, accounts = schedule.memory.tables.messages, schedule.memory.tables.accounts.cells
    if process.deliverer.unsettled:
        return schedule.clock.now
    moments = []
    for queue in (messages.queued, messages.unknown):
        for group, line in queue.groups.items():
            account = accounts[group[0] if isinstance(group, tuple) else group].row
            if account.stopped_at is None:
                moments.append(max(line[0][0], account.probe_at) if account.probe_at else line[0][0])
    return min(moments, default=None)


def sweep_due(schedule):
    line = schedule.memory.tables.messages.sending.groups.get(0)
    moments = [line[0][0] + timedelta(seconds=35)] if line else []
    versions = schedule.memory.tables.versions.all()
    moments += [schedule.clock.now for row in versions if row.handover and row.gathered_to is None]
    return min(moments, default=None)


# the world outside


def shop(run, script):
    """Tells of events, and tells again whatever got no answer."""
    schedule = run.schedule
    for at, items in script:
        wait_until(schedule, at)
        if isinstance(items, str):
            items = echo(run, items)
        items, began = [make_incoming(*parts) for parts in items], schedule.step
        answers = until_answered(schedule, lambda items=items: ingest(schedule.engine, 1, items))
        for item, answer in zip(items, answers, strict=True):
            run.answers.append((began, schedule.step, item, answer))
            schedule.note(schedule.me, f"is told {answer.status} {answer.event_id} of {item.message_id}")


def operator(run, script):
    """Publishes, pauses, resumes and stops."""
    schedule = run.schedule
    for at, what, journey, moment in script:
        wait_until(schedule, at)
        about = wait_for(run, moment)
        journey = about.journey_id if about else journey
        began = schedule.step
        try:
            _change(run, what, journey)
        except JourneyError as refused:
            schedule.note(schedule.me, f"may not {what}: {refused.code}")
            continue
        run.control.append((began, schedule.step, what, journey))
        schedule.note(schedule.me, f"is told: {what}")


def _change(run, what, journey):
    engine = run.schedule.engine
    if what == "publish":
        before = {node["id"] for node in run.drawing(journey)["nodes"]}
        run.seconds[journey] = not run.seconds[journey]
        revision = run.furnishing.draft(journey, run.drawing(journey))
        standing, targets = _handover(run, before, run.drawing(journey))
        how = {"standing": standing, "targets": targets}
        until_answered(run.schedule, lambda: control.publish(engine, 1, journey, revision, OPERATOR, **how))
    elif what == "resume":
        how = {"late": run.choice.choice(("now", "now", "fresh", "skip"))}
        how |= {"spread_minutes": run.choice.choice((0, 0, 1, 90)), "fresh_minutes": run.choice.choice((0, 1, 600))}
        until_answered(run.schedule, lambda: control.resume(engine, 1, journey, **how))
    else:
        until_answered(run.schedule, lambda: getattr(control, what)(engine, 1, journey))


def _handover(run, before, drawing):
    """What becomes of those who stand in older versions, and where those go whose node is not in the new one."""
    nodes = [node["id"] for node in drawing["nodes"] if node["kind"] not in ("event", "absence")]
    targets = {node: run.choice.choice((None, *nodes)) for node in sorted(before - set(nodes))}
    return run.choice.choice(("finish", "move", "move", "exit")), targets


def customer(run, script):
    """Unsubscribes, and wants to be forgotten."""
    schedule = run.schedule
    for at, what, who, channel, moment in script:
        wait_until(schedule, at)
        about = wait_for(run, moment)
        id, channel = (about.customer_id, about.channel) if about else (customer_of(run, who), channel)
        began = schedule.step
        if id is not None:
            known = until_answered(schedule, partial(_wish, schedule.engine, what, id, channel))
            run.wishes.append((began, schedule.step, what, id, channel, known))
            schedule.note(schedule.me, f"is told: {what} {known}")


def _wish(engine, what, id, channel):
    return erase(engine, 1, id) if what == "erase" else withdraw(engine, 1, id, channel, "page")


def customer_of(run, who) -> UUID | None:
    cell = run.schedule.memory.tables.identities.cells.get((1, "external_id", who))
    return cell.row.customer_id if cell is not None and cell.row is not None else None


def fate(run, script):
    """What befalls everybody: kills, freezes, restarts of the database, jumps of the clock."""
    schedule = run.schedule
    for at, what in script:
        wait_until(schedule, at)
        mortal = [process for process in schedule.processes.values() if process.mortal and not process.dead]
        process = schedule.choice.choice(mortal)
        if what == "kill":
            schedule.note(schedule.me, f"kills {process.name}")
            schedule.kill(process)
        elif what == "freeze":
            schedule.freeze(process)
        elif what == "restart":
            schedule.restart_database()
        else:
            schedule.note(schedule.me, "moves the clock")
            schedule.clock_jumped = True
            schedule.clock.move(seconds=schedule.choice.choice((2, 400, 7200)))
        schedule.point("fate")


# moments at which much happens at once


def echo(run, name):
    """An event of a customer of whom something comes due, told at that moment."""
    schedule, choice = run.schedule, run.schedule.choice
    row = next_wake(run)
    if row is None:
        return []
    schedule.sleep((row.wake_at - schedule.clock.now).total_seconds() + choice.choice((-0.003, -0.001, 0, 0.002)))
    own = [i for i in schedule.memory.tables.identities.all() if i.customer_id == row.customer_id]
    if not own:
        return []
    happened = min(row.wake_at, schedule.clock.now) - timedelta(seconds=choice.choice((0, 0.001, 600)))
    properties = {"value": 90, "order_id": row.key or 1, "cart_id": row.key or 1}
    who = {own[0].kind: own[0].value}
    return [(f"echo-{schedule.step}-{name}", name, who, happened, properties)]


def next_wake(run):
    """A wake that comes due within two days."""
    schedule = run.schedule
    soon = schedule.clock.now + timedelta(days=2)
    rows = [row for row in schedule.memory.tables.enrollments.all() if row.wake_at and row.wake_at < soon]
    rows = [row for row in rows if row.wake_at > schedule.clock.now]
    return schedule.choice.choice(sorted(rows, key=lambda row: row.id)) if rows else None


def wait_for(run, moment):
    """Wait for a wake that comes due, or until a message is about to leave; that message."""
    schedule = run.schedule
    if moment is None:
        return None
    row = next_wake(run)
    if row is not None:
        schedule.sleep((row.wake_at - schedule.clock.now).total_seconds())
    wanted = schedule.choice.choice((None, None, "queued"))
    for _ in range(0 if moment == "wake" else 200):
        going = [row for row in schedule.memory.tables.messages.all() if _is_about_to_leave(run, row, wanted)]
        going = [row for row in going if moment == "message" or row._mapping["class"] == "marketing"]
        if going:
            return schedule.choice.choice(going)
        schedule.sleep(0.001)
    return None


def _is_about_to_leave(run, row, wanted):
    """Claimed and not called yet, unless one is `wanted` that is only queued."""
    if wanted is not None or row.status != "sending":
        return row.status == wanted
    return not any(row.id == called.message_id and row.attempts == called.attempt for called in run.provider.journal)


def wait_until(schedule, at):
    schedule.sleep((at - schedule.clock.now).total_seconds())
