"""Logarithm and exponential for strategies: + - * / only, so equal bits on every CPU.

Plain functions; `compile_step` teaches numba to compile them inside a strategy.
"""

from typing import Final

LN_2: Final = 0.6931471805599453


def ln(x: float) -> float:
    """Return the natural logarithm of `x`, good to about 1e-15 relative; -745 for x <= 0.

    Powers of two are taken out exactly, the rest is 2 atanh((x - 1) / (x + 1)) as a series.
    """
    if not x > 0.0:
        return -745.0
    halvings = 0
    while x > 1.4142135623730951:
        x *= 0.5
        halvings += 1
    while x < 0.7071067811865476:
        x *= 2.0
        halvings -= 1
    z = (x - 1.0) / (x + 1.0)
    square = z * z
    term = z
    total = 0.0
    for n in range(1, 26, 2):
        total += term / n
        term *= square
    return 2.0 * total + halvings * LN_2


def exp(x: float) -> float:
    """Return e to the power of `x`, clamped to x in -700 .. 700, good to about 1e-14 relative."""
    if x > 700.0:
        x = 700.0
    if x < -700.0:
        x = -700.0
    doublings = int(x / LN_2)
    rest = x - doublings * LN_2
    term = 1.0
    total = 1.0
    for n in range(1, 20):
        term *= rest / n
        total += term
    while doublings > 0:
        total *= 2.0
        doublings -= 1
    while doublings < 0:
        total *= 0.5
        doublings += 1
    return total


def log_odds(p: float) -> float:
    """Return ln(p / (1 - p)) for a probability, which is first clamped to 1e-6 .. 1 - 1e-6."""
    if p < 1e-6:
        p = 1e-6
    if p > 1.0 - 1e-6:
        p = 1.0 - 1e-6
    return ln(p / (1.0 - p))


def probability(x: float) -> float:
    """Return the probability whose log-odds are `x`."""
    return 1.0 / (1.0 + exp(-x))
