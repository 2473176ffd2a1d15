"""The statistics of experiments, against worked examples that were published and against slow exact arithmetic."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from journey_engine.model import statistics

NEWCOMBE_RATES = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0000, 0.1611),
    (1, 29, 0.0061, 0.1718),
]
"""Statistics in Medicine 17:857, table I, method 3."""

NEWCOMBE_DIFFERENCES = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0000),
    (10, 10, 0, 10, 0.6075, 1.0000),
]
"""Statistics in Medicine 17:873, table II, method 10."""

CHI_SQUARE = [(1, 3.841, 0.05), (1, 10.828, 0.001), (2, 5.991, 0.05), (3, 7.815, 0.05), (5, 20.515, 0.001)]
CHI_SQUARE += [(10, 18.307, 0.05), (30, 43.773, 0.05)]
"""The usual table of critical values."""


@pytest.mark.parametrize(("successes", "n", "low", "high"), NEWCOMBE_RATES)
def test_an_interval_of_a_rate_is_the_published_one(successes, n, low, high):
    assert statistics.interval_of_rate(successes, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("a", "n", "b", "m", "low", "high"), NEWCOMBE_DIFFERENCES)
def test_an_interval_of_a_difference_is_the_published_one(a, n, b, m, low, high):
    assert statistics.interval_of_difference(a, n, b, m) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("freedom", "distance", "p"), CHI_SQUARE)
def test_the_tail_of_chi_square_is_that_of_the_table(freedom, distance, p):
    assert statistics.chi_square_beyond(distance, freedom) == pytest.approx(p, rel=2e-3)


def test_the_lady_who_tastes_tea_is_judged_as_fisher_judged_her():
    assert statistics.chance_of_difference(3, 4, 1, 4) == pytest.approx(34 / 70)


def test_large_arms_are_compared_as_pearson_compared_them():
    chi_square = 150 * (56 * 32 - 14 * 48) ** 2 / (70 * 80 * 104 * 46)

    assert statistics.chance_of_difference(56, 70, 48, 80) == pytest.approx(
        statistics.chi_square_beyond(chi_square, 1), rel=1e-9
    )


@given(n=some.integers(1, 40), m=some.integers(1, 40), data=some.data())
def test_the_exact_test_adds_up_all_tables_that_are_no_likelier(n, m, data):
    a, b = data.draw(some.integers(0, n)), data.draw(some.integers(0, m))
    total = a + b

    def likelihood(k):
        return Fraction(math.comb(n, k) * math.comb(m, total - k), math.comb(n + m, total))

    tables = [likelihood(k) for k in range(max(0, total - m), min(n, total) + 1)]
    exact = float(sum(one for one in tables if one <= likelihood(a)))

    assert statistics._exact_chance(a, n, total, n + m) == pytest.approx(exact, rel=1e-6)


@given(a=some.integers(0, 300), n=some.integers(1, 300), b=some.integers(0, 300), m=some.integers(1, 300))
def test_intervals_hold_what_was_seen_and_turn_round_with_the_arms(a, n, b, m):
    a, b = min(a, n), min(b, m)
    low, high = statistics.interval_of_difference(a, n, b, m)

    assert -1 <= low <= a / n - b / m <= high <= 1
    assert statistics.interval_of_difference(b, m, a, n) == pytest.approx((-high, -low))
    assert 0 <= statistics.chance_of_difference(a, n, b, m) <= 1


@given(freedom=some.integers(1, 12), distance=some.floats(0.01, 60))
def test_the_tail_of_chi_square_is_what_is_left_of_its_density(freedom, distance):
    """Simpson's rule over u = √x, where the density is smooth down to nothing."""
    half, steps = freedom / 2, 2_000
    width = math.sqrt(distance) / steps

    def density(u):
        log = (freedom - 1) * math.log(u) if u else (0.0 if freedom == 1 else -math.inf)
        return 2 * math.exp(log - u * u / 2 - half * math.log(2) - math.lgamma(half))

    inside = sum((1 if i in (0, steps) else 4 if i % 2 else 2) * density(i * width) for i in range(steps + 1))

    assert statistics.chi_square_beyond(distance, freedom) == pytest.approx(1 - inside * width / 3, abs=1e-7)


def test_a_split_that_came_out_as_drawn_does_not_warn_and_one_that_did_not_does():
    assert statistics.chance_of_split((5_010, 4_990), (50, 50)) > 0.5
    assert statistics.chance_of_split((821_588, 815_482), (50, 50)) < statistics.SUSPICIOUS
    assert statistics.chance_of_split((10, 3), (100, 0)) == 0.0


def test_nothing_is_said_of_arms_where_nobody_was():
    assert statistics.chance_of_split((0, 0), (50, 50)) is None
    assert statistics.chance_of_difference(0, 0, 1, 5) is None
    assert statistics.lift(3, 10, 0, 10) is None
    assert statistics.interval_of_rate(0, 0) == (0.0, 1.0)


def test_lift_says_how_much_more_than_the_other_arm():
    assert statistics.lift(12, 100, 10, 100) == pytest.approx(0.2)
