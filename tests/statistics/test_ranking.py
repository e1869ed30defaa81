"""Ranking optimisers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from walras import statistics as st
from walras.core import DomainError

TABLE = np.random.default_rng(0).integers(0, 6, size=(12, 4)).astype(float)


def test_friedman_agrees_with_scipy() -> None:
    """With ties, and for two optimisers, which scipy refuses."""
    from scipy import stats

    theirs, ours = stats.friedmanchisquare(*TABLE.T), st.friedman(TABLE)
    assert isinstance(ours, st.Friedman)
    assert ours.chi2 == pytest.approx(theirs.statistic)
    assert ours.p == pytest.approx(theirs.pvalue)
    assert isinstance(st.friedman(TABLE[:, :2]), st.Friedman)


def test_direction_reverses_the_ranks() -> None:
    """Rank 1 is the best either way."""
    up, down = st.friedman(TABLE), st.friedman(TABLE, higher_is_better=False)
    assert isinstance(up, st.Friedman)
    assert isinstance(down, st.Friedman)
    assert np.add(up.mean_ranks, down.mean_ranks).tolist() == pytest.approx([5.0] * 4)
    assert up.p == pytest.approx(down.p)


def test_complete_agreement_has_no_finite_f() -> None:
    """The statistic is at its maximum."""
    found = st.friedman([[3.0, 2.0, 1.0]] * 5)
    assert isinstance(found, st.Friedman)
    assert found.chi2 == pytest.approx(10.0)
    assert isinstance(found.iman_davenport_f, st.Undefined)
    assert isinstance(found.p_f, st.Undefined)


@pytest.mark.parametrize("scores", [[], [[1.0, 2.0]], [[1.0], [2.0]], [[1.0, 1.0], [2.0, 2.0]]])
def test_friedman_is_undefined(scores: list[list[float]]) -> None:
    """One block, one optimiser, or ties only."""
    assert isinstance(st.friedman(scores), st.Undefined)


def test_critical_difference_agrees_with_scipy() -> None:
    """For any number of optimisers."""
    from scipy import stats

    for k in (2, 4, 12):
        q = stats.studentized_range.ppf(0.9, k, np.inf) / np.sqrt(2.0)
        expected = q * np.sqrt(k * (k + 1) / 60.0)
        assert st.nemenyi_cd(k, n_blocks=10, alpha=0.1) == pytest.approx(expected, rel=1e-6)
    with pytest.raises(DomainError, match="k is 1"):
        st.nemenyi_cd(1, n_blocks=10)


@given(some.lists(some.lists(some.floats(-5, 5), min_size=3, max_size=3), min_size=1, max_size=9))
def test_the_middle_mean_lies_within_the_scores(scores: list[list[float]]) -> None:
    """And the profile falls from all to none."""
    middle = st.interquartile_mean(scores)
    assert isinstance(middle, float)
    assert np.min(scores) - 1e-9 <= middle <= np.max(scores) + 1e-9
    profile = st.performance_profile(scores, [-6.0, 0.0, 6.0])
    assert profile[0] == 1.0
    assert profile[2] == 0.0


def test_outliers_do_not_move_the_middle_mean() -> None:
    """A quarter is cut at each end."""
    assert st.interquartile_mean([[1.0], [2.0], [3.0], [1e9]]) == 2.5


def test_the_interval_of_the_middle_mean_holds_it() -> None:
    """And resamples within tasks, so a difference between tasks does not widen it."""
    scores = np.random.default_rng(1).random((8, 5))
    found = st.interquartile_mean_interval(scores, seed=0)
    assert isinstance(found, st.BootstrapInterval)
    assert found.ci_low < found.estimate < found.ci_high
    fixed = st.interquartile_mean_interval(np.tile([0.0, 1.0, 2.0], (4, 1)), seed=0)
    assert isinstance(fixed, st.BootstrapInterval)
    assert fixed.ci_low == fixed.ci_high == 1.0
    assert isinstance(st.interquartile_mean_interval(scores[:1], seed=0), st.Undefined)


@given(some.integers(0, 1000))
def test_improvement_of_x_over_y_and_back_sum_to_one(seed: int) -> None:
    """Ties count half."""
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 4, size=(3, 2)), rng.integers(0, 4, size=(5, 2))
    there, back = st.probability_of_improvement(x, y), st.probability_of_improvement(y, x)
    assert there.probability + back.probability == pytest.approx(1.0)


def test_misuse_raises() -> None:
    """Tasks must match, and there must be scores."""
    with pytest.raises(DomainError, match="share their tasks"):
        st.probability_of_improvement([[1.0, 2.0]], [[1.0]])
    with pytest.raises(DomainError, match="empty"):
        st.performance_profile([], [0.5])
    with pytest.raises(DomainError, match="finite"):
        st.friedman([[1.0, float("nan")]])
