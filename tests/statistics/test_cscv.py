"""Probability of backtest overfitting."""

import numpy as np
import pytest

from walras import statistics as st
from walras.core import DomainError


def noise(periods: int, columns: int, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(periods, columns))


def test_a_real_edge_is_not_overfit() -> None:
    """The same column wins everywhere and ranks first out of sample."""
    returns = noise(160, 6)
    returns[:, 3] += 1.0
    found = st.pbo_cscv(returns, n_blocks=8)
    assert isinstance(found, st.Overfitting)
    assert found.pbo == 0.0
    assert found.prob_oos_loss == 0.0
    assert found.sd1_dominates
    assert found.sd2_dominates


def test_agrees_with_a_direct_computation() -> None:
    """Block sums give what concatenating the blocks gives."""
    from itertools import combinations

    returns = noise(60, 5, seed=4)
    blocks = returns.reshape(6, 10, 5)
    logits = []
    for chosen in combinations(range(6), 3):
        inside = np.concatenate([blocks[b] for b in chosen])
        outside = np.concatenate([blocks[b] for b in range(6) if b not in chosen])
        ratio_in = inside.mean(0) / inside.std(0, ddof=1)
        ratio_out = outside.mean(0) / outside.std(0, ddof=1)
        rank = (ratio_out <= ratio_out[ratio_in.argmax()]).sum()
        logits.append(np.log(rank / (6 - rank)))
    found = st.pbo_cscv(returns, n_blocks=6)
    assert isinstance(found, st.Overfitting)
    assert found.logit_mean == pytest.approx(np.mean(logits))
    assert found.pbo == np.mean(np.array(logits) <= 0.0)


def test_identical_columns_are_flagged_as_degenerate() -> None:
    """All ranks tie, and the number means nothing."""
    found = st.pbo_cscv(np.repeat(noise(40, 1), 3, axis=1), n_blocks=4)
    assert isinstance(found, st.Overfitting)
    assert found.degenerate
    assert found.pbo == 1.0


def test_a_constant_column_never_wins() -> None:
    """Rounding noise in its deviation would give it a huge ratio."""
    losing = noise(40, 2) - 5.0
    found = st.pbo_cscv(np.column_stack([losing, np.full(40, 0.001)]), n_blocks=4)
    assert isinstance(found, st.Overfitting)
    assert found.prob_oos_loss == 1.0


def test_a_winner_that_stops_trading_counts_as_a_loss() -> None:
    """Its out-of-sample ratio is undefined, so it ranks last and leaves the regression."""
    returns = noise(40, 2) - 3.0
    returns[:20, 0] += 9.0
    returns[20:, 0] = 0.0
    returns[20:, 1] = noise(20, 1, seed=9)[:, 0] - 9.0
    found = st.pbo_cscv(returns, n_blocks=2)
    assert isinstance(found, st.Overfitting)
    assert found.prob_oos_loss >= 0.5
    assert isinstance(found.slope, st.Undefined)


def test_a_flat_outcome_has_no_r2() -> None:
    """Two winners of different strength end with the same ratio."""
    returns = np.array([[5.0, 1.0], [6.0, 2.0], [1.0, 7.0], [2.0, 8.0]])
    found = st.pbo_cscv(returns, n_blocks=2)
    assert isinstance(found, st.Overfitting)
    assert found.slope == pytest.approx(0.0)
    assert isinstance(found.r2, st.Undefined)


@pytest.mark.parametrize("returns", [np.zeros((8, 3)), noise(8, 1)])
def test_is_undefined(returns: np.ndarray) -> None:
    """One configuration, or none that varies, has no probability of overfitting."""
    assert isinstance(st.pbo_cscv(returns, n_blocks=4), st.Undefined)


@pytest.mark.parametrize(("periods", "n_blocks"), [(40, 5), (42, 4), (4, 4), (40, 0), (220, 22)])
def test_blocks_must_be_even_and_equal(periods: int, n_blocks: int) -> None:
    """The paper needs equal halves."""
    with pytest.raises(DomainError, match=r"n_blocks|blocks"):
        st.pbo_cscv(noise(periods, 3), n_blocks=n_blocks)


def test_missing_returns_are_an_error() -> None:
    """A hole is never skipped in silence."""
    returns = noise(8, 2)
    returns[0, 0] = np.nan
    with pytest.raises(DomainError, match="NaN"):
        st.pbo_cscv(returns, n_blocks=4)
