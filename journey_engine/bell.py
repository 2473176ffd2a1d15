"""The bell: tells workers that there is work. It may be late or lost, never wrong: the database knows what there is.

Ringing costs the caller nothing: a thread of its own passes rings on, many at once as one. When Redis is away rings are
dropped, and the tickers of the workers find the work within a second of its return.
"""

import threading

import redis
import structlog

log = structlog.get_logger()

PAUSE_S = 0.01
"""Rings within this time are passed on as one: later than a person notices, and a hundred a second at most."""

TOKENS = 8
TOKEN_LIFE_S = 5


def token_key(queue: str) -> str:
    """The Redis list on which a worker of this queue waits for the next ring while it is awake."""
    return f"journey:bell:{queue}"


def connect(redis_url: str, timeout_s: float = 2.0) -> redis.Redis:
    """A connection that gives up soon, so that an absent Redis slows nobody."""
    return redis.Redis.from_url(redis_url, socket_timeout=timeout_s, socket_connect_timeout=1.0)


class Bell:
    """One per process. `ring("turns")` or `ring("deliveries", lane)` returns at once."""

    def __init__(self, redis_url: str):
        self.redis_url = redis_url
        self._wanted: set[tuple[str, int | None]] = set()
        self._lock = threading.Lock()
        self._rung = threading.Event()
        self._thread: threading.Thread | None = None

    def ring(self, queue: str, lane: int | None = None) -> None:
        """Somebody should look at this queue; `lane` names the account whose messages wait."""
        if not self.redis_url:
            return
        with self._lock:
            self._wanted.add((queue, lane))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._pass_on, name="bell", daemon=True)
                self._thread.start()
        self._rung.set()

    def _pass_on(self) -> None:
        connection = connect(self.redis_url)
        while True:
            self._rung.wait()
            self._rung.clear()
            with self._lock:
                wanted, self._wanted = self._wanted, set()
            try:
                ring_now(connection, wanted)
            except redis.RedisError as error:
                log.debug("bell not heard", error=type(error).__name__)
            threading.Event().wait(PAUSE_S)


def ring_now(connection: redis.Redis, wanted: set[tuple[str, int | None]]) -> None:
    """Wake one worker of each queue that waits, and put a job into the queue for one that sleeps."""
    from rq import Queue
    from rq.serializers import JSONSerializer

    pipe = connection.pipeline(transaction=False)
    for queue, lane in sorted(wanted, key=str):
        key = token_key(queue)
        pipe.lpush(key, "" if lane is None else str(lane)).ltrim(key, 0, TOKENS - 1).expire(key, TOKEN_LIFE_S)
        for name, _, _ in jobs_for(queue, lane):
            pipe.exists(f"rq:job:{name}")
    answers = iter(pipe.execute())
    for queue, lane in sorted(wanted, key=str):
        _ = next(answers), next(answers), next(answers)
        for name, function, arguments in jobs_for(queue, lane):
            if not next(answers):
                Queue(queue, connection=connection, serializer=JSONSerializer).enqueue(
                    function, *arguments, job_id=name, result_ttl=0, failure_ttl=1, job_timeout=-1
                )


TURN_JOBS = 16
"""Turn jobs that may be queued or running at once: more workers than this on one database is not foreseen."""


def jobs_for(queue: str, lane: int | None) -> list[tuple[str, str, tuple]]:
    """The jobs (id, function, arguments) that a ring puts into a queue, unless they are there already."""
    if queue == "turns":
        return [(f"turn-{number}", "worker.turn", ()) for number in range(TURN_JOBS)]
    if queue == "deliveries" and lane is not None:
        return [(f"deliver-{lane}", "worker.deliver", (lane,))]
    return []
