"""Deflated Sharpe ratios and effective trials."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from walras import statistics as st
from walras.core import DomainError


def test_a_constant_trial_counts_but_cannot_win() -> None:
    """It would be the winner by rounding noise otherwise."""
    returns = np.random.default_rng(1).normal(size=(60, 4))
    returns[:, 2] = 0.001
    best = st.dsr_from_trials(returns)
    without = st.dsr_from_trials(np.delete(returns, 2, axis=1), n_trials=4)
    assert isinstance(best, st.DeflatedBest)
    assert isinstance(without, st.DeflatedBest)
    assert best.best_index != 2
    assert best.dsr == without.dsr


def test_one_trial_needs_no_deflation() -> None:
    """Its ratio is compared with 0."""
    best = st.dsr_from_trials(np.random.default_rng(2).normal(size=(50, 1)))
    assert isinstance(best, st.DeflatedBest)
    assert best.sr0 == 0.0
    assert best.dsr == st.psr(best.sr, 50, skew=best.skew, kurtosis=best.kurtosis)


@pytest.mark.parametrize("n", [2, 3, 10, 1000])
def test_the_approximate_maximum_is_near_the_exact_one(n: int) -> None:
    """Within 8 % from 2 trials on."""
    assert st.expected_max_z(n) == pytest.approx(st.expected_max_z(n, form="exact"), rel=0.08)


def test_no_trials_or_too_few_are_an_error() -> None:
    """Zero trials have no best one."""
    with pytest.raises(DomainError, match="n_trials"):
        st.expected_max_z(0)
    with pytest.raises(DomainError, match="n_trials"):
        st.expected_max_z(True)
    with pytest.raises(DomainError, match="sr_variance"):
        st.dsr(0.1, 100, n_trials=3, sr_variance=-1.0)
    with pytest.raises(DomainError, match="at least the 3 columns"):
        st.dsr_from_trials(np.eye(5)[:, :3], n_trials=2)


def test_one_trial_has_no_minimum_length() -> None:
    """Nothing was selected."""
    assert st.min_btl(1, target_annual_sharpe=1.0).years == 0.0


@given(some.integers(2, 30), some.floats(0.0, 1.0))
def test_effective_trials_lie_between_one_and_all(n: int, rho: float) -> None:
    """For equal correlations all three answers do."""
    effective = st.effective_trials(np.full((n, n), rho) + (1.0 - rho) * np.eye(n))
    for value in (effective.mean_correlation, effective.entropy, effective.participation):
        assert 1.0 - 1e-9 <= value <= n + 1e-9


def test_a_single_trial_is_one_trial() -> None:
    """Its mean correlation is undefined, its count is not."""
    effective = st.effective_trials([[1.0]])
    assert isinstance(effective.rho_bar, st.Undefined)
    assert effective.mean_correlation == effective.entropy == effective.participation == 1.0


@pytest.mark.parametrize(
    "matrix", [[], [[1.0, 0.2]], [[1.0, 0.2], [0.3, 1.0]], [[2.0]], [[1.0, 1.5], [1.5, 1.0]]]
)
def test_a_matrix_that_is_no_correlation_raises(matrix: list[list[float]]) -> None:
    """Square, symmetric, unit diagonal, within [-1, 1]."""
    with pytest.raises(DomainError, match="correlation"):
        st.effective_trials(matrix)
