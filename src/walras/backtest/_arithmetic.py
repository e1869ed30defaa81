"""Ratios of exact integers: the same float on every CPU.

NumPy sums floats in an order that depends on the CPU's vector width. Here sums stay exact Python
integers, and only correctly rounded operations (int / int, sqrt, `math.fsum`) make floats of them.
Every function returns `Undefined` with its reason where there is no value.
"""

import math
from collections.abc import Sequence

from walras.core import Metric, Undefined


def ratio(numerator: int, denominator: int, *, reason: str) -> Metric:
    """Return the quotient, correctly rounded; undefined for `reason` where the denominator is zero."""
    if denominator == 0:
        return Undefined(undefined=reason)
    return numerator / denominator


def mean(values: Sequence[float]) -> Metric:
    """Return the mean of floats or integers; the sum is exact before its one rounding."""
    if not values:
        return Undefined(undefined="there are no values")
    return math.fsum(values) / len(values)


def standard_error(values: Sequence[float]) -> Metric:
    """Return the standard error of the mean, sample standard deviation over sqrt(n)."""
    n = len(values)
    if n < 2:
        return Undefined(undefined=f"{n} scenario{'s' if n != 1 else ''}; at least 2 needed")
    centre = math.fsum(values) / n
    squares = math.fsum((value - centre) * (value - centre) for value in values)
    return math.sqrt(squares / (n * (n - 1)))


def sharpe(values: Sequence[int]) -> Metric:
    """Return mean over sample standard deviation of integer P&L, per observation.

    With S the sum and Q the sum of squares, the square of the ratio is S^2 (n-1) / (n (nQ - S^2)).
    """
    n = len(values)
    if n < 2:
        return Undefined(undefined=f"{n} values; at least 2 needed")
    total = sum(values)
    spread = n * sum(value * value for value in values) - total * total
    if spread == 0:
        return Undefined(undefined="all returns are equal")
    return math.copysign(math.sqrt(total * total * (n - 1) / (n * spread)), total)


def sortino(values: Sequence[int]) -> Metric:
    """Return mean over downside deviation (target 0, over all n) of integer P&L, per observation."""
    n = len(values)
    if n < 2:
        return Undefined(undefined=f"{n} values; at least 2 needed")
    total = sum(values)
    downside = sum(value * value for value in values if value < 0)
    if downside == 0:
        return Undefined(undefined="no return falls short of the target")
    return math.copysign(math.sqrt(total * total / (n * downside)), total)


def profit_factor(values: Sequence[int]) -> Metric:
    """Return the sum of gains over the sum of losses."""
    losses = -sum(value for value in values if value < 0)
    return ratio(sum(value for value in values if value > 0), losses, reason="no losing trade")


def win_rate(values: Sequence[int]) -> Metric:
    """Return the share of values above zero; zeros count in the denominator."""
    return ratio(sum(value > 0 for value in values), len(values), reason="there are no values")
