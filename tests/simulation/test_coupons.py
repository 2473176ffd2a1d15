"""Coupons in the world in memory: two transactions never hold the same code, and the last one is waited for."""

import pytest

from journey_engine.store import coupons
from journey_engine.stories.world import StoryWorld


@pytest.fixture
def world():
    return StoryWorld()


def held(tx, world, pool, count):
    return [one.code for one in coupons.hold(tx, world.workspace, pool, count, [], world.now)]


def test_a_code_that_another_turn_holds_is_passed_over(world):
    pool = world.pool("Welcome", ["A1", "A2", "A3"])
    with world.engine.begin() as one, world.engine.begin() as other:
        assert (held(one, world, pool, 2), held(other, world, pool, 1)) == (["A1", "A2"], ["A3"])


def test_the_last_code_is_waited_for(world):
    pool = world.pool("Welcome", ["LAST"])
    with world.engine.begin() as one:
        assert held(one, world, pool, 1) == ["LAST"]
        with pytest.raises(RuntimeError, match="waits for"), world.engine.begin() as other:
            held(other, world, pool, 1)
    with world.engine.begin() as later:
        assert held(later, world, pool, 1) == ["LAST"], "it was given back"
