"""The second thousand seeds, apart from the first so that two processes share them."""

import pytest

from tests.simulation.seeds import chunks, keep_every_promise, named


@pytest.mark.parametrize("seeds", chunks(1000, 2000), ids=named)
def test_every_promise_is_kept_whatever_breaks(seeds):
    keep_every_promise(seeds)
