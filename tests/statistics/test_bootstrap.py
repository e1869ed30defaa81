"""Bootstrap intervals."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from walras import statistics as st
from walras.core import DomainError

SAMPLE = np.random.default_rng(0).exponential(size=25)


@pytest.mark.parametrize("interval", [st.bca_interval_mean, st.bootstrap_median_interval])
class TestBothIntervals:
    def test_hold_the_estimate(self, interval: Callable[..., Any]) -> None:
        """And are a function of the seed."""
        found = interval(SAMPLE, seed=1, resamples=2000)
        assert found.ci_low < found.estimate < found.ci_high
        assert found == interval(SAMPLE, seed=1, resamples=2000)

    def test_move_with_the_sample(self, interval: Callable[..., Any]) -> None:
        """Scale and shift carry over."""
        found, moved = (interval(x, seed=1, resamples=2000) for x in (SAMPLE, 2.0 * SAMPLE + 1.0))
        assert moved.ci_low == pytest.approx(2.0 * found.ci_low + 1.0)
        assert moved.ci_high == pytest.approx(2.0 * found.ci_high + 1.0)

    def test_are_undefined_for_little_or_equal_data(self, interval: Callable[..., Any]) -> None:
        """Two values or one value many times say nothing."""
        assert isinstance(interval([1.0, 2.0], seed=0), st.Undefined)
        assert isinstance(interval([1.0] * 9, seed=0), st.Undefined)

    def test_refuse_misuse(self, interval: Callable[..., Any]) -> None:
        """A level is a share, and a few resamples are not enough."""
        with pytest.raises(DomainError, match="confidence"):
            interval(SAMPLE, seed=0, confidence=95.0)
        with pytest.raises(DomainError, match="resamples"):
            interval(SAMPLE, seed=0, resamples=10)


def test_bca_covers_the_mean_of_a_skewed_distribution() -> None:
    """Near its nominal level at 30 values."""
    rng = np.random.default_rng(5)
    hits = 0
    for seed in range(200):
        found = st.bca_interval_mean(rng.exponential(size=30), seed=seed, resamples=1000)
        assert isinstance(found, st.BcaInterval)
        hits += found.ci_low <= 1.0 <= found.ci_high
    assert 0.87 <= hits / 200 <= 0.98


def test_bca_past_its_pole_takes_the_extreme() -> None:
    """One wild value and a very high level leave the formula's domain."""
    found = st.bca_interval_mean([0.0] * 400 + [1.0], seed=0, confidence=0.999999999, resamples=1000)
    assert isinstance(found, st.BcaInterval)
    assert found.ci_high >= found.estimate
    assert found.ci_low == 0.0
