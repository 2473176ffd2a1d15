"""Replaying: a seed is the same run byte for byte, in whatever process, and far faster than the time it tells of."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.simulation.judge import judge
from tests.simulation.planted import planted
from tests.simulation.report import failed
from tests.simulation.run import live

ROOT = Path(__file__).parents[2]
SEEDS = (3, 7, 42)


def test_a_seed_lived_twice_is_the_same_run():
    for seed in SEEDS:
        assert live(seed).schedule.digest() == live(seed).schedule.digest()


def test_a_seed_is_the_same_run_in_another_process_with_another_order_of_hashes():
    for hashes in ("0", "4711"):
        command = [sys.executable, "-m", "tests.simulation", "--seed", str(SEEDS[0])]
        told = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": hashes}, capture_output=True, text=True, timeout=120
        )
        assert f"trace {live(SEEDS[0]).schedule.digest()}," in told.stdout, told.stdout + told.stderr


def test_different_seeds_are_different_runs():
    assert len({live(seed).schedule.digest() for seed in range(10)}) == 10


def test_a_broken_promise_tells_how_to_see_it_again():
    with planted("intents_are_not_stored"):
        run = live(0)
    told = failed(run, judge(run))
    assert "python -m tests.simulation --seed 0 --trace" in told
    assert "a call was made before its intent was stored" in told
    assert len(told.splitlines()) > 20, "the end of the trace is shown"


def test_weeks_pass_in_less_than_the_ten_thousandth_part_of_their_time():
    """A seed tells of some forty days in well under a second; a machine a thousand times slower would still do."""
    began = time.process_time()
    lived = sum(live(seed).lived.total_seconds() for seed in range(5))
    ratio = lived / (time.process_time() - began)
    print(f"{ratio:,.0f} × real time")
    assert ratio > 10_000
