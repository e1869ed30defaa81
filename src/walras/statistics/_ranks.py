"""Ranks with ties."""

import numpy as np

from walras.statistics._domain import Floats


def midranks(values: Floats) -> Floats:
    """Return ranks from 1 (smallest), shape (n,); tied values share the mean of their ranks."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2.0)[group.ravel()], dtype=np.float64)
