"""A score series as one line of block characters, for the terminal."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_GAP: Final = "·"
_MIDDLE: Final = _BLOCKS[3]


def sparkline(values: Sequence[float | None], width: int) -> str:
    """Return `values` as at most `width` block characters, lowest ▁ to highest █.

    A longer series is cut into `width` equal bins, each shown by its highest value, so that a best
    score is never hidden. None, NaN and infinities are gaps (·); a constant series is a middle line.

    Args:
        values: The series, oldest first.
        width: Characters to use at most; 0 or less gives "".
    """
    if width <= 0 or not values:
        return ""
    bins = _bins(values, width)
    known = [value for value in bins if value is not None]
    if not known:
        return _GAP * len(bins)
    low, high = min(known), max(known)
    return "".join(_GAP if value is None else _block(value, low, high) for value in bins)


def _bins(values: Sequence[float | None], width: int) -> list[float | None]:
    count = min(width, len(values))
    edges = [index * len(values) // count for index in range(count + 1)]
    return [_highest(values[start:stop]) for start, stop in pairwise(edges)]


def _highest(values: Sequence[float | None]) -> float | None:
    return max((value for value in values if value is not None and math.isfinite(value)), default=None)


def _block(value: float, low: float, high: float) -> str:
    if high == low:
        return _MIDDLE
    share = value / 2 - low / 2  # halves first: a range above the largest float must not overflow
    return _BLOCKS[min(int(share / (high / 2 - low / 2) * len(_BLOCKS)), len(_BLOCKS) - 1)]
