"""The arithmetic is exact, agrees with the statistics package, and never invents a value."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walras import statistics
from walras.backtest import _arithmetic as exact
from walras.core import Undefined

SERIES = st.lists(st.integers(-(10**12), 10**12), min_size=2, max_size=80)


@given(SERIES)
def test_ratios_agree_with_the_statistics_package(values: list[int]) -> None:
    """One definition of each ratio serves the whole package; only the rounding differs."""
    floats = [float(value) for value in values]
    for ours, theirs in (
        (exact.sharpe(values), statistics.sharpe(floats)),
        (exact.sortino(values), statistics.sortino(floats)),
        (exact.profit_factor(values), statistics.profit_factor(floats)),
        (exact.win_rate(values), statistics.win_rate(floats)),
    ):
        if isinstance(ours, Undefined):
            assert isinstance(theirs, statistics.Undefined)
        elif isinstance(theirs, statistics.Undefined):
            assert theirs.reason == "all returns are equal"  # a spread lost in a float's rounding
        else:
            assert ours == pytest.approx(theirs, rel=1e-5, abs=1e-9)


def test_sharpe_of_a_known_series() -> None:
    """1, 2, 3 has mean 2 and sample deviation 1."""
    assert exact.sharpe([1, 2, 3]) == 2.0
    assert exact.sharpe([-1, -2, -3]) == -2.0


def test_sortino_of_a_known_series() -> None:
    """3, -1, 0, 2 has mean 1 and downside deviation sqrt(1 / 4)."""
    assert exact.sortino([3, -1, 0, 2]) == 2.0


@given(SERIES)
def test_order_does_not_change_a_bit(values: list[int]) -> None:
    """Sums are exact, so any order of the blocks gives the same float."""
    assert exact.sharpe(values) == exact.sharpe(values[::-1])
    assert exact.mean(values) == exact.mean(sorted(values))


@pytest.mark.parametrize(
    "value",
    [
        exact.sharpe([5]),
        exact.sharpe([5, 5, 5]),
        exact.sortino([1]),
        exact.sortino([1, 2]),
        exact.profit_factor([1, 0]),
        exact.win_rate([]),
        exact.mean([]),
        exact.standard_error([1.0]),
        exact.ratio(1, 0, reason="nothing"),
    ],
)
def test_no_value_is_undefined_with_a_reason(value: object) -> None:
    """Where there is no value there is a reason, never 0 and never NaN."""
    assert isinstance(value, Undefined)
    assert value.undefined


def test_standard_error_of_a_known_series() -> None:
    """1, 3 has sample deviation sqrt(2), over sqrt(2) scenarios."""
    assert exact.standard_error([1.0, 3.0]) == 1.0
    assert exact.standard_error([2.0, 2.0]) == 0.0


def test_float_sums_are_correctly_rounded() -> None:
    """A sum that loses everything in plain addition keeps it here."""
    assert exact.mean([1e16, 1.0, -1e16]) == 1.0 / 3
    assert not math.isnan(exact.mean([0.0]))  # type: ignore[arg-type]
