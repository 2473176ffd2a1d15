"""Ten thousand events while workers, web server, Valkey and PostgreSQL are killed: nothing is lost, nothing doubled."""

from tests.crash.drawing import DEAR, cart_event
from tests.crash.run import run, table

EVENTS = 10_000
PUSHES_FOR_S = 40
"""A machine that is too busy for ten thousand pushes fewer, and they are judged all the same."""

RESUMES_WITHIN_S = 25
"""The promise is five seconds; processes start more slowly beside other tests."""


def test_nothing_is_lost_or_doubled_while_everything_is_killed(tmp_path):
    verdict, kills, _ = run(tmp_path, EVENTS, customers=2_500, seed=20, pace_s=0.35, seconds=PUSHES_FOR_S)

    print(table(verdict, kills))
    assert verdict.wrong == []
    assert (verdict.lost, verdict.events_doubled, verdict.messages_doubled, verdict.missing) == (0, 0, 0, 0)
    dear = sum(1 for n in range(verdict.acknowledged) if cart_event("Cart Left", n, 1)["properties"]["value"] >= DEAR)
    assert verdict.messages == 2 * dear > 0
    assert len(kills) >= 5
    slowest = max(kills, key=lambda kill: kill.resumed_s or 0)
    assert (slowest.resumed_s or 0) < RESUMES_WITHIN_S, slowest
