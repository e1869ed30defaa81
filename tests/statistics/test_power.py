"""Power of the paired t test."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from walras import statistics as st
from walras.core import DomainError


@given(some.floats(0.05, 2.0), some.floats(0.001, 0.2), some.sampled_from(["two-sided", "greater"]))
@settings(max_examples=40, deadline=None)
def test_the_three_questions_agree(effect: float, alpha: float, side: str) -> None:
    """Pairs, power and detectable effect are one relation."""
    n = st.pairs_needed(effect, alpha=alpha, alternative=side)
    assert isinstance(n, float)
    power = st.paired_power(effect, n, alpha=alpha, alternative=side)
    assert isinstance(power, float)
    if n > 2.0:
        assert power == pytest.approx(0.8, abs=1e-9)
        assert st.detectable_effect(n, alpha=alpha, alternative=side) == pytest.approx(effect, rel=1e-6)


def test_power_agrees_with_simulation() -> None:
    """At 12 pairs."""
    d = np.random.default_rng(1).normal(0.8, size=(20_000, 12))
    t = d.mean(axis=1) / d.std(axis=1, ddof=1) * np.sqrt(12)
    assert st.paired_power(0.8, 12) == pytest.approx(np.mean(np.abs(t) > 2.200985), abs=0.01)


def test_far_tails_are_numbers() -> None:
    """Scipy gives NaN here."""
    assert st.paired_power(10.0 / np.sqrt(40), 40) == pytest.approx(1.0)
    assert st.paired_power(5.0, 200) == pytest.approx(1.0)


def test_no_effect_has_the_power_of_its_level() -> None:
    """Rejections are then false positives."""
    assert st.paired_power(0.0, 30, alpha=0.05) == pytest.approx(0.05)


def test_a_negative_effect_counts_in_the_direction_tested() -> None:
    """Two-sided it is as good as a positive one; against the alternative it is hopeless."""
    assert st.pairs_needed(-0.5) == st.pairs_needed(0.5)
    assert st.pairs_needed(-0.5, alternative="less") == st.pairs_needed(0.5, alternative="greater")
    assert isinstance(st.pairs_needed(-0.5, alternative="greater"), st.Undefined)


def test_huge_effects_need_the_fewest_pairs() -> None:
    """Two."""
    assert st.pairs_needed(50.0) == 2.0


def test_a_detectable_effect_has_the_unit_of_its_sd() -> None:
    """Three times the spread, three times the effect; two pairs detect only huge ones."""
    single, triple = st.detectable_effect(40), st.detectable_effect(40, sd=3.0)
    assert isinstance(single, float)
    assert triple == pytest.approx(3.0 * single)
    assert isinstance(huge := st.detectable_effect(2), float)
    assert huge > 10.0


@pytest.mark.parametrize(
    "value",
    [
        st.paired_power(0.5, 1),
        st.detectable_effect(1),
        st.detectable_effect(10, sd=0.0),
        st.pairs_needed(0.0),
        st.pairs_needed(1e-9),
    ],
)
def test_is_undefined(value: st.Statistic) -> None:
    """One pair, no spread, or an effect too small for any number."""
    assert isinstance(value, st.Undefined)


def test_misuse_raises() -> None:
    """Power below the level, levels outside (0, 1), numbers that are none."""
    nan = float("nan")
    with pytest.raises(DomainError, match="above alpha"):
        st.pairs_needed(0.5, alpha=0.5, power=0.4)
    with pytest.raises(DomainError, match="alpha"):
        st.paired_power(0.5, 10, alpha=5.0)
    with pytest.raises(DomainError, match="finite"):
        st.paired_power(nan, 10)
    with pytest.raises(DomainError, match="finite"):
        st.pairs_needed(nan)
    with pytest.raises(DomainError, match="finite"):
        st.detectable_effect(10, sd=nan)
