"""A worker process: it listens to one queue, works while there is work, and looks for itself once a second.

RQ carries only the bell. A turn job is a stint: turn after turn until nothing is due, then a short wait for the next
ring, so that a busy system pays for a job once in many turns. A delivery job wakes the thread of its lane, so that a
slow provider holds up nobody else. When Redis is away, or has swallowed a job, the ticker works by itself.
"""

import contextlib
import threading
from functools import cached_property

import redis
import structlog
from rq import Queue, SimpleWorker
from rq.exceptions import DeserializationError, InvalidJobOperation
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import Engine

from journey_engine import clock
from journey_engine.bell import Bell, connect, ring_now, token_key
from journey_engine.collecting import collect_rarely
from journey_engine.config import Config
from journey_engine.errors import Unavailable
from journey_engine.pipeline.deliver import Delivered, Deliverer, sweep
from journey_engine.pipeline.fall_due import fall_due
from journey_engine.pipeline.handover import see_to_handovers
from journey_engine.pipeline.report import report
from journey_engine.pipeline.rfm import score
from journey_engine.pipeline.segments import compute, flip_due
from journey_engine.pipeline.tick import cut_off_frozen, keep_house, lanes_due, turns_due
from journey_engine.pipeline.turn import Turned, live_routes, turn
from journey_engine.store import work
from journey_engine.store.ingest import database_now
from journey_engine.store.session import engine_for, transaction

log = structlog.get_logger()

TICK_S = 1.0
PASS_S = 5.0
"""How long a tick goes on telling what fell due, while other work of the ticker waits."""

SWEEP_EVERY = 10
HOUSE_EVERY = 600
"""Ticks between sweeps of messages left behind, and between rounds of housekeeping."""

STINT_S = 20.0
"""A turn job ends after this even when there is more: RQ takes a job that runs for minutes for dead."""

LINGER_S = 1.0
"""How long an idle stint waits for the next ring before it goes back to its queue."""

DEAD_AFTER_S = 60
"""A job whose worker did not end it within this time was cut short; its id is free again soon after."""

FAREWELL_S = 8.0
"""How long a process that is asked to end waits for providers: supervisors kill after ten seconds."""

LANE_THREAD = "lane-"

GATHER_S = 0.02
"""Pause after a turn that took all there was, so that a trickle of events is worked in small batches, not one by one:
a turn costs about as much for one customer as for twenty, and would otherwise take the machine from the doors."""

SAY_EVERY_S = 0.5
"""A lane that is busy for minutes tells the pages that watch so often how far it is."""

QUIET_LANE_S = 30.0
"""How long the thread of an idle lane stays."""

ALLOWED = {"worker.turn", "worker.deliver"}
"""The only functions a job may name. RQ would import and call any name that somebody wrote into Redis."""


class Workshop:
    """What the jobs of this process share. `stopping` is set when the process is asked to end."""

    def __init__(self, config: Config):
        self.config = config
        self.stopping = threading.Event()
        self.lanes: dict[int, threading.Event] = {}
        self._lock = threading.Lock()
        self._turning = threading.Lock()
        self._in_stint = False
        self._overdue = False

    @cached_property
    def engine(self) -> Engine:
        return engine_for(self.config.database_url)

    @cached_property
    def connection(self) -> redis.Redis:
        return connect(self.config.redis_url, timeout_s=LINGER_S + 2)

    @cached_property
    def bell(self) -> Bell:
        return Bell(self.config.redis_url)

    @cached_property
    def deliverer(self) -> Deliverer:
        return Deliverer(self.engine, self.config, self.stopping)

    def stint(self) -> None:
        """Turn after turn; ends when no ring came for a while. It never fails: a failed job would keep its id taken."""
        until = clock.monotonic_s() + STINT_S
        self._in_stint = True
        with surviving("turning"):
            while not self.stopping.is_set() and clock.monotonic_s() < until:
                done = self.one_turn()
                if done.worked and not done.more:
                    self.stopping.wait(GATHER_S)
                elif not done.worked and not self._await_ring("turns", self._next_wake_s()):
                    break
        self._in_stint = False

    def one_turn(self) -> Turned:
        """One turn, and the news of it: lanes that have messages, colleagues when there is more, pages that watch."""
        with self._turning:
            done = turn(self.engine)
        if done.more:
            self.bell.ring("turns")
        for lane in done.lanes:
            self.bell.ring("deliveries", lane)
        self.say(done.journeys)
        return done

    def say(self, journeys: set) -> None:
        report(self.connection if self.config.redis_url else None, journeys)

    def _next_wake_s(self) -> float:
        with transaction(self.engine) as tx:
            at, now = work.next_wake(tx), database_now(tx)
        return LINGER_S if at is None else min(LINGER_S, max(0.001, (at - now).total_seconds()))

    def _await_ring(self, queue: str, timeout_s: float) -> bool:
        """Wait for a ring; True when one came, or when a wake that was waited for has come due."""
        if not self.config.redis_url:
            return False
        try:
            rung = self.connection.blpop([token_key(queue)], timeout=timeout_s)
        except redis.RedisError:
            return False
        return rung is not None or timeout_s < LINGER_S

    def wake_lane(self, lane: int) -> None:
        """Have the thread of this lane look for messages; it is started when there is none."""
        with self._lock:
            rung = self.lanes.get(lane)
            if rung is None:
                rung = self.lanes[lane] = threading.Event()
                threading.Thread(
                    target=self._serve_lane, args=(lane, rung), name=f"{LANE_THREAD}{lane}", daemon=True
                ).start()
            rung.set()
        self.deliverer.nudge(lane)

    def _serve_lane(self, lane: int, rung: threading.Event) -> None:
        """Deliver what is due, wait for the next ring, deliver again; ends after a quiet while."""
        while not self.stopping.is_set():
            if not rung.wait(QUIET_LANE_S):
                with self._lock:
                    if not rung.is_set():
                        del self.lanes[lane]
                        return
            rung.clear()
            with surviving("delivering"):
                while (done := self.deliverer.deliver(lane, for_s=SAY_EVERY_S)).more:
                    self._pass_on(done)
                self._pass_on(done)

    def _pass_on(self, done: Delivered) -> None:
        """The news of what left: answers that journeys wait for, pages that watch."""
        if done.answered:
            self.bell.ring("turns")
        self.say(done.journeys)

    def tick(self, queue: str, ticks: int) -> None:
        """Find work that nobody was told of: lanes are served here, turns are rung for."""
        if queue == "deliveries":
            for lane in {*lanes_due(self.engine), *self.deliverer.unsettled}:
                self.wake_lane(lane)
        if queue == "turns":
            self._bring_what_fell_due()
            self._see_to_turns()
        if queue == "deliveries" and ticks % SWEEP_EVERY == 0:
            sweep(self.engine)
            cut_off_frozen(self.engine)
        if queue == "chores":
            see_to_handovers(self.engine)
            self._see_to_segments()
        if queue == "chores" and ticks % HOUSE_EVERY == 0:
            keep_house(self.engine, keep=self.config.keep, stopping=self.stopping)

    @cached_property
    def _ticker_connection(self) -> redis.Redis:
        return connect(self.config.redis_url)

    def _bring_what_fell_due(self) -> None:
        """Tell what the clock brings, ringing for each lot of it; a long pass goes on with the next tick."""
        until = clock.monotonic_s() + PASS_S
        while not self.stopping.is_set():
            fallen = fall_due(self.engine)
            if fallen.told:
                self._ring_turns()
            if not fallen.more or clock.monotonic_s() > until:
                return

    def _see_to_segments(self) -> None:
        """Judge those whose time has come, go on with segments that are new or have another rule, and with scores."""
        until = clock.monotonic_s() + PASS_S
        while not self.stopping.is_set() and clock.monotonic_s() < until:
            found = flip_due(self.engine, live_routes) or compute(self.engine, live_routes)
            if not found and not score(self.engine):
                return
            self._ring_turns()

    def _ring_turns(self) -> None:
        with contextlib.suppress(redis.RedisError, ValueError):
            ring_now(self._ticker_connection, {("turns", None)})

    def _see_to_turns(self) -> None:
        """Ring for turns that are due. What is still due a tick later nobody heard of: it is worked here.

        Redis may be away, or may hold a job that a killed worker had taken, whose id keeps a new one from being put in.
        """
        due = turns_due(self.engine)
        unheard, self._overdue = due and self._overdue and not self._in_stint, due
        if due:
            self._ring_turns()
        while unheard and not self.stopping.is_set() and self.one_turn().worked:
            pass

    def run_ticker(self, queue: str) -> None:
        """Tick until the process ends; at once for the first time, because it may follow one that was killed."""
        ticks = 0
        while not self.stopping.is_set():
            with surviving("ticking"):
                self.tick(queue, ticks)
            ticks += 1
            self.stopping.wait(TICK_S)

    def run(self, queue: str) -> None:
        """Listen to a queue until the process is asked to end."""
        collect_rarely()
        threading.Thread(target=self.run_ticker, args=(queue,), name="ticker", daemon=True).start()
        while not self.stopping.is_set():
            try:
                BellWorker(self, queue).work(logging_level="WARNING")
            except redis.RedisError as error:
                log.warning("redis is away", error=type(error).__name__)
            self.stopping.wait(TICK_S)
        self._end_calls()

    def _end_calls(self) -> None:
        """Let the calls under way have their answer written; what is cut off here would be unknown."""
        until = clock.monotonic_s() + FAREWELL_S
        for rung in tuple(self.lanes.values()):
            rung.set()
        for thread in threading.enumerate():
            if thread.name.startswith(LANE_THREAD):
                thread.join(max(0.0, until - clock.monotonic_s()))


@contextlib.contextmanager
def surviving(what: str):
    """An error here is logged and tried again at the next occasion; the process goes on."""
    try:
        yield
    except Unavailable:
        log.warning("database is away", while_=what)
    except Exception:
        log.exception("failed", while_=what)


def _is_ours(job: Job) -> bool:
    """Whether a job names our functions only: RQ would import and call those for afterwards too."""
    names = (job._success_callback_name, job._failure_callback_name, job._stopped_callback_name)
    try:
        return job.func_name in ALLOWED and not any(names)
    except DeserializationError:
        return False


class BellWorker(SimpleWorker):
    """An RQ worker of exactly one queue, that runs nothing but our own jobs, in this process."""

    max_connection_wait_time = 2.0  # after Redis returns, be back within seconds

    def __init__(self, workshop: Workshop, queue: str):
        connection = redis.Redis.from_url(workshop.config.redis_url, socket_connect_timeout=1.0)
        listening = Queue(queue, connection=connection, serializer=JSONSerializer)
        super().__init__(
            [listening], connection=connection, serializer=JSONSerializer, maintenance_interval=DEAD_AFTER_S
        )
        self.workshop = workshop
        self.log_job_description = False

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        return DEAD_AFTER_S

    def execute_job(self, job: Job, queue: Queue) -> None:
        if not _is_ours(job):
            log.error("job refused")
            self.connection.delete(job.key)  # it may lack what RQ needs to delete it
            return
        super().execute_job(job, queue)

    def handle_job_success(self, *told, **more) -> None:
        """The work is done and committed; that Redis has forgotten the job meanwhile is nobody's concern."""
        with contextlib.suppress(InvalidJobOperation):
            super().handle_job_success(*told, **more)

    def request_stop(self, signum, frame) -> None:
        self.workshop.stopping.set()
        super().request_stop(signum, frame)
