"""Many seeds in one test: each has to keep every promise, and one that does not says how to see it again."""

from tests.simulation.judge import judge
from tests.simulation.report import failed
from tests.simulation.run import live

CHUNK = 100


def chunks(first, last):
    """Ranges of seeds, each a test of its own."""
    return [range(start, start + CHUNK) for start in range(first, last, CHUNK)]


def named(seeds):
    return f"{seeds[0]}-{seeds[-1]}"


def keep_every_promise(seeds):
    """Live through these seeds; how much time passed in them."""
    lived = 0.0
    for seed in seeds:
        run = live(seed)
        wrong = judge(run)
        assert not wrong, failed(run, wrong)
        lived += run.lived.total_seconds()
    return lived
