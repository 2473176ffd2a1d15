"""The rate of an account, as its provider sees it: however many processes send, and never much less than allowed."""

import bisect
import itertools

import pytest

from tests.support.processes import until


def busiest_second(times):
    """The most calls in any second: a second that begins with a call shows it."""
    return max(bisect.bisect_left(times, at + 1.0) - place for place, at in enumerate(times))


@pytest.mark.parametrize("rate", [8, 50])
def test_two_processes_together_keep_an_accounts_rate_in_every_second(shop, provider, workers, rate):
    shop.set(shop.lane, rate_per_s=rate)
    shop.queue(shop.journey(provider.url(), "One"), rate * 4)
    workers("deliveries", 2)
    until(lambda: len(provider.times()) == rate * 4, 60)
    times = provider.times()
    assert busiest_second(times) <= rate
    assert times[-1] - times[0] < 2 * 4, "the rate is used: at its half this would take twice as long"


def test_a_burst_lets_so_many_go_at_once_and_then_keeps_the_rate(shop, provider, deliverer):
    shop.set(shop.lane, rate_per_s=5, burst=10)
    shop.queue(shop.journey(provider.url(), "One"), 15)
    deliverer.deliver(shop.lane)
    times = provider.times()
    assert len(times) == 15
    assert times[-1] - times[9] >= 4 / 5, "those after the burst come one by one"
    assert busiest_second(times) <= 5 + 10 - 1


def test_the_strictest_of_several_rates_counts(shop, provider, deliverer):
    shop.set(shop.lane, rate_per_s=100, rate_per_minute=120)
    shop.queue(shop.journey(provider.url(), "One"), 4)
    deliverer.deliver(shop.lane)
    times = provider.times()
    assert all(later - earlier > 0.45 for earlier, later in itertools.pairwise(times))
