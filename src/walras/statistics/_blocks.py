"""Drawdowns of resampled histories: stationary bootstrap and its block length.

With a synthetic market the generator itself is the better tool; this serves recorded returns.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from walras.core import DomainError
from walras.statistics._domain import (
    Floats,
    Ints,
    finite_floats,
    is_constant,
    require_count,
    require_one_of,
    require_positive,
)
from walras.statistics._metrics import DrawdownMode, drawdowns_of_paths
from walras.statistics._undefined import Undefined

_CELLS = 2_000_000  # resampled values held in memory at once


@dataclass(frozen=True, kw_only=True)
class BlockLengths:
    """Mean block length for the stationary, and block length for the circular bootstrap."""

    stationary: float
    circular: float


@dataclass(frozen=True, kw_only=True)
class DrawdownDistribution:
    """Maximum drawdown over resampled histories of the observed length.

    Attributes:
        p95: 95th percentile.
        p95_standard_error: Monte-Carlo standard error of `p95`.
        median: Median.
        observed: Drawdown of the history itself.
        mean_block: Mean block length used, in periods.
        resamples: Number of histories drawn.
    """

    p95: float
    p95_standard_error: float
    median: float
    observed: float
    mean_block: float
    resamples: int


def optimal_block_length(series: npt.ArrayLike) -> BlockLengths | Undefined:
    """Return the automatic block lengths of a stationary series, shape (n,).

    Lengths may fall below 1, which asks for single values. Undefined for fewer than 8 values or a
    constant series.

    Raises:
        DomainError: If a value is NaN or infinite.

    Source: Politis and White (2004), Econometric Reviews 23(1), corrected by Patton, Politis and
    White (2009). The cut-off lag follows the `arch` library, one lag above the paper's.
    """
    x = finite_floats(series, "series")
    n = x.size
    if n < 8:
        return Undefined(f"{n} values; at least 8 needed")
    if is_constant(x):
        return Undefined("all values are equal")
    run = max(5, int(math.log10(n)))
    longest = min(math.ceil(math.sqrt(n)) + run, n - 2)
    centred = x - x.mean()
    centred = centred / np.abs(centred).max()  # lengths have no unit
    covariance = np.array([float(centred[k:] @ centred[: n - k]) / n for k in range(longest + 1)])
    lags = _bandwidth(centred, covariance, run)
    k = np.arange(1, lags + 1)
    taper = np.where(k / lags <= 0.5, 1.0, 2.0 * (1.0 - k / lags))
    bias = float(np.sum(2.0 * taper * k * covariance[1 : lags + 1]))
    long_run = float(covariance[0] + np.sum(2.0 * taper * covariance[1 : lags + 1]))
    ceiling = float(math.ceil(min(3.0 * math.sqrt(n), n / 3.0)))
    # Without long-run variance the length has no bound but the ceiling.
    ratio = 2.0 * bias * bias * n / max(long_run * long_run, 1e-24)
    return BlockLengths(
        stationary=min((ratio / 2.0) ** (1.0 / 3.0), ceiling),
        circular=min((ratio / (4.0 / 3.0)) ** (1.0 / 3.0), ceiling),
    )


def _bandwidth(centred: Floats, covariance: Floats, run: int) -> int:
    """Return twice the lag from which `run` autocorrelations in a row are insignificant."""
    n, longest = centred.size, covariance.size - 1
    squares = centred * centred
    heads = np.array([squares[k + 1 :].sum() for k in range(longest + 1)])
    tails = np.array([squares[: n - k - 1].sum() for k in range(longest + 1)])
    significant = np.abs(covariance) * n >= 2.0 * math.sqrt(math.log10(n) / n) * np.sqrt(heads * tails)
    for lag in range(longest - run + 1):
        if not significant[lag : lag + run].any():
            return min(2 * max(lag, 1), longest)
    return longest


def stationary_indices(n: int, *, paths: int, mean_block: float, rng: np.random.Generator) -> Ints:
    """Return row numbers of stationary-bootstrap histories, shape (paths, n).

    Blocks have geometric lengths of mean `mean_block` and wrap around; 1 gives the iid bootstrap.

    Source: Politis and Romano (1994), JASA 89(428).
    """
    starts = rng.integers(0, n, size=(paths, n))
    restart = rng.random((paths, n)) < 1.0 / mean_block
    restart[:, 0] = True
    when = np.maximum.accumulate(np.where(restart, np.arange(n), 0), axis=1)
    return np.asarray((np.take_along_axis(starts, when, axis=1) + np.arange(n) - when) % n, dtype=np.int64)


def drawdowns_of_resamples(
    returns: npt.ArrayLike,
    resample_indices: npt.ArrayLike,
    *,
    mode: DrawdownMode = "compound",
    initial_capital: float = 1.0,
) -> Floats:
    """Return the maximum drawdown of each resampled history, shape (paths,), as a share of the peak.

    Args:
        returns: Simple returns or P&L, shape (n,).
        resample_indices: Row numbers of each history, shape (paths, length).
        mode: How returns accumulate, as in `max_drawdown`.
        initial_capital: Capital before the first period.

    Raises:
        DomainError: If a return is NaN or cannot compound, or an index is outside the series.
    """
    series = _compoundable(returns, mode)
    require_positive("initial_capital", initial_capital)
    rows = np.asarray(resample_indices)
    if rows.ndim != 2 or rows.size == 0 or rows.dtype.kind not in "iu":
        raise DomainError("resample_indices must be whole numbers of shape (paths, length), not empty.")
    if rows.min() < 0 or rows.max() >= series.size:
        raise DomainError(f"resample_indices must lie from 0 to {series.size - 1}.")
    return drawdowns_of_paths(series[rows], mode=mode, initial_capital=initial_capital, absolute=False)


def resampled_drawdown(
    returns: npt.ArrayLike,
    *,
    seed: int,
    mean_block: float,
    resamples: int = 10_000,
    mode: DrawdownMode = "compound",
    initial_capital: float = 1.0,
) -> DrawdownDistribution | Undefined:
    """Return the distribution of the maximum drawdown under the stationary bootstrap.

    Resampling single returns (block 1) understates drawdowns of autocorrelated returns; take the
    block length from `optimal_block_length` and report it.

    Args:
        returns: Simple returns or P&L, shape (n,).
        seed: Seed of the resampling.
        mean_block: Mean block length in periods, from 1 to n.
        resamples: Number of histories; at least 2000.
        mode: How returns accumulate.
        initial_capital: Capital before the first period.
    Returns: Undefined for fewer than 2 returns.

    Raises:
        DomainError: If a return is NaN or cannot compound, or an option is out of range.
    """
    series = _compoundable(returns, mode)
    require_count("resamples", resamples, least=2000)
    require_positive("initial_capital", initial_capital)
    if series.size < 2:
        return Undefined(f"{series.size} returns; at least 2 needed")
    if not 1.0 <= mean_block <= series.size:
        raise DomainError(f"mean_block is {mean_block!r}; it must lie from 1 to the {series.size} returns.")
    rng = np.random.default_rng(seed)
    chunk = max(1, _CELLS // series.size)
    parts = []
    for first in range(0, resamples, chunk):
        paths = min(chunk, resamples - first)
        rows = stationary_indices(series.size, paths=paths, mean_block=mean_block, rng=rng)
        parts.append(
            drawdowns_of_paths(series[rows], mode=mode, initial_capital=initial_capital, absolute=False)
        )
    drawn = np.concatenate(parts)
    observed = drawdowns_of_paths(series[None], mode=mode, initial_capital=initial_capital, absolute=False)
    return DrawdownDistribution(
        p95=float(np.quantile(drawn, 0.95)),
        p95_standard_error=_quantile_error(drawn, 0.95),
        median=float(np.median(drawn)),
        observed=float(observed[0]),
        mean_block=float(mean_block),
        resamples=resamples,
    )


def _compoundable(returns: npt.ArrayLike, mode: DrawdownMode) -> Floats:
    require_one_of("mode", mode, ("compound", "additive"))
    series = finite_floats(returns, "returns")
    if mode == "compound" and series.size and float(series.min()) < -1.0:
        raise DomainError(f"A return is {series.min():g}; below -1 it cannot compound.")
    return series


def _quantile_error(drawn: Floats, level: float) -> float:
    """Return the standard error of a quantile from the order statistics one binomial sd around it."""
    step = math.sqrt(level * (1.0 - level) / drawn.size)
    low, high = np.quantile(drawn, [level - step, level + step])
    return float(high - low) / 2.0
