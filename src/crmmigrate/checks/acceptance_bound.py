"""What a sample proves: the exact binomial bound (Clopper and Pearson, 1934), one-sided."""

from __future__ import annotations

import math

CONFIDENCE = 0.95
_LARGEST = 10_000_000


def upper_bound(errors: int, sample: int, confidence: float = CONFIDENCE) -> float:
    """Return the error rate that is not exceeded, with this confidence, where `errors` of `sample` were wrong.

    It is the rate at which so few errors, or fewer, would be met only once in twenty samples: the root of
    `P(X <= errors) = 1 - confidence`. Of a sample of everything it says more than need be said, never less.

    Args:
        errors: 0 to `sample`.
        sample: drawn at random; 0 proves nothing, so the bound is 1.
        confidence: between 0 and 1.

    Raises:
        ValueError: there are more errors than rows, or fewer than none.

    Source:
        C. J. Clopper, E. S. Pearson, Biometrika 26 (1934), 404-413.
    """
    if not 0 <= errors <= sample:
        raise ValueError(f"{errors} of {sample}")
    if errors == sample:
        return 1.0
    rest = 1.0 - confidence
    if not errors:
        return -math.expm1(math.log(rest) / sample)
    low, high = errors / sample, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if at_most(errors, sample, middle) > rest else (low, middle)
    return high


def sample_for(rate: float, errors: int = 0, confidence: float = CONFIDENCE) -> int:
    """Return the smallest sample that proves an error rate of at most `rate` if it holds no more than `errors`.

    Raises:
        ValueError: no sample of reasonable size does.
    """
    if not 0 < rate <= 1:
        raise ValueError(rate)
    low, high = errors, max(errors + 1, 1)
    while upper_bound(errors, high, confidence) > rate:
        if high > _LARGEST:
            raise ValueError(rate)
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if upper_bound(errors, middle, confidence) <= rate else (middle, high)
    return high


def at_most(errors: int, sample: int, rate: float) -> float:
    """Return the probability of at most `errors` errors in a sample, each row being wrong with `rate`, strictly between 0 and 1."""
    wrong, right = math.log(rate), math.log1p(-rate)
    whole = math.lgamma(sample + 1)
    terms = (
        math.exp(whole - math.lgamma(k + 1) - math.lgamma(sample - k + 1) + k * wrong + (sample - k) * right)
        for k in range(errors + 1)
    )
    return math.fsum(terms)
