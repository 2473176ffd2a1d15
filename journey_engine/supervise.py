"""Keeps a set of processes running: starts them in order, starts again what dies, and stops them in reverse.

Every process leads a process group of its own, and whatever is left of a group is ended with it, so a killed web server
leaves no worker behind that still holds the port. Start and watch from the main thread (see `dies_with_parent`).
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from journey_engine.console import CannotStart, complain, say
from journey_engine.embedded import wait_or_kill
from journey_engine.text import Text

LOOK_EVERY_S = 0.1
LONGEST_PAUSE_S = 10.0
PATIENCE_S = 10.0  # what has not stopped by then is killed; nothing is lost, every write is a transaction
STEADY_AFTER_S = 10.0  # who lived this long is started again at once

STARTED_AGAIN = Text("{name} ended ({how}) and was started again.", "{name} 已退出（{how}），已重新启动。")
ENDS_AGAIN = Text(
    "{name} ended ({how}) {times} times in a row; next try in {pause:.0f} s. Its log: {log}",
    "{name} 已连续 {times} 次退出（{how}），{pause:.0f} 秒后重试。日志：{log}",
)


@dataclass
class Service:
    """One process that shall be running."""

    name: str
    start: Callable[[], subprocess.Popen]
    stage: int
    """Services of a higher stage need those below, so they are stopped earlier."""
    start_again: Callable[[], subprocess.Popen] | None = None
    """How it is started later on, when others are looked after too: it does not wait for an answer."""
    log: str = ""
    stop_signal: int = signal.SIGTERM
    process: subprocess.Popen | None = field(default=None, repr=False)
    started_at: float = 0.0
    deaths: int = 0
    """How often in a row it ended before it was steady."""
    due_at: float | None = None


class Supervisor:
    """The services of one installation."""

    def __init__(self):
        self.services: list[Service] = []

    def add(self, service):
        """Starts a service and looks after it from then on."""
        self.services.append(service)
        service.started_at, service.process = time.monotonic(), service.start()

    def look(self):
        """Starts again what has ended; call it every `LOOK_EVERY_S`."""
        now = time.monotonic()
        for service in self.services:
            if service.due_at is None and service.process.poll() is not None:
                self._bury(service, now)
            if service.due_at is not None and now >= service.due_at:
                self._start_again(service, now)

    def stop(self):
        """Stops everything, those that need others first, and returns when nothing is left."""
        for stage in sorted({service.stage for service in self.services}, reverse=True):
            running = [s for s in self.services if s.stage == stage and s.process]
            for service in running:
                if service.process.poll() is None:
                    service.process.send_signal(service.stop_signal)
            for service in running:
                wait_or_kill(service.process, PATIENCE_S)
                end_group(service.process.pid)

    def _start_again(self, service, now):
        service.due_at, service.started_at = None, now
        try:
            service.process = (service.start_again or service.start)()
        except CannotStart as error:  # a disk may be full for a while: others keep running, and this is tried again
            complain(error)
            service.due_at = now + LONGEST_PAUSE_S

    def _bury(self, service, now):
        """Notes a death and when to start again: at once for the first, later and later for one that keeps dying."""
        end_group(service.process.pid)
        service.deaths = 1 if now - service.started_at > STEADY_AFTER_S else service.deaths + 1
        pause = min(LONGEST_PAUSE_S, 0.25 * 2 ** (service.deaths - 1)) if service.deaths > 1 else 0
        service.due_at = now + pause
        how = how_it_ended(service.process.returncode)
        if service.deaths < 4:
            say(STARTED_AGAIN, name=service.name, how=how)
        else:
            say(ENDS_AGAIN, name=service.name, how=how, times=service.deaths, pause=pause, log=service.log)


def end_group(leader):
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def how_it_ended(code):
    return signal.Signals(-code).name if code < 0 else f"exit {code}"
