"""Signals that a stream has drifted: CUSUM and Page-Hinkley. Signals to look, not verdicts.

Standardise by the control period; a running standard deviation absorbs the drift it should show.
"""

from dataclasses import dataclass

import numpy.typing as npt

from walras.core import DomainError
from walras.statistics._domain import (
    finite_floats,
    require_count,
    require_not_negative,
    require_positive,
)


@dataclass(frozen=True, kw_only=True)
class Cusum:
    """Both one-sided sums after each value, and the first 0-based index above the limit, or None."""

    path: tuple[tuple[float, float], ...]
    alarm_index: int | None


def cusum(x: npt.ArrayLike, *, mu0: float, sigma: float, k: float = 0.5, h: float = 5.0) -> Cusum:
    """Return the tabular CUSUM of a stream.

    With k = 0.5 and h = 5 a false alarm comes every 465 values, and one standard deviation is
    found after 10.

    Args:
        x: Values in order, shape (n,).
        mu0: Mean of the control period.
        sigma: Standard deviation of the control period.
        k: Allowance, in standard deviations: half the shift to find.
        h: Decision limit, in standard deviations; an alarm is strictly above it.

    Raises:
        DomainError: If a value is NaN or an option is out of range.

    Source: Page (1954), Biometrika 41; Montgomery, Introduction to Statistical Quality Control.
    """
    values = finite_floats(x, "x")
    finite_floats([mu0], "mu0")
    require_positive("sigma", sigma)
    require_not_negative("k", k)
    require_positive("h", h)
    up = down = 0.0
    path, alarm = [], None
    for index, z in enumerate((values - mu0) / sigma):
        up, down = max(0.0, up + float(z) - k), max(0.0, down - float(z) - k)
        path.append((up, down))
        if alarm is None and max(up, down) > h:
            alarm = index
    return Cusum(path=tuple(path), alarm_index=alarm)


def page_hinkley(
    x: npt.ArrayLike,
    *,
    delta: float = 0.005,
    threshold: float = 50.0,
    min_instances: int = 30,
    forgetting: float = 0.9999,
) -> tuple[int, ...]:
    """Return the 0-based indices at which the mean was found to have moved, either way.

    The running mean includes the new value; after a detection everything starts anew.

    Args:
        x: Values in order, shape (n,).
        delta: Deviation from the mean that is tolerated.
        threshold: Distance of the sum from its extreme that makes an alarm.
        min_instances: Values needed since the last restart.
        forgetting: Factor on the sums before each new value, in (0, 1].

    Raises:
        DomainError: If a value is NaN or an option is out of range.

    Source: Page (1954); Hinkley (1971), Biometrika 58; recursion as in the `river` library.
    """
    values = finite_floats(x, "x")
    require_not_negative("delta", delta)
    require_positive("threshold", threshold)
    require_count("min_instances", min_instances, least=1)
    if not 0.0 < forgetting <= 1.0:
        raise DomainError(f"forgetting is {forgetting!r}; it must lie in (0, 1].")
    found, start = [], 0
    mean = rise = fall = 0.0
    lowest, highest = float("inf"), float("-inf")
    for index, value in enumerate(map(float, values)):
        count = index - start + 1
        mean += (value - mean) / count
        rise = forgetting * rise + value - mean - delta
        fall = forgetting * fall + value - mean + delta
        lowest, highest = min(lowest, rise), max(highest, fall)
        if count >= min_instances and max(rise - lowest, highest - fall) > threshold:
            found.append(index)
            start, mean, rise, fall = index + 1, 0.0, 0.0, 0.0
            lowest, highest = float("inf"), float("-inf")
    return tuple(found)
