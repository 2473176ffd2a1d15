"""The schedule: who goes on next, when time passes, and what breaks; all of it drawn from one seed.

Everybody is a greenlet. Each question to the store, each commit, each call of a provider and each wait for a lock is a
point at which somebody else may go on, or at which a fault strikes. Nothing else decides the order, so a seed is a run.
"""

import hashlib
import random
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from greenlet import GreenletExit, getcurrent, greenlet

from journey_engine.errors import Unavailable
from journey_engine.memory import Clock, Memory, MemoryEngine, MemoryTx
from journey_engine.memory.transaction import part_of
from journey_engine.memory.turns import Turns
from journey_engine.store.session import IDLE_IN_TRANSACTION_S, LOCK_TIMEOUT_S, Deadlock

MOST_STEPS = 60_000
"""A run that takes more goes round in a circle."""


class Stuck(AssertionError):
    """Nobody can go on, or everybody goes on for ever."""


class Killed(GreenletExit):
    """The process ends on this line."""


@dataclass
class Rates:
    """How often what happens, at one point; a seed draws its own, so that some runs are calm and some are wild."""

    switch: float
    kill: float
    freeze: float
    cut_before: float
    cut_after: float
    lost_bell: float
    tick: float

    @classmethod
    def drawn(cls, choice):
        def one(*values):
            return choice.choice(values)

        return cls(
            switch=one(0.1, 0.25, 0.6),
            kill=one(0, 0.001, 0.004),
            freeze=one(0, 0.0005, 0.002),
            cut_before=one(0, 0.02, 0.1),
            cut_after=one(0, 0.01, 0.05),
            lost_bell=one(0, 0.2, 1.0),
            tick=one(0, 0.01, 1),
        )


CALM = Rates(0.3, 0, 0, 0, 0, 0, 1)


@dataclass(eq=False)
class Process:
    """What is killed or frozen as a whole. `again` starts it anew."""

    name: str
    again: object = None
    mortal: bool = True
    skew: timedelta = timedelta()
    slot: int = 64
    frozen_until: object = None
    was_frozen: bool = False
    dead: bool = False
    lives: int = 1


@dataclass(eq=False)
class Actor:
    """One greenlet. It is ready unless it sleeps, waits for transactions to end, or its process is frozen."""

    name: str
    process: Process
    greenlet: object = None
    until: object = None
    blocked: set = field(default_factory=set)
    idle: object = None
    rung: bool = False
    tx: object = None


class Schedule:
    """A run: its clock, its world and everybody in it."""

    def __init__(self, seed):
        self.choice = random.Random(f"schedule {seed}")
        self.ids = random.Random(f"ids {seed}")
        self.shards = [self.choice.randrange(64) for _ in range(self.choice.choice((2, 4, 64)))]
        self.rates = Rates.drawn(self.choice)
        self.clock = Clock()
        self.memory = SimMemory(self)
        self.engine = SimEngine(self)
        self.hub = getcurrent()
        self.me = None
        self.actors = []
        self.processes = {}
        self.doomed = []
        self.step = 0
        self.down_until = self.clock.now
        self.trace = []
        self.commits = []
        self.troubles = []
        self.calm = self.clock_jumped = False
        self.due = {}
        """By kind of idle worker: a function that says when there is work for it."""

    # whoever takes part

    def process(self, name, again=None, mortal=True):
        """A process; one that is mortal is killed and frozen, and started again."""
        skew = timedelta(seconds=self.choice.choice((0, 0, -400, 400)))
        made = Process(name, again, mortal, skew, 64 + len(self.processes))
        self.processes[name] = made
        if again is not None:
            again(made)
        return made

    def start(self, name, process, run, *values):
        """A greenlet of a process."""
        actor = Actor(name, process)
        actor.greenlet = greenlet(lambda: self._live(actor, run, values), self.hub)
        self.actors.append(actor)
        return actor

    def _live(self, actor, run, values):
        try:
            run(*values)
        except Killed:
            pass
        except GreenletExit:
            pass
        except Exception as error:
            self.trouble(actor, error)
        if actor in self.actors:
            self.actors.remove(actor)

    def trouble(self, actor, error):
        """Something that nobody expected; the judge is told."""
        self.troubles.append(f"{actor.name}: {type(error).__name__}: {error}"[:300])
        self.note(actor, f"fails with {type(error).__name__}: {error}"[:200])

    def note(self, actor, what):
        self.trace.append((self.step, self.clock.now, actor.name, what))

    def digest(self):
        """The same for the same seed, whatever machine and process."""
        told = hashlib.blake2b(digest_size=16)
        for step, at, who, what in self.trace:
            told.update(f"{step} {at.isoformat()} {who} {what}\n".encode())
        return told.hexdigest()

    # time

    def sleep(self, seconds):
        """Let time pass."""
        actor = self.me
        actor.until = self.clock.now + timedelta(seconds=max(seconds, 0.0))
        self.hub.switch()
        actor.until = None

    def rest(self, kind):
        """Wait for a bell, or for a look round that finds work."""
        actor = self.me
        actor.idle, actor.rung = kind, False
        self.hub.switch()
        actor.idle = actor.until = None
        actor.rung = False

    def ring(self, kind):
        """Wake those who rest; a bell may be lost."""
        for actor in self.actors:
            if actor.idle == kind and self.choice.random() >= self.rates.lost_bell:
                actor.rung = True

    # points

    def point(self, what):
        """Somebody else may go on here, or something may break."""
        actor = self.me
        roll, rates = self.choice.random(), self.rates
        if roll < rates.switch:
            self.trace.append((self.step, self.clock.now, actor.name, what))
            self.hub.switch()
            return
        if not actor.process.mortal or roll < 1 - rates.kill - rates.freeze:
            return
        if roll > 1 - rates.kill:
            self.note(actor, f"is killed at {what}")
            self.kill(actor.process)
            raise Killed()
        self.freeze(actor.process)
        self.hub.switch()

    def kill(self, process):
        """End a process; the others of it are ended by the hub."""
        if process.dead:
            return
        process.dead = True
        self.doomed.append(process)

    def freeze(self, process):
        seconds = self.choice.choice((0.5, 5, 20, 45, 1200))
        process.frozen_until, process.was_frozen = self.clock.now + timedelta(seconds=seconds), True
        self.trace.append((self.step, self.clock.now, process.name, f"freezes for {seconds} s"))
        for actor in self.actors:
            if actor.process is process and actor.tx is not None and seconds > IDLE_IN_TRANSACTION_S:
                self.start_cutting(actor.tx)

    def start_cutting(self, tx):
        """The database ends a transaction that has been idle for too long."""

        def cut():
            self.sleep(IDLE_IN_TRANSACTION_S)
            if not tx.ended:
                self.trace.append((self.step, self.clock.now, "database", f"cuts {tx.actor.name} off"))
                tx.abort()

        self.start("database", self.processes["outside"], cut)

    def restart_database(self):
        """Every transaction is undone, and for a moment nobody is let in."""
        self.trace.append((self.step, self.clock.now, "database", "restarts"))
        for tx in list(self.memory.running):
            tx.abort()
        self.down_until = self.clock.now + timedelta(seconds=self.choice.choice((0.2, 3)))

    # the hub

    def run(self, finished):
        """Go on until `finished` says so."""
        while not finished():
            if self.doomed:
                self._bury()
            ready = self._ready()
            if not ready:
                self._pass_time()
                continue
            actor = ready[0] if len(ready) == 1 else ready[int(self.choice.random() * len(ready))]
            self.step += 1
            if self.step > MOST_STEPS:
                raise Stuck(f"{MOST_STEPS} steps, and no end: {[a.name for a in self.actors]}")
            self.clock.now += timedelta(microseconds=int(self.choice.random() * 2000))
            self.me = actor
            actor.greenlet.switch()

    def _ready(self):
        """Whoever can go on now."""
        now, ready = self.clock.now, []
        for actor in self.actors:
            until, process = actor.until, actor.process
            if process.frozen_until is not None:
                if process.frozen_until > now:
                    continue
                process.frozen_until = None
            if until is not None:
                if until <= now or actor.rung:
                    ready.append(actor)
            elif actor.rung or (actor.idle is None and not actor.blocked):
                ready.append(actor)
        return ready

    def _pass_time(self):
        """Nobody can go on now: time passes until somebody can."""
        now, moments, known = self.clock.now, [], {}
        for actor in self.actors:
            frozen = actor.process.frozen_until
            if frozen is not None and frozen > now:
                moments.append(frozen)
                continue
            if actor.idle is not None:
                self._look_round(actor, now, known)
            if actor.until is not None and actor.until > now:
                moments.append(actor.until)
        if not moments:
            raise Stuck(f"nobody can go on: {[(a.name, a.idle, bool(a.blocked)) for a in self.actors]}")
        self.clock.now = min(moments)

    def _look_round(self, actor, now, known):
        """Who rests looks for work once a second, and finds it when it is due."""
        kind = actor.idle
        due = known[kind] if kind in known else self.due[kind](actor)
        if kind != "deliveries":
            known[kind] = due
        if due is None:
            actor.until = None
        elif actor.until is None or actor.until < now or actor.until > due + ONE_TICK:
            actor.until = max(due, now) + ONE_TICK * (self.choice.random() * self.rates.tick)

    def _bury(self):
        """End the greenlets of killed processes, and start those anew after a while."""
        while self.doomed:
            process = self.doomed.pop()
            for actor in [actor for actor in self.actors if actor.process is process]:
                actor.process = Process(process.name, mortal=False)
                actor.greenlet.throw(Killed)
                if actor in self.actors:
                    self.actors.remove(actor)
            process.dead, process.frozen_until, process.lives = False, None, process.lives + 1
            self.start(f"{process.name} anew", self.processes["outside"], self._restart, process)

    def _restart(self, process):
        self.sleep(self.choice.choice((0.5, 4)))
        process.again(process)


ONE_TICK = timedelta(seconds=1)


class SimMemory(Memory):
    """A world in which one waits for others."""

    def __init__(self, schedule):
        super().__init__(schedule.clock)
        self.schedule = schedule

    def wait(self, tx, for_whom):
        actor = tx.actor
        if _meets(for_whom, tx):
            self.schedule.note(actor, "would wait in a circle and is undone")
            raise Deadlock()
        actor.blocked = set(for_whom)
        actor.until = self.clock.now + timedelta(seconds=LOCK_TIMEOUT_S)
        self.schedule.note(actor, f"waits for {sorted(other.actor.name for other in for_whom)}")
        self.schedule.hub.switch()
        timed_out, actor.until = bool(actor.blocked), None
        actor.blocked = set()
        if timed_out or tx.dead:
            raise Unavailable()

    def ended(self, tx):
        for actor in self.schedule.actors:
            if tx in actor.blocked:
                actor.blocked = set()
                actor.until = None


def _meets(for_whom, tx):
    """Whether somebody among these waits, directly or not, for `tx`."""
    seen, asking = set(), list(for_whom)
    while asking:
        one = asking.pop()
        if one is tx:
            return True
        if one not in seen:
            seen.add(one)
            asking += one.actor.blocked if one.actor.tx is one else ()
    return False


class SimEngine(MemoryEngine):
    """Transactions that begin, commit and break at points of the schedule."""

    def __init__(self, schedule):
        super().__init__(schedule.memory)
        self.schedule = schedule

    @contextmanager
    def begin(self):
        schedule = self.schedule
        schedule.point("begin")
        if schedule.down_until > schedule.clock.now:
            raise Unavailable()
        tx = self.transaction_class(self)
        try:
            yield tx
            self._end(schedule, tx)
        except BaseException:
            tx.undo()
            raise
        finally:
            tx.actor.tx = None
        schedule.point("committed")

    def _end(self, schedule, tx):
        """The commit, and what may happen just before and just after it."""
        schedule.point("commit")
        roll, rates = schedule.choice.random(), schedule.rates
        if tx.dead or roll < rates.cut_before:
            schedule.note(tx.actor, "loses its connection before the commit")
            tx.undo()
            raise Unavailable()
        tx.commit()
        if roll > 1 - rates.cut_after:
            schedule.note(tx.actor, "loses its connection after the commit")
            raise Unavailable()


class SimTx(MemoryTx):
    """A transaction whose every question is a point of the schedule."""

    def __init__(self, engine):
        self.schedule, self.parts, self.dead, self.works_from = engine.schedule, {}, False, None
        super().__init__(engine)
        self.actor, self.began_step = self.schedule.me, self.schedule.step
        self.actor.tx = self

    def __getattr__(self, part):
        if part.startswith("_"):
            raise AttributeError(part)
        self.schedule.point(part)
        if part == "world":
            self.works_from = self.schedule.step  # a turn asks for the world when it holds its shards
        if self.dead:
            raise Unavailable()
        made = self.parts.get(part)
        if made is None:
            made = self.parts[part] = OWN_PARTS.get(part, part_of(part))(self)
        return made

    def commit(self):
        changed = [(t.name, c.key, c.row, c.draft) for t, c in self.owned if c.row is not c.draft]
        super().commit()
        if changed:
            schedule = self.schedule
            commit = Commit(schedule.step, schedule.clock.now, self.began_step, self.began_at, self.actor.name, changed)
            commit.works_from = self.works_from
            schedule.commits.append(commit)
            schedule.note(self.actor, f"commits {_told(changed)}")

    def abort(self):
        """The database ends it; whoever was in it learns that at the next question."""
        self.undo()
        self.dead = True
        if self.actor.blocked:
            self.actor.blocked, self.actor.until = set(), None


SimEngine.transaction_class = SimTx


@dataclass(slots=True)
class Commit:
    """What one transaction changed: table, key, the row before and after."""

    step: int
    at: object
    began_step: int
    began_at: object
    who: str
    changed: list
    works_from: int | None = None


def _told(changed):
    told = {}
    for table, _, before, after in changed:
        sign = "+" if before is None else "-" if after is None else "~"
        told[sign + table] = told.get(sign + table, 0) + 1
    return " ".join(f"{n}{what}" for what, n in sorted(told.items()))


class SimTurns(Turns):
    """Attributes that cannot be stored, as a database refuses some texts."""

    def update_attributes(self, changed):
        if any("poison" in attributes for _, attributes in changed):
            raise ValueError("an attribute that cannot be stored")
        super().update_attributes(changed)


OWN_PARTS = {"turns": SimTurns}
