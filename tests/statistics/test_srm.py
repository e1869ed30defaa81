"""Sample-ratio mismatch."""

import pytest

from walras import statistics as st
from walras.core import DomainError


def test_an_empty_arm_of_weight_zero_is_left_out() -> None:
    """It was promised nothing and got nothing."""
    assert st.srm_chi2([60, 40, 0], [1, 1, 0]) == st.srm_chi2([60, 40], [1, 1])


def test_small_expectations_are_shown() -> None:
    """Below 5 the p-value is rough."""
    found = st.srm_chi2([3, 5], [1, 1])
    assert isinstance(found, st.RatioTest)
    assert found.least_expected == 4.0


@pytest.mark.parametrize(("observed", "weights"), [([0, 0], [1, 1]), ([5], [1]), ([5, 0], [1, 0]), ([], [])])
def test_is_undefined(observed: list[int], weights: list[int]) -> None:
    """No units, or one arm only."""
    assert isinstance(st.srm_chi2(observed, weights), st.Undefined)


@pytest.mark.parametrize(
    ("observed", "weights", "message"),
    [
        ([5, 5], [1, 0], "weight 0"),
        ([5, 5], [1, -1], "at least 0"),
        ([5, -5], [1, 1], "whole numbers"),
        ([5, 4.5], [1, 1], "whole numbers"),
        ([5, 5], [1, 1, 1], "match"),
    ],
)
def test_misuse_raises(observed: list[float], weights: list[float], message: str) -> None:
    """Counts are whole, weights are shares, and a weight of 0 holds no unit."""
    with pytest.raises(DomainError, match=message):
        st.srm_chi2(observed, weights)


def test_a_sequence_without_batches_is_empty() -> None:
    """Nothing was seen yet."""
    assert st.srm_sequential([], [0.5, 0.5]).always_valid_p == ()


@pytest.mark.parametrize(
    ("batches", "probabilities", "message"),
    [
        ([[1, 2]], [0.5, 0.6], "sum 1"),
        ([[1, 2]], [1.0], "2 or more"),
        ([[1, 2]], [1.0, 0.0], "above 0"),
        ([[1, 2, 3]], [0.5, 0.5], "3 arms"),
        ([[1, -2]], [0.5, 0.5], "whole numbers"),
    ],
)
def test_sequential_misuse_raises(batches: object, probabilities: list[float], message: str) -> None:
    """Shares sum to 1, arms match, counts are whole."""
    with pytest.raises(DomainError, match=message):
        st.srm_sequential(batches, probabilities)  # type: ignore[arg-type]


def test_missing_halves_are_a_sign_test() -> None:
    """All five missing on one side is 2 / 2^5."""
    assert st.missing_halves(5, 0) == pytest.approx(0.0625)
    assert st.missing_halves(3, 3) == 1.0
    assert st.missing_halves(0, 0) == 1.0
    with pytest.raises(DomainError, match="only_in_b"):
        st.missing_halves(1, -1)
