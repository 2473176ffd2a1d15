"""The first thousand seeds: weeks of traffic and faults each, and every promise is kept."""

import pytest

from tests.simulation.seeds import chunks, keep_every_promise, named


@pytest.mark.parametrize("seeds", chunks(0, 1000), ids=named)
def test_every_promise_is_kept_whatever_breaks(seeds):
    keep_every_promise(seeds)
