"""Confidence sequences, mSPRT and mixture boundaries."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from walras import statistics as st
from walras.core import DomainError


def test_a_strong_effect_is_found_and_its_first_look_recorded() -> None:
    """Every pair from the burn-in on is watched."""
    d = 2.0 + np.random.default_rng(0).normal(size=60)
    path = st.confidence_sequence(d, alpha=0.05, tuning_n=30, looks=[1, 30])
    assert path.first_exclusion is not None
    assert path.first_exclusion >= 10
    assert isinstance(path.looks[0].ci_low, st.Undefined)
    assert path.looks[1].excludes(0.0)
    assert not path.looks[0].excludes(0.0)


def test_no_spread_is_no_win() -> None:
    """Equal differences have an undefined interval at every look."""
    path = st.confidence_sequence(np.ones(20), alpha=0.05, tuning_n=30, looks=[20])
    assert path.first_exclusion is None
    assert isinstance(path.looks[0].ci_high, st.Undefined)
    assert isinstance(st.confidence_sequence_halfwidth(0.0, 5, alpha=0.05, tuning_n=10), st.Undefined)


@given(some.integers(2, 500), some.floats(0.001, 0.4), some.integers(5, 1000))
def test_a_sequence_is_wider_than_the_fixed_interval(n: int, alpha: float, tuning: int) -> None:
    """The right to look at any time costs width."""
    width = st.confidence_sequence_halfwidth(1.0, n, alpha=alpha, tuning_n=tuning)
    assert isinstance(width, float)
    from statistics import NormalDist

    assert width > -NormalDist().inv_cdf(alpha / 2.0) / math.sqrt(n)


def test_sequence_misuse_raises() -> None:
    """Looks beyond the data, a burn-in of one, a tuning of nothing."""
    with pytest.raises(DomainError, match="beyond"):
        st.confidence_sequence([1.0, 2.0], alpha=0.05, tuning_n=5, looks=[3])
    with pytest.raises(DomainError, match="burn_in"):
        st.confidence_sequence([1.0, 2.0], alpha=0.05, tuning_n=5, burn_in=1)
    with pytest.raises(DomainError, match="tuning_n"):
        st.confidence_sequence_rho(0.05, 0)
    with pytest.raises(DomainError, match="theta0"):
        st.msprt_normal([1.0], sigma=1.0, tau=1.0, theta0=float("nan"))


@given(some.lists(some.floats(-5.0, 5.0), max_size=30))
def test_always_valid_p_never_rises(x: list[float]) -> None:
    """Evidence once shown is not withdrawn."""
    p = st.msprt_normal(x, sigma=1.0, tau=0.5).always_valid_p
    assert len(p) == len(x)
    assert all(0.0 <= b <= a <= 1.0 for a, b in pairwise(p))


def test_msprt_crosses_with_the_normal_mixture() -> None:
    """It is the two-sided mixture with rho = sigma^4 / tau^2 on sums scaled by sigma."""
    n, tau, alpha = 50, 0.5, 0.05
    boundary = st.normal_mixture_boundary(n, alpha=alpha, rho=1.0 / tau**2)
    x = np.full(n, boundary / n)
    assert math.exp(-st.msprt_normal(x, sigma=1.0, tau=tau).log_lambda[-1]) == pytest.approx(alpha)


def test_one_side_is_nearer_than_two() -> None:
    """And solves its own equation; at a high level it starts at 0."""
    one = st.normal_mixture_boundary(50.0, alpha=0.05, rho=12.0, sides=1)
    assert one < st.normal_mixture_boundary(50.0, alpha=0.05, rho=12.0)
    assert one == pytest.approx(st.normal_mixture_boundary(50.0, alpha=0.1, rho=12.0), rel=0.01)
    assert st.normal_mixture_boundary(0.0, alpha=0.999999, rho=1.0, sides=1) == pytest.approx(0.0, abs=1e-5)
