"""Probabilistic Sharpe ratios and track records."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from walras import statistics as st

NAN = float("nan")


@given(some.floats(-0.5, 0.5), some.integers(4, 5000), some.floats(-0.5, 0.5))
def test_psr_is_one_half_at_the_benchmark_and_rises(sr: float, n: int, benchmark: float) -> None:
    """A higher benchmark is harder to beat."""
    level, above = st.psr(sr, n, sr_benchmark=sr), st.psr(sr, n, sr_benchmark=benchmark)
    assert level == 0.5
    assert isinstance(above, float)
    assert (above >= 0.5) == (sr >= benchmark) or above == pytest.approx(0.5)


@given(some.floats(0.05, 1.0), some.floats(-1.0, 1.0), some.floats(0.01, 0.3))
def test_min_trl_is_where_psr_reaches_its_confidence(sr: float, skew: float, alpha: float) -> None:
    """One observation more than the length passes, one fewer does not."""
    length = st.min_trl(sr, skew=skew, kurtosis=4.0, alpha=alpha)
    assert isinstance(length, float)
    n = max(4, math.floor(length) + 1)
    reached = st.psr(sr, n, skew=skew, kurtosis=4.0)
    assert isinstance(reached, float)
    assert reached >= 1.0 - alpha - 1e-12


@pytest.mark.parametrize(
    "value",
    [
        st.psr(0.1, 3),
        st.psr(NAN, 100),
        st.psr(0.1, 100, skew=NAN),
        st.psr(0.1, 100, sr_benchmark=NAN),
        st.psr_h0_variance(0.1, 2),
        st.psr_from_returns([0.1, 0.2, 0.3]),
        st.psr_from_returns([0.1, 0.2, NAN, 0.4]),
        st.min_trl(NAN),
        st.min_trl(1.2, skew=2.0, kurtosis=3.0),
        st.dsr_from_trials(np.ones((10, 3))),
        st.dsr_from_trials([[0.1], [0.2], [0.4], [0.1]], n_trials=5),
    ],
)
def test_is_undefined(value: object) -> None:
    """Few observations, impossible moments and constant trials have no probability."""
    assert isinstance(value, st.Undefined)


def test_moments_of_tiny_returns_do_not_underflow() -> None:
    """Skewness and kurtosis have no unit."""
    returns = np.random.default_rng(0).normal(size=50)
    large, small = st.psr_from_returns(returns), st.psr_from_returns(returns * 1e-90)
    assert isinstance(large, st.ProbabilisticSharpe)
    assert isinstance(small, st.ProbabilisticSharpe)
    assert small.kurtosis == pytest.approx(large.kurtosis)
