"""Planted bugs: the simulation finds every one of them, and finds nothing where none is."""

import pytest

from tests.simulation.judge import judge
from tests.simulation.planted import PLANTED, planted
from tests.simulation.run import live

MOST_SEEDS = 200


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_found(name):
    assert found_at(name) is not None, f"{PLANTED[name][0]} Not found in {MOST_SEEDS} seeds."


def found_at(name):
    """The first seed that shows it; the same seed is clean without it."""
    for seed in range(MOST_SEEDS):
        with planted(name):
            wrong = judge(live(seed))
        if wrong:
            assert not judge(live(seed)), "the seed breaks a promise by itself"
            return seed
    return None


def test_enough_bugs_are_planted():
    assert len(PLANTED) >= 18
    assert all(sentence.endswith(".") for sentence, _ in PLANTED.values())
