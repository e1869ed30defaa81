"""Adaptive windowing: an alarm whenever two parts of a growing window differ in mean."""

import math
from dataclasses import dataclass, field

import numpy.typing as npt

from walras.statistics._domain import finite_floats, require_count, require_share


@dataclass(frozen=True)
class _Bucket:
    """Size, total and sum of squared deviations of some consecutive values."""

    size: float
    total: float
    scatter: float

    def joined(self, other: "_Bucket") -> "_Bucket":
        gap = _squared_gap(self, other)
        return _Bucket(self.size + other.size, self.total + other.total, self.scatter + other.scatter + gap)


def _squared_gap(a: _Bucket, b: _Bucket) -> float:
    if not (a.size and b.size):
        return 0.0
    return a.size * b.size * (a.total / a.size - b.total / b.size) ** 2 / (a.size + b.size)


_EMPTY = _Bucket(0.0, 0.0, 0.0)


@dataclass
class _Window:
    """An exponential histogram: `rows[i]` holds buckets of 2^i values, oldest first."""

    max_buckets: int
    rows: list[list[_Bucket]] = field(default_factory=lambda: [[]])
    whole: _Bucket = _EMPTY

    def add(self, value: float) -> None:
        single = _Bucket(1.0, value, 0.0)
        self.whole = self.whole.joined(single)
        self.rows[0].append(single)
        level = 0
        while len(self.rows[level]) > self.max_buckets:
            if level + 1 == len(self.rows):
                self.rows.append([])
            first, second = self.rows[level][:2]
            del self.rows[level][:2]
            self.rows[level + 1].append(first.joined(second))
            level += 1

    def differs(self, delta: float, least: int) -> bool:
        """Say whether some cut parts the window into two that differ in mean."""
        old, total = _EMPTY, self.whole
        for row in reversed(self.rows):
            for bucket in row:
                old = _Bucket(old.size + bucket.size, old.total + bucket.total, 0.0)
                new = _Bucket(total.size - old.size, total.total - old.total, 0.0)
                if min(old.size, new.size) >= least and _cuts(old, new, total, delta, least):
                    return True
        return False


def _cuts(old: _Bucket, new: _Bucket, whole: _Bucket, delta: float, least: int) -> bool:
    log_term = math.log(2.0 * math.log(whole.size) / delta)
    spread = 1.0 / (old.size - least + 1.0) + 1.0 / (new.size - least + 1.0)
    variance = max(whole.scatter, 0.0) / whole.size
    limit = math.sqrt(2.0 * spread * variance * log_term) + 2.0 / 3.0 * log_term * spread
    return abs(old.total / old.size - new.total / new.size) > limit


def adwin(
    x: npt.ArrayLike,
    *,
    delta: float = 0.002,
    clock: int = 32,
    max_buckets: int = 5,
    min_window_length: int = 5,
    grace_period: int = 10,
) -> tuple[int, ...]:
    """Return the 0-based indices at which the mean was found to have moved.

    After an alarm the window starts anew and empty; the paper keeps its recent part.

    Args:
        x: Values in order, shape (n,), on a scale of about 1: the bound has a term without unit.
        delta: Confidence parameter; smaller alarms less.
        clock: The window is checked once every so many values.
        max_buckets: Buckets of one size before two are merged.
        min_window_length: Fewest values on each side of a cut.
        grace_period: The window must hold more values than this before it is checked.

    Raises:
        DomainError: If a value is NaN or an option is out of range.

    Source: Bifet and Gavalda (2007), Learning from time-changing data with adaptive windowing, SDM.
    """
    values = finite_floats(x, "x")
    require_share("delta", delta)
    require_count("clock", clock, least=1)
    require_count("max_buckets", max_buckets, least=1)
    require_count("min_window_length", min_window_length, least=1)
    require_count("grace_period", grace_period, least=1)
    window, start, found = _Window(max_buckets), 0, []
    for index, value in enumerate(map(float, values)):
        window.add(value)
        if (index - start + 1) % clock or window.whole.size <= grace_period:
            continue
        if window.differs(delta, min_window_length):
            found.append(index)
            window, start = _Window(max_buckets), index + 1
    return tuple(found)
