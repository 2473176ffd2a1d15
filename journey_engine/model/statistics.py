"""Statistics of an experiment: how sure one may be of a rate, of a difference between two, and of the split itself.

Pure functions of counts. The formulas are the ones that hold for small shops too: none of them gives an interval beyond
0 and 1, or certainty after three customers.
"""

import math
from collections.abc import Sequence

Z = 1.959963984540054
"""The standard normal deviate of a two-sided 95 %."""

SUSPICIOUS = 0.001
"""A split this unlikely by chance is taken for a fault of the split (Fabijan et al., KDD 2019)."""

FEW = 5.0
"""With fewer expected in a cell the normal approximation is poor, and the exact test takes its place (Cochran 1954)."""


def interval_of_rate(successes: int, n: int, z: float = Z) -> tuple[float, float]:
    """Wilson's score interval of a rate (Wilson 1927; method 3 of Newcombe, Statistics in Medicine 17:857, 1998).

    (2np + z² ± z √(z² + 4npq)) / 2(n + z²)
    """
    if n == 0:
        return 0.0, 1.0
    p, z2 = successes / n, z * z
    middle, spread = 2 * successes + z2, z * math.sqrt(z2 + 4 * successes * (1 - p))
    low, high = (middle - spread) / (2 * (n + z2)), (middle + spread) / (2 * (n + z2))
    return (0.0 if successes == 0 else low), (1.0 if successes == n else high)


def interval_of_difference(
    successes: int, n: int, other_successes: int, other_n: int, z: float = Z
) -> tuple[float, float]:
    """Newcombe's interval of the difference of two rates, the first minus the other, from both Wilson intervals.

    Method 10 of Newcombe, Statistics in Medicine 17:873, 1998: with rates p, q and intervals (l, u), (m, v)
    p − q − √((p − l)² + (v − q)²)  to  p − q + √((u − p)² + (q − m)²)
    """
    if n == 0 or other_n == 0:
        return -1.0, 1.0
    p, q = successes / n, other_successes / other_n
    low, high = interval_of_rate(successes, n, z)
    other_low, other_high = interval_of_rate(other_successes, other_n, z)
    return p - q - math.hypot(p - low, other_high - q), p - q + math.hypot(high - p, q - other_low)


def lift(successes: int, n: int, other_successes: int, other_n: int) -> float | None:
    """How much higher the first rate is, as a share of the other; None while the other is nothing."""
    if n == 0 or other_n == 0 or other_successes == 0:
        return None
    return successes / n / (other_successes / other_n) - 1


def chance_of_difference(successes: int, n: int, other_successes: int, other_n: int) -> float | None:
    """The two-sided p that two equal rates would differ this much.

    The z-test with the pooled rate, the same as Pearson's chi-square of the fourfold table; where fewer than five are
    expected in a cell Fisher's exact test, which adds up all tables that are no likelier than this one.
    """
    if n == 0 or other_n == 0:
        return None
    total, all_n = successes + other_successes, n + other_n
    if total in (0, all_n):
        return 1.0
    if min(n, other_n) * min(total, all_n - total) / all_n < FEW:
        return _exact_chance(successes, n, total, all_n)
    pooled = total / all_n
    deviation = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / other_n))
    return math.erfc(abs(successes / n - other_successes / other_n) / deviation / math.sqrt(2))


def _exact_chance(successes: int, n: int, total: int, all_n: int) -> float:
    """Fisher's exact test of a fourfold table, by the logarithms of the hypergeometric distribution."""
    first, last = max(0, total - (all_n - n)), min(n, total)
    here = _log_likelihood(successes, n, total, all_n)
    likely = (_log_likelihood(k, n, total, all_n) for k in range(first, last + 1))
    return min(1.0, math.fsum(math.exp(one) for one in likely if one <= here + 1e-9))


def _log_likelihood(k: int, n: int, total: int, all_n: int) -> float:
    return _log_choose(n, k) + _log_choose(all_n - n, total - k) - _log_choose(all_n, total)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def chance_of_split(observed: Sequence[int], expected: Sequence[float]) -> float | None:
    """The p that a split with these expected numbers comes out like this: Pearson's chi-square of goodness of fit.

    None while nobody came, or where less than two arms can be reached at all.
    """
    open_arms = [(o, e) for o, e in zip(observed, expected, strict=True) if e > 0]
    if any(o > 0 and e <= 0 for o, e in zip(observed, expected, strict=True)):
        return 0.0
    if len(open_arms) < 2 or sum(observed) == 0:
        return None
    scale = sum(observed) / sum(e for _, e in open_arms)
    distance = math.fsum((o - e * scale) ** 2 / (e * scale) for o, e in open_arms)
    return chi_square_beyond(distance, len(open_arms) - 1)


def chi_square_beyond(distance: float, freedom: int) -> float:
    """The probability of a chi-square beyond this distance: the upper incomplete gamma function Q(k/2, x/2).

    For an even number of degrees it is a finite sum, for an odd one it begins with erfc; both by Q(a+1, x) = Q(a, x) +
    xᵃ e⁻ˣ / Γ(a+1) (Abramowitz and Stegun 26.4.4 and 26.4.5).
    """
    x = distance / 2
    if x <= 0:
        return 1.0
    a = 1.0 if freedom % 2 == 0 else 0.5
    beyond = math.exp(-x) if freedom % 2 == 0 else math.erfc(math.sqrt(x))
    while a < freedom / 2:
        beyond += math.exp(a * math.log(x) - x - math.lgamma(a + 1))
        a += 1
    return min(1.0, beyond)
