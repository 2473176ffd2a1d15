"""Keeping processes running: what dies is back in a second, what is stopped leaves nothing behind."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from journey_engine import supervise
from journey_engine.console import CannotStart
from journey_engine.supervise import Service, Supervisor
from journey_engine.text import Text
from tests.support.processes import is_running, until

SLEEPS = "import time; time.sleep(60)"
HAS_A_CHILD = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "{SLEEPS}"])
open(sys.argv[1], "w").write(str(child.pid))
time.sleep(60)
"""
IS_DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"


@pytest.fixture
def supervisor():
    keeper = Supervisor()
    yield keeper
    keeper.stop()


def service(name, script=SLEEPS, *arguments, stage=0, **options):
    def start():
        return subprocess.Popen([sys.executable, "-c", script, *arguments], start_new_session=True, **options)

    return Service(name, start, stage)


def look_until(supervisor, condition):
    def looked():
        supervisor.look()
        return condition()

    until(looked)


def test_a_killed_process_is_running_again_within_a_second(supervisor, capsys):
    web = service("web")
    supervisor.add(web)
    killed = web.process.pid
    web.process.kill()
    began = time.monotonic()

    look_until(supervisor, lambda: web.process.pid != killed)

    assert time.monotonic() - began < 1
    assert is_running(web.process.pid)
    assert "web ended (SIGKILL) and was started again." in capsys.readouterr().out


def test_one_that_keeps_dying_is_tried_again_later_and_later(supervisor, capsys):
    broken = service("broken", "raise SystemExit(3)")
    supervisor.add(broken)

    look_until(supervisor, lambda: broken.deaths == 4)

    pause = broken.due_at - time.monotonic()
    assert 1 < pause <= supervise.LONGEST_PAUSE_S
    assert "broken ended (exit 3) 4 times in a row" in capsys.readouterr().out


def test_a_server_that_cannot_start_again_yet_does_not_stop_the_others(supervisor, capsys):
    web, database = service("web"), service("database")
    supervisor.add(database)
    supervisor.add(web)
    database.process.kill()
    database.start = refuse

    look_until(supervisor, lambda: "the disk is full" in capsys.readouterr().err)

    assert is_running(web.process.pid)
    assert database.due_at is not None


def refuse():
    raise CannotStart(Text("the disk is full", "磁盘已满"))


def test_what_needs_the_others_is_stopped_before_them(supervisor):
    lower, upper = service("database"), service("web", stage=1)
    supervisor.add(lower)
    supervisor.add(upper)
    order = []
    for watched in (lower, upper):
        remember(order, watched)

    supervisor.stop()

    assert order == ["web", "database"]


def remember(order, watched):
    wait = watched.process.wait

    def noted(timeout=None):
        code = wait(timeout)
        order.append(watched.name)
        return code

    watched.process.wait = noted


def test_the_children_of_a_killed_process_do_not_outlive_it(supervisor, tmp_path):
    web = service("web", HAS_A_CHILD, str(tmp_path / "pid"))
    supervisor.add(web)
    until(lambda: (tmp_path / "pid").exists() and Path(tmp_path / "pid").read_text())
    child = int((tmp_path / "pid").read_text())
    web.process.kill()
    web.process.wait()

    supervisor.look()

    until(lambda: not is_running(child))


def test_one_that_does_not_listen_is_ended_all_the_same(supervisor, monkeypatch):
    monkeypatch.setattr(supervise, "PATIENCE_S", 0.5)
    deaf = service("deaf", IS_DEAF, stdout=subprocess.PIPE)
    supervisor.add(deaf)
    deaf.process.stdout.readline()

    supervisor.stop()

    assert not is_running(deaf.process.pid)
    deaf.process.stdout.close()
