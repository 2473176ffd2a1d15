"""One run: a seed draws journeys, people, traffic and faults; all live through some weeks, then it comes to rest."""

import gc
import random
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from types import SimpleNamespace

import structlog

from journey_engine import clock as host_clock
from journey_engine import ids
from journey_engine.channels import CHANNELS
from journey_engine.memory import Furnishing
from journey_engine.pipeline import control, deliver, ingest, receive, turn
from journey_engine.pipeline.line import Line
from journey_engine.secrets import seal
from tests.simulation import actors
from tests.simulation.drawings import DRAWINGS
from tests.simulation.provider import Provider, channel_of
from tests.simulation.schedule import CALM, Schedule, Stuck
from tests.simulation.traffic import Traffic

ACCOUNTS = (("SMS", "alibaba_sms", "sms"), ("Mail", "smtp", "email"), ("Hooks", "webhook", "webhook"))
QUIET = timedelta(days=40)
"""After the last fault so much time passes before the judge looks."""


@dataclass(eq=False)
class Run:
    """A seed and everything that came of it."""

    seed: int
    schedule: Schedule = None
    provider: Provider = None
    furnishing: Furnishing = None
    batch: int = 1000
    drawn: dict = field(default_factory=dict)
    seconds: dict = field(default_factory=dict)
    answers: list = field(default_factory=list)
    control: list = field(default_factory=list)
    wishes: list = field(default_factory=list)
    began_at: object = None
    choice: object = None
    """What the operator decides; apart from the schedule's, which draws in another order with every change."""

    def drawing(self, journey):
        return document(self.drawn[journey], self.seconds[journey])

    @property
    def lived(self):
        """How much time passed in the run."""
        return self.schedule.clock.now - self.began_at


@cache
def document(drawing, second):
    """What a drawing is, made once for all seeds."""
    return drawing(second)


def live(seed):
    """Live through the seed; the run, ready to be judged."""
    run = Run(seed)
    run.schedule = Schedule(seed)
    run.provider = Provider(run.schedule)
    run.choice = random.Random(f"operator {seed}")
    run.began_at = run.schedule.clock.now
    gc.disable()  # a run makes much that lives until its end; all of it goes together afterwards
    try:
        with surroundings(run):
            try:
                _live(run)
            except Stuck as stuck:
                run.schedule.troubles.append(str(stuck))
            finally:
                _leave(run)
    finally:
        gc.enable()
    return run


def _live(run):
    schedule, choice = run.schedule, run.schedule.choice
    outside = schedule.process("outside", mortal=False)
    run.batch = choice.choice((2, 8, 1000))
    done = []

    def morning():
        _furnish(run)
        traffic = Traffic(run)
        _workers(run)
        for number, script in enumerate(traffic.shops):
            name = f"shop-{number}"
            schedule.start(name, schedule.process(name, mortal=False), _until_done, done, actors.shop, run, script)
        schedule.start("operator", outside, _until_done, done, actors.operator, run, traffic.operator)
        schedule.start("customer", outside, _until_done, done, actors.customer, run, traffic.customer)
        schedule.start("fate", outside, _until_done, done, actors.fate, run, traffic.fate)

    calm, schedule.rates = schedule.rates, CALM
    schedule.start("morning", outside, morning)
    schedule.run(lambda: "shop-0" in schedule.processes)
    schedule.rates = calm
    schedule.run(lambda: len(done) == 5)
    _come_to_rest(run, outside)


def _until_done(done, what, run, script):
    what(run, script)
    done.append(what)


def _come_to_rest(run, outside):
    """No more faults; what is paused is resumed; then much time passes."""
    schedule, done = run.schedule, []
    schedule.rates, schedule.calm = CALM, True

    def evening():
        schedule.sleep(2000)
        actors.operator(run, [(schedule.clock.now, "resume", journey, None) for journey in run.drawn])
        schedule.sleep(QUIET.total_seconds())
        done.append(True)

    schedule.start("evening", outside, evening)
    schedule.run(lambda: bool(done))


def _leave(run):
    """Whoever is still there goes home."""
    for actor in list(run.schedule.actors):
        if actor.greenlet:
            actor.greenlet.throw()


def _furnish(run):
    run.furnishing = Furnishing(run.schedule.engine)
    for number, (name, kind, channel) in enumerate(ACCOUNTS, 1):
        run.furnishing.account(name, kind, channel, SEALED[number])
    choice = run.schedule.choice
    for drawing in choice.sample(DRAWINGS, choice.choice((1, 2, 2, 3))):
        second = choice.random() < 0.3
        journey = run.furnishing.journey(drawing.__name__, document(drawing, second))
        run.drawn[journey], run.seconds[journey] = drawing, second
        allowed = ("127.0.0.1:1",)
        control.publish(run.schedule.engine, 1, journey, 1, actors.OPERATOR, allowed)


SEALED = {number: seal(actors.SECRET_KEY, number, {}) for number in (1, 2, 3)}


def _workers(run):
    schedule = run.schedule
    for number in range(schedule.choice.choice((2, 2, 3))):
        schedule.process(f"turns-{number}", lambda process: actors.turns(run, process))
    for number in range(2):
        schedule.process(f"deliveries-{number}", lambda process: actors.deliveries(run, process))
    schedule.process("sweeper", lambda process: actors.sweeper(run, process))
    schedule.due = {
        "turns": lambda actor: actors.turns_due(schedule),
        "deliveries": lambda actor: actors.deliveries_due(schedule, actor.process),
        "sweep": lambda actor: actors.sweep_due(schedule),
    }


# what the engine reads of its surroundings comes from the run


@contextmanager
def surroundings(run):
    """Clocks, chance, sleep and providers are the run's."""
    schedule = run.schedule

    def monotonic_s():
        return schedule.clock.now.timestamp()

    def now():
        return schedule.clock.now + schedule.me.process.skew

    def randbits(bits):
        return (schedule.ids.getrandbits(bits) >> 6 << 6) | schedule.ids.choice(schedule.shards)

    time = SimpleNamespace(sleep=schedule.sleep, monotonic=monotonic_s)
    channels = {kind: channel_of(schedule, run.provider, kind) for kind in CHANNELS}
    places = [
        (ids, "secrets", SimpleNamespace(randbits=randbits)),
        (host_clock, "now", now),
        *((module, "monotonic_s", monotonic_s) for module in (turn, control, deliver)),
        *((module, "time", time) for module in (control, deliver)),
        *((module, "process_slot", lambda: schedule.me.process.slot) for module in (deliver, receive)),
        (deliver, "CHANNELS", channels),
        (deliver, "Line", lambda lane: sim_line(schedule, lane)),
        (deliver, "Gate", OpenGate),
        (control, "problems", lambda *arguments: []),
        (deliver, "render_content", lambda *arguments: {"text": "Hello"}),
        (turn, "build", built),
    ]
    before = [(module, name, getattr(module, name)) for module, name, _ in places]
    ingest._names_seen.clear()
    turn._cached.clear()
    try:
        for module, name, value in places:
            setattr(module, name, value)
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


class OpenGate:
    """Everybody is let in at once."""

    @contextmanager
    def passing(self, workspace):
        yield


class SimLine(Line):
    """A lane whose waiting is the schedule's."""

    schedule = None

    def wait(self, seconds):
        self.schedule.sleep(min(seconds, 0.2) if self.under_way else seconds)


def sim_line(schedule, lane):
    line = SimLine(lane)
    line.schedule = schedule
    return line


_graphs = {}


def built(drawing):
    """A graph is made once for all seeds; nothing in it changes."""
    key = id(drawing)
    if key not in _graphs:
        _graphs[key] = (drawing, REAL_BUILD(drawing))
    return _graphs[key][1]


REAL_BUILD = turn.build
structlog.configure(processors=[lambda logger, name, event: (_ for _ in ()).throw(structlog.DropEvent)])
