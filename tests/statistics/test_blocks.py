"""Resampled drawdowns and block lengths."""

import numpy as np
import pytest

from walras import statistics as st
from walras.core import DomainError

RNG = np.random.default_rng(0)
NOISE = RNG.normal(0.0, 0.01, size=200)


def autoregressive(n: int, phi: float) -> np.ndarray:
    shocks = np.random.default_rng(1).normal(0.0, 0.01, size=n)
    values = np.zeros(n)
    for t in range(1, n):
        values[t] = phi * values[t - 1] + shocks[t]
    return values


def test_dependence_asks_for_longer_blocks() -> None:
    """And the circular length is the larger of the two."""
    short, long = st.optimal_block_length(NOISE), st.optimal_block_length(autoregressive(400, 0.8))
    assert isinstance(short, st.BlockLengths)
    assert isinstance(long, st.BlockLengths)
    assert short.stationary < long.stationary < long.circular


def test_a_trend_takes_the_longest_bandwidth() -> None:
    """No run of small autocorrelations exists."""
    trend, noise = st.optimal_block_length(np.arange(60.0)), st.optimal_block_length(NOISE[:60])
    assert isinstance(trend, st.BlockLengths)
    assert isinstance(noise, st.BlockLengths)
    assert trend.stationary > 3.0 * noise.stationary


def test_lengths_stay_below_a_third_of_the_series() -> None:
    """An alternating series has next to no long-run variance."""
    found = st.optimal_block_length(np.tile([1.0, -1.0], 10))
    assert found == st.BlockLengths(stationary=7.0, circular=7.0)


def test_lengths_have_no_unit() -> None:
    """Scale and shift leave them as they are."""
    plain, scaled = st.optimal_block_length(NOISE), st.optimal_block_length(NOISE * 1e-100)
    assert isinstance(plain, st.BlockLengths)
    assert isinstance(scaled, st.BlockLengths)
    assert scaled.stationary == pytest.approx(plain.stationary)


def test_short_series_have_lengths_too() -> None:
    """The lags never run out of data."""
    for n in range(8, 30):
        assert isinstance(st.optimal_block_length(NOISE[:n]), st.BlockLengths)


@pytest.mark.parametrize("series", [np.zeros(50), NOISE[:7]])
def test_block_length_is_undefined(series: np.ndarray) -> None:
    """A constant or very short series has none."""
    assert isinstance(st.optimal_block_length(series), st.Undefined)


def test_resampled_drawdown_is_a_function_of_its_seed() -> None:
    """The same seed gives the same distribution."""
    first, second, other = (
        st.resampled_drawdown(NOISE, seed=s, mean_block=5, resamples=2000) for s in (1, 1, 2)
    )
    assert first == second != other


def test_longer_blocks_show_deeper_drawdowns_of_dependent_returns() -> None:
    """Resampling single returns understates the risk."""
    returns = autoregressive(300, 0.6)
    single, blocks = (
        st.resampled_drawdown(returns, seed=3, mean_block=length, resamples=2000) for length in (1, 15)
    )
    assert isinstance(single, st.DrawdownDistribution)
    assert isinstance(blocks, st.DrawdownDistribution)
    assert blocks.p95 > single.p95 + 3 * single.p95_standard_error
    assert blocks.observed == single.observed == st.max_drawdown(returns)


def test_additive_profit_needs_no_lower_limit() -> None:
    """Currency can be lost beyond the capital."""
    found = st.resampled_drawdown([-3.0, 1.0, 2.0], seed=0, mean_block=1, resamples=2000, mode="additive")
    assert isinstance(found, st.DrawdownDistribution)
    assert found.p95 > 1.0


def test_a_single_return_cannot_be_resampled() -> None:
    """Every history would be the same."""
    assert isinstance(st.resampled_drawdown([0.1], seed=0, mean_block=1), st.Undefined)


def test_misuse_raises() -> None:
    """Too few resamples, impossible blocks, returns and indices."""
    with pytest.raises(DomainError, match="mean_block"):
        st.resampled_drawdown(NOISE, seed=0, mean_block=0.5)
    with pytest.raises(DomainError, match="resamples"):
        st.resampled_drawdown(NOISE, seed=0, mean_block=2, resamples=100)
    with pytest.raises(DomainError, match="cannot compound"):
        st.drawdowns_of_resamples([-2.0], [[0]])
    with pytest.raises(DomainError, match="whole numbers"):
        st.drawdowns_of_resamples([0.1], [[0.0]])
    with pytest.raises(DomainError, match="from 0 to 0"):
        st.drawdowns_of_resamples([0.1], [[1]])
