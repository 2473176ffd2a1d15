"""The faults: what can befall an installation, each begun here and, where it lasts, ended here.

A fault is a function of the engine and of chance. It answers how it ends: a function to call when its time is over, or
None when it is over already. `Cannot` is raised where there is nothing to strike, or where this machine forbids it.
"""

import os
import signal
import threading
import time
from dataclasses import dataclass

import psycopg
import redis
import requests

from tests.crash.engine import wait_for

MISBEHAVING = {
    "sms": {
        "accept_then_timeout": 0.005,
        "hold_s": 12,
        "error_5xx": 0.01,
        "throttle": 0.01,
        "receipt_duplicates": 1,
        "receipt_loss": 0.1,
        "receipt_shuffle": True,
        "receipt_delay_s": [0, 3],
    },
    "smtp": {"reject_4xx": 0.01, "accept_then_drop": 0.005},
    "webhooks": {"accept_then_timeout": 0.01, "hold_s": 12, "error_5xx": 0.02, "throttle": 0.01},
}
"""How the provider behaves all the time: now and then it takes a message and never answers."""

WELL_BEHAVED = {"sms": {}, "smtp": {}, "webhooks": {}}

RESTART_WITHIN_S = 40


class Cannot(Exception):
    """This fault cannot be tried here and now."""


@dataclass(frozen=True)
class Fault:
    """One kind of fault. `stops` is the kind of work it stands in the way of, `lasts` how many seconds it goes on."""

    name: str
    begin: callable
    stops: str = ""
    lasts: tuple[float, float] = (0, 0)
    alone: bool = False
    resumes_within_s: float | None = None
    """The promise, where there is one: from the kill to the next piece of this work."""


def kill(role, everyone=False, masters=False):
    def begin(engine, chance, noes):
        victims = engine.masters(role) if masters else engine.pids(role)
        for pid in victims if everyone else [_one_of(victims, chance)]:
            os.kill(pid, signal.SIGKILL)

    return begin


def freeze(role, everyone=False):
    def begin(engine, chance, noes):
        victims = engine.pids(role)
        chosen = victims if everyone else [_one_of(victims, chance)]
        return _stopped(chosen)

    return begin


def freeze_a_backend(engine, chance, noes):
    return _stopped([_one_of(engine.backends(), chance)])


def kill_web_worker(engine, chance, noes):
    os.kill(_one_of(sorted(set(engine.pids("web")) - set(engine.masters("web"))), chance), signal.SIGKILL)


def kill_sandbox(engine, chance, noes):
    """The provider is gone in the middle of calls; it comes back well behaved and is told to misbehave again."""
    kill("sandbox")(engine, chance, noes)
    if wait_for(lambda: engine.faults(**MISBEHAVING) is None, RESTART_WITHIN_S) is None:
        raise AssertionError("the sandbox did not come back")


def kill_machine(engine, chance, noes):
    """The machine of `journey up` is gone with everything on it, and is started again."""
    engine.process.kill()
    engine.process.wait(30)
    engine.start()
    engine.faults(**MISBEHAVING)


def restart_postgres(with_signal):
    def begin(engine, chance, noes):
        (postmaster,) = engine.pids("postgres")[:1] or [_one_of([], chance)]
        os.kill(postmaster, with_signal)

    return begin


def cut(engine, chance, noes):
    engine.cut_connections(chance)


def flush(engine, chance, noes):
    engine.flush_redis()


def valkey_absent(engine, chance, noes):
    """Whatever starts it again, it is gone again at once, until the time is over."""
    over = threading.Event()

    def keep_away():
        while not over.wait(0.1):
            for pid in engine.pids("valkey"):
                _signal(pid, signal.SIGKILL)

    thread = threading.Thread(target=keep_away, daemon=True)
    thread.start()

    def end():
        over.set()
        thread.join()

    return end


def disk_full(engine, chance, noes):
    _require(engine.disk)
    over = threading.Event()

    def keep_full():
        while not over.wait(0.5):
            engine.disk.fill()

    engine.disk.fill()
    thread = threading.Thread(target=keep_full, daemon=True)
    thread.start()

    def end():
        over.set()
        thread.join()
        engine.disk.free()

    return end


def step_clock(which, most_s=60):
    def begin(engine, chance, noes):
        clock = getattr(engine, which)
        _require(clock)
        clock.put(chance.choice((-1, 1)) * chance.randint(5, most_s))
        return lambda: clock.put(0)

    return begin


def rolling_restart(engine, chance, noes):
    """What an upgrade does: one process after the other is asked to end, and its successor waited for."""
    engine.faults(**WELL_BEHAVED)
    began = engine.ask("SELECT clock_timestamp()")[0][0]
    for role in ("web", "turns", "deliveries", "chores"):
        for pid in engine.masters(role):
            _restart(engine, role, pid)
    noes.rolling.append((began, engine.ask("SELECT clock_timestamp()")[0][0]))
    engine.faults(**MISBEHAVING)


def _restart(engine, role, pid):
    before = len(engine.pids(role))
    _signal(pid, signal.SIGTERM)
    if wait_for(lambda: _followed(engine, role, pid, before), RESTART_WITHIN_S) is None:
        raise AssertionError(f"{role} did not come back after SIGTERM")


def _followed(engine, role, pid, before):
    pids = engine.pids(role)
    answer = role != "web" or all(requests.get(f"{url}/readyz", timeout=5).status_code == 200 for url in engine.urls)
    return pid not in pids and len(pids) >= before and answer


def _one_of(victims, chance):
    if not victims:
        raise Cannot("there is none at this moment")
    return chance.choice(victims)


def _require(thing):
    if thing is None or thing.why_not:
        raise Cannot(thing.why_not if thing else "this run has none")


def _stopped(pids):
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    return lambda: [_signal(pid, signal.SIGCONT) for pid in pids]


def _signal(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        time.sleep(0)  # it ended by itself, which is what some faults are for


MISSED = (ProcessLookupError, psycopg.Error, redis.RedisError, requests.RequestException)
"""What striking comes to when the victim is still on its way back from the last fault."""

FREEZE = (5, 40)

FAULTS = (
    Fault("kill a turns worker", kill("turns"), "turns", resumes_within_s=5),
    Fault("kill all turns workers", kill("turns", everyone=True), "turns", resumes_within_s=5),
    Fault("kill a deliveries worker", kill("deliveries"), "deliveries", resumes_within_s=5),
    Fault("kill all deliveries workers", kill("deliveries", everyone=True), "deliveries", resumes_within_s=5),
    Fault("kill the chores worker", kill("chores"), "turns", resumes_within_s=5),
    Fault("kill a web worker", kill_web_worker, "web", resumes_within_s=5),
    Fault("kill a web master", kill("web", masters=True), "web", resumes_within_s=5),
    Fault("kill all web servers", kill("web", everyone=True), "web", resumes_within_s=5),
    Fault("kill Valkey", kill("valkey"), "turns", resumes_within_s=5),
    Fault("kill the provider", kill_sandbox, "deliveries"),
    Fault("kill the first machine", kill_machine, "turns", alone=True),
    Fault("PostgreSQL killed", restart_postgres(signal.SIGKILL), "turns"),
    Fault("PostgreSQL restarted (fast)", restart_postgres(signal.SIGINT), "turns"),
    Fault("PostgreSQL restarted (immediate)", restart_postgres(signal.SIGQUIT), "turns"),
    Fault("freeze a turns worker", freeze("turns"), "turns", FREEZE),
    Fault("freeze all turns workers", freeze("turns", everyone=True), "turns", FREEZE),
    Fault("freeze a deliveries worker", freeze("deliveries"), "deliveries", FREEZE),
    Fault("freeze all deliveries workers", freeze("deliveries", everyone=True), "deliveries", FREEZE),
    Fault("freeze the chores worker", freeze("chores"), "turns", FREEZE),
    Fault("freeze a web process", freeze("web"), "web", FREEZE),
    Fault("freeze Valkey", freeze("valkey"), "turns", FREEZE),
    Fault("freeze the postmaster", freeze("postgres"), "turns", FREEZE),
    Fault("freeze a PostgreSQL backend", freeze_a_backend, "turns", FREEZE),
    Fault("freeze the provider", freeze("sandbox"), "deliveries", FREEZE),
    Fault("cut database connections", cut, "turns", resumes_within_s=5),
    Fault("FLUSHALL", flush, "turns", resumes_within_s=5),
    Fault("Valkey absent", valkey_absent, "turns", (60, 60)),
    Fault("disk full", disk_full, "turns", (5, 25)),
    Fault("database's clock stepped", step_clock("clock"), "turns", (10, 30)),
    Fault("second machine's clock stepped", step_clock("other_clock"), "turns", (10, 30)),
    Fault("rolling restart", rolling_restart, "turns", alone=True),
)
