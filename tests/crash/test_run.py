"""Ten thousand events while workers, web server, Valkey and PostgreSQL are killed: nothing is lost, nothing doubled."""

from tests.crash.run import run, table

RESUMES_WITHIN_S = 15
"""The promise is five seconds; a machine that tests several things at once is given three times that."""


def test_nothing_is_lost_or_doubled_while_everything_is_killed(tmp_path):
    verdict, kills, _ = run(tmp_path, total=10_000, customers=2_500, seed=20, pace_s=0.2)

    print(table(verdict, kills))
    assert verdict.wrong == []
    assert (verdict.acknowledged, verdict.messages) == (10_000, 6_000)
    assert (verdict.lost, verdict.events_doubled, verdict.messages_doubled, verdict.missing) == (0, 0, 0, 0)
    assert len(kills) >= 5
    slowest = max(kills, key=lambda kill: kill.resumed_s or 0)
    assert (slowest.resumed_s or 0) < RESUMES_WITHIN_S, slowest
