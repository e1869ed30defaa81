"""The whole comparison of two arms."""

import numpy as np
import pytest

from walras import statistics as st
from walras.core import DomainError


def test_says_what_its_parts_say() -> None:
    """One value, the same numbers."""
    d = np.random.default_rng(0).normal(0.5, size=14)
    found = st.compare_pairs(d, seed=3)
    assert found.t == st.paired_t(d)
    assert found.signed_rank == st.wilcoxon(d)
    assert found.sign_flip == st.sign_flip_permutation(d)
    assert found.mean_interval == st.bca_interval_mean(d, seed=3)
    assert found.median_interval == st.bootstrap_median_interval(d, seed=3)
    assert found.median == np.median(d)
    assert found.detectable_effect == st.detectable_effect(14, sd=float(d.std(ddof=1)))
    assert not found.identical
    assert not found.too_few


def test_identical_arms_have_no_verdict() -> None:
    """All that remains is that nothing differs."""
    found = st.compare_pairs(np.zeros(8), seed=0)
    assert found.identical
    for part in (found.t, found.signed_rank, found.mean_interval, found.detectable_effect):
        assert isinstance(part, st.Undefined)


@pytest.mark.parametrize("n", [0, 1, 5])
def test_few_pairs_are_named_as_too_few(n: int) -> None:
    """And never raise."""
    found = st.compare_pairs(np.arange(1.0, n + 1), seed=0)
    assert found.too_few
    assert found.least_pairs == 6
    assert isinstance(found.median, float) == (n > 0)
    assert isinstance(found.detectable_effect, float) == (n > 1)


def test_many_pairs_take_the_normal_approximation() -> None:
    """The exact count would be slow."""
    d = np.random.default_rng(1).normal(size=250)
    assert st.compare_pairs(d, seed=0).signed_rank == st.wilcoxon(d, method="asymptotic")


def test_a_level_must_be_a_share() -> None:
    """95 is not 0.95."""
    with pytest.raises(DomainError):
        st.compare_pairs([1.0, 2.0], seed=0, confidence=95.0)
