"""Descriptions of one run."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from walras import statistics as st
from walras.core import DomainError

RETURNS = some.lists(some.floats(-0.5, 0.5, allow_subnormal=False), min_size=2, max_size=40)
NAN = float("nan")


@given(RETURNS, some.floats(0.01, 100.0))
def test_sharpe_does_not_depend_on_the_unit(returns: list[float], factor: float) -> None:
    """Scaling all returns leaves the ratio as it is."""
    first, second = st.sharpe(returns), st.sharpe(np.array(returns) * factor)
    if isinstance(first, float) and isinstance(second, float):
        assert second == pytest.approx(first, rel=1e-6, abs=1e-9)
    else:
        assert isinstance(first, st.Undefined) == isinstance(second, st.Undefined)


@given(some.floats(-1e3, 1e3), some.integers(2, 50))
def test_a_constant_series_has_no_sharpe_ratio(value: float, n: int) -> None:
    """Rounding in the standard deviation never turns into a huge ratio."""
    assert isinstance(st.sharpe(np.full(n, value)), st.Undefined)


@given(RETURNS)
def test_drawdown_lies_between_nothing_and_everything(returns: list[float]) -> None:
    """It is positive and at most 1 when compounding returns above -1."""
    drawdown = st.max_drawdown(returns)
    assert isinstance(drawdown, float)
    assert 0.0 <= drawdown < 1.0
    assert (drawdown == 0.0) == all(r >= 0.0 or 1.0 + r == 1.0 for r in returns)


def test_losing_everything_is_a_drawdown_of_one() -> None:
    """-100 % gives 1, whatever follows."""
    assert st.max_drawdown([0.5, -1.0, 3.0]) == 1.0


@pytest.mark.parametrize(
    "value",
    [
        st.sharpe([0.1, NAN]),
        st.sharpe([0.1, 1e200]),
        st.sharpe([0.0, 1e-200]),
        st.sharpe([0.1, 0.2], risk_free_per_period=NAN),
        st.sharpe([1.0, 1.0, 1.0], risk_free_per_period=0.1),
        st.sortino([0.1]),
        st.sortino([0.1, NAN]),
        st.sortino([0.1, 0.2], target_per_period=NAN),
        st.max_drawdown([]),
        st.max_drawdown([-1.5, 0.1]),
        st.profit_factor([]),
        st.profit_factor([0.0, 0.0]),
        st.win_rate([]),
        st.win_rate([NAN]),
    ],
)
def test_is_undefined(value: st.Statistic) -> None:
    """Too little, constant or missing data give a reason, not a number."""
    assert isinstance(value, st.Undefined)


def test_population_standard_deviation_is_an_option() -> None:
    """Ddof 0 gives the larger ratio."""
    assert st.sharpe([0.0, 0.1], ddof=0) == pytest.approx(1.0)


def test_zero_trades_count_for_the_win_rate_only() -> None:
    """A trade at zero is no win."""
    assert st.win_rate([1.0, 0.0, -1.0, 2.0]) == 0.5
    assert st.profit_factor([1.0, 0.0, -1.0, 2.0]) == 3.0


def test_an_additive_drawdown_may_exceed_the_capital() -> None:
    """A bankroll in the red has lost more than its peak."""
    assert st.max_drawdown([-150.0], mode="additive", initial_capital=100.0) == 1.5


def test_regimes_with_missing_returns_are_undefined_alone() -> None:
    """One bad regime leaves the others as they are."""
    found = st.regime_sharpe([0.1, NAN, 0.1, 0.3], ["a", "a", "b", "b"])
    assert isinstance(found["a"].sharpe, st.Undefined)
    assert found["b"].sharpe == pytest.approx(math.sqrt(2.0))


def test_misuse_raises() -> None:
    """Unknown modes, impossible capital and unmatched labels are errors."""
    with pytest.raises(DomainError, match="mode"):
        st.max_drawdown([0.1], mode="log")  # type: ignore[arg-type]
    with pytest.raises(DomainError, match="initial_capital"):
        st.max_drawdown([0.1], initial_capital=0.0)
    with pytest.raises(DomainError, match="periods_per_year"):
        st.sharpe([0.1, 0.2], periods_per_year=NAN)
    with pytest.raises(DomainError, match="ddof"):
        st.sharpe([0.1, 0.2], ddof=2)
    with pytest.raises(DomainError, match="label"):
        st.regime_sharpe([0.1, 0.2], ["a"])
