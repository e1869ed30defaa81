"""The winner's curse and budget allocation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from walras import statistics as st
from walras.core import DomainError


@given(some.lists(some.floats(-50.0, 50.0), min_size=1, max_size=8), some.floats(0.01, 10.0))
@settings(deadline=None)
def test_the_reported_best_overstates(means: list[float], noise: float) -> None:
    """Selection probabilities sum to 1, and the bias is never negative."""
    found = st.winner_bias(means, noise_sd=noise)
    assert isinstance(found, st.WinnerBias)
    assert sum(found.prob_select) == pytest.approx(1.0, abs=1e-8)
    assert found.bias >= -1e-7
    assert found.expected_true_of_selected <= max(means) + 1e-7


def test_without_noise_the_best_is_picked() -> None:
    """Ties share."""
    found = st.winner_bias([1.0, 2.0, 2.0], noise_sd=0.0)
    assert isinstance(found, st.WinnerBias)
    assert found.bias == 0.0
    assert found.prob_select == (0.0, 0.5, 0.5)
    assert isinstance(st.winner_bias([], noise_sd=1.0), st.Undefined)


@given(some.lists(some.floats(0.5, 2.0), min_size=2, max_size=6), some.floats(1.0, 1e4))
def test_the_whole_budget_is_shared_out(sds: list[float], budget: float) -> None:
    """Every design gets some of it."""
    found = st.ocba(np.arange(len(sds)), sds, budget=budget)
    assert isinstance(found, st.Allocation)
    assert found.best == len(sds) - 1
    assert sum(found.runs) == pytest.approx(budget)
    assert min(found.runs) > 0.0


@pytest.mark.parametrize(
    ("means", "sds"), [([1.0], [1.0]), ([1.0, 1.0, 0.0], [1.0, 1.0, 1.0]), ([1.0, 0.0], [1.0, 0.0])]
)
def test_is_undefined(means: list[float], sds: list[float]) -> None:
    """One design, a tie at the top, or no spread."""
    assert isinstance(st.ocba(means, sds, budget=100), st.Undefined)


def test_shares_have_no_unit() -> None:
    """Cents or dollars, the split is the same."""
    plain = st.ocba([1.0, 0.8, 0.2], [0.5, 0.4, 0.3], budget=1.0)
    small = st.ocba([1e-140, 0.8e-140, 0.2e-140], [0.5e-140, 0.4e-140, 0.3e-140], budget=1.0)
    assert isinstance(plain, st.Allocation)
    assert isinstance(small, st.Allocation)
    assert small.fractions == pytest.approx(plain.fractions)


def test_misuse_raises() -> None:
    """Negative spreads and empty budgets."""
    with pytest.raises(DomainError, match="sds"):
        st.ocba([1.0, 2.0], [1.0, -1.0], budget=10)
    with pytest.raises(DomainError, match="budget"):
        st.ocba([1.0, 2.0], [1.0, 1.0], budget=0)
    with pytest.raises(DomainError, match="noise_sd"):
        st.winner_bias([1.0], noise_sd=-1.0)
