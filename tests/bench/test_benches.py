"""Every bench runs, at a size that proves nothing but that it runs, and its figures are of what it says."""

import dataclasses
import os
import signal
import subprocess
import sys
import time

import pytest

from bench import explain, forgetting
from bench.__main__ import QUICK, RUNS, lines_of
from bench.machine import running_machine
from tests.support.processes import descendants, is_running

TINY = dataclasses.replace(QUICK, customers=300, grown=(2_000,))


@pytest.fixture(scope="module")
def machine():
    with running_machine() as machine:
        yield machine


@pytest.mark.parametrize("name", ["b2", "b5"])
def test_a_bench_runs_and_all_its_figures_are_numbers(machine, name):
    run, _ = RUNS[name]
    rows = list(run(machine, TINY))
    assert rows
    for row in rows:
        assert row["targets"].keys() <= row["figures"].keys(), "an aim belongs to a figure"
        assert all(f["min"] <= f["median"] <= f["max"] for f in row["figures"].values())
        assert len(lines_of(row)[1:]) == len(row["figures"])


def test_every_statement_whose_plan_is_to_be_shown_is_met(machine, monkeypatch):
    monkeypatch.setattr(explain, "ENROLLMENTS", 2_000)
    met = {row["what"].split(": ")[1] for row in explain.run(machine, TINY)}
    assert explain.NAMED.keys() - met == set()
    assert {"COPY events", "COPY inbox", "COPY enrollments", "COPY visits", "COPY messages"} <= met


def test_forgetting_is_measured_on_rows_that_go(machine, monkeypatch):
    monkeypatch.setattr(forgetting, "ENROLLMENTS", 2_000)
    much, little, nothing = [row["figures"]["rows removed"]["median"] for row in forgetting.run(machine, TINY)]
    assert much > 4_000 > 200 > little > nothing == 0


def test_a_bench_that_is_told_to_stop_leaves_nothing_running():
    bench = subprocess.Popen(
        [sys.executable, "-m", "bench", "b4"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    started, deadline = {}, time.monotonic() + 60
    try:
        while not any("gunicorn" in command for command in started.values()) and time.monotonic() < deadline:
            time.sleep(0.2)
            started = descendants(bench.pid)
        assert any("gunicorn" in command for command in started.values()), "the web server of the bench has begun"
    finally:
        os.kill(bench.pid, signal.SIGINT)
    assert bench.wait(60) == 130
    assert [command for pid, command in started.items() if is_running(pid)] == []
