"""Matched pairs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from walras import statistics as st
from walras.core import DomainError

DIFFERENCES = some.lists(some.integers(-9, 9).map(float), min_size=2, max_size=12)
TESTS = [st.wilcoxon, st.sign_flip_permutation, st.paired_t]


@pytest.mark.parametrize("test", TESTS)
@given(d=DIFFERENCES)
def test_swapping_the_arms_swaps_the_sides(test: Callable[..., Any], d: list[float]) -> None:
    """Two-sided p stays, greater becomes less."""
    plain, swapped = test(d), test([-x for x in d])
    if isinstance(plain, st.Undefined):
        assert isinstance(swapped, st.Undefined)
        return
    assert 0.0 <= plain.p <= 1.0
    assert swapped.p == pytest.approx(plain.p)
    greater, less = test(d, alternative="greater"), test([-x for x in d], alternative="less")
    assert less.p == pytest.approx(greater.p)


@given(DIFFERENCES)
def test_exact_wilcoxon_equals_sign_flips_of_the_midranks(d: list[float]) -> None:
    """Ties included: both count the same patterns."""
    found = st.wilcoxon(d)
    if isinstance(found, st.Undefined):
        return
    kept = np.array([x for x in d if x != 0.0])
    size = np.abs(kept)
    ranks = np.array([(size < s).sum() + ((size == s).sum() + 1) / 2 for s in size])
    flipped = st.sign_flip_permutation(np.sign(kept) * ranks)
    assert isinstance(flipped, st.SignFlip)
    assert found.p == pytest.approx(flipped.p)


def test_agrees_with_scipy() -> None:
    """Exact and asymptotic, each side, with and without correction."""
    from scipy import stats

    d = np.random.default_rng(2).normal(0.2, size=40)
    for method in ("exact", "asymptotic"):
        for side in ("two-sided", "greater", "less"):
            for correction in (False, True):
                theirs = stats.wilcoxon(d, alternative=side, method=method, correction=correction).pvalue
                ours = st.wilcoxon(d, method=method, alternative=side, continuity_correction=correction)
                assert isinstance(ours, st.SignedRank)
                assert ours.p == pytest.approx(theirs)


def test_identical_strategies_differ_by_exactly_nothing() -> None:
    """No test turns zeros into a verdict."""
    d = st.paired_differences([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    assert isinstance(st.paired_t(d), st.Undefined)
    assert isinstance(st.wilcoxon(d), st.Undefined)
    assert st.sign_flip_permutation(d) == st.SignFlip(n=3, p=1.0, exact=True)
    assert st.mean_and_standard_error(d).standard_error == 0.0


def test_few_pairs_cannot_be_significant() -> None:
    """Five pairs stop at 0.0625, six reach 0.05."""
    assert st.least_pairs(0.05) == 6
    assert st.least_pairs(0.01) == 8
    five, six = (st.sign_flip_permutation(np.arange(1.0, n + 1)) for n in (5, 6))
    assert isinstance(five, st.SignFlip)
    assert isinstance(six, st.SignFlip)
    assert five.p == 0.0625
    assert six.p < 0.05


def test_many_pairs_are_drawn_with_a_seed() -> None:
    """Above 20 pairs p is a Monte-Carlo share, never 0, near the t test."""
    d = np.random.default_rng(3).normal(0.3, size=40)
    for side in ("two-sided", "greater", "less"):
        drawn, t = st.sign_flip_permutation(d, alternative=side, seed=1), st.paired_t(d, alternative=side)
        assert isinstance(drawn, st.SignFlip)
        assert isinstance(t, st.PairedT)
        assert not drawn.exact
        assert drawn.p == pytest.approx(t.p, abs=0.01)
    far = st.sign_flip_permutation(np.full(30, 2.0), resamples=1000)
    assert isinstance(far, st.SignFlip)
    assert far.p == pytest.approx(1 / 1001)


def test_mean_and_standard_error_of_little_data() -> None:
    """One value has a mean without error; none has neither."""
    one, none = st.mean_and_standard_error([2.0]), st.mean_and_standard_error([])
    assert one.mean == 2.0
    assert isinstance(one.standard_error, st.Undefined)
    assert isinstance(none.mean, st.Undefined)
    assert st.mean_and_standard_error([1.0, 3.0]).standard_error == pytest.approx(1.0)


def test_little_data_is_undefined() -> None:
    """One pair has no t, no pair no permutation."""
    assert isinstance(st.paired_t([1.0]), st.Undefined)
    assert isinstance(st.sign_flip_permutation([]), st.Undefined)


def test_misuse_raises() -> None:
    """Unmatched arms, a missing half, unknown sides."""
    with pytest.raises(DomainError, match="match one to one"):
        st.paired_differences([1.0], [1.0, 2.0])
    with pytest.raises(DomainError, match="finite"):
        st.paired_differences([1.0, float("nan")], [1.0, 2.0])
    with pytest.raises(DomainError, match="alternative"):
        st.paired_t([1.0, 2.0], alternative="bigger")  # type: ignore[arg-type]
    with pytest.raises(DomainError, match="alpha"):
        st.least_pairs(0.0)
