"""Probability of backtest overfitting by combinatorially symmetric cross-validation.

It describes a search, not a strategy: about half of all noise searches fall below 0.5, and many
equally good configurations give 0.5 too. Read it with the number of configurations and with
`prob_oos_loss`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from walras.core import DomainError
from walras.statistics._domain import Floats, finite_floats, require_count
from walras.statistics._undefined import Statistic, Undefined

_CHUNK = 1024  # combinations held in memory at once


@dataclass(frozen=True, kw_only=True)
class Overfitting:
    """The probability of backtest overfitting and the further outputs of the paper.

    Attributes:
        n_configurations: Number of columns, N.
        n_combinations: Number of ways to choose half of the blocks.
        pbo: Share of combinations whose in-sample winner is at or below the out-of-sample median.
        logit_mean: Mean logit of the winner's relative rank.
        logit_median: Median logit.
        slope: Slope of the winner's out-of-sample on its in-sample metric.
        intercept: Intercept of that line.
        r2: Squared correlation of the two.
        prob_oos_loss: Share of combinations with the winner's out-of-sample metric below threshold.
        sd1_dominates: Whether the winner's out-of-sample distribution dominates, to first order,
            that of all configurations.
        sd2_dominates: The same to second order.
        degenerate: Whether every winner was tied with all others, so that `pbo` means nothing.
    """

    n_configurations: int
    n_combinations: int
    pbo: float
    logit_mean: float
    logit_median: float
    slope: Statistic
    intercept: Statistic
    r2: Statistic
    prob_oos_loss: float
    sd1_dominates: bool
    sd2_dominates: bool
    degenerate: bool


@dataclass(frozen=True)
class _Blocks:
    """Per-block sums from which the Sharpe ratio of any union of blocks follows."""

    length: int
    sums: Floats  # (blocks, N), of values minus the column's mean
    squares: Floats
    lows: Floats
    highs: Floats
    centre: Floats  # (N,)

    def sharpes(self, chosen: npt.NDArray[np.bool_]) -> Floats:
        """Return the Sharpe ratios on each union of blocks, shape (combinations, N); -inf if constant.

        Blocks are added in order, element by element, so identical columns stay exactly tied.
        """
        shape = (chosen.shape[0], self.centre.size)
        total, square = np.zeros(shape), np.zeros(shape)
        low, high = np.full(shape, np.inf), np.full(shape, -np.inf)
        for block in range(self.sums.shape[0]):
            rows = chosen[:, block]
            total[rows] += self.sums[block]
            square[rows] += self.squares[block]
            low[rows] = np.minimum(low[rows], self.lows[block])
            high[rows] = np.maximum(high[rows], self.highs[block])
        n = self.length * int(chosen[0].sum())
        mean = total / n
        variance = np.maximum(square - n * mean * mean, 0.0) / (n - 1)
        flat = (high - low) <= 1e-12 * np.maximum(np.abs(high), np.abs(low))
        usable = ~flat & (variance > 0.0)
        spread = np.sqrt(np.where(usable, variance, 1.0))
        return np.where(usable, (mean + self.centre) / spread, -np.inf)


def pbo_cscv(
    returns: npt.ArrayLike, *, n_blocks: int = 16, loss_threshold: float = 0.0
) -> Overfitting | Undefined:
    """Return the probability of backtest overfitting of a set of configurations.

    The metric is the Sharpe ratio (ddof 1). A configuration that is constant on a half ranks last
    there. A logit of exactly 0 counts as overfit; ranks of ties are averaged and divided by N + 1.

    Args:
        returns: Returns of N configurations on the same periods, shape (T, N).
        n_blocks: Even number S of contiguous blocks; T must be a multiple of it.
        loss_threshold: Out-of-sample metric below which the winner counts as a loss.
    Returns: Undefined for fewer than 2 configurations, or if none varies.

    Raises:
        DomainError: If `n_blocks` is odd or above 20, T is not a multiple of it or too short,
            or a return is NaN.

    Source: Bailey, Borwein, Lopez de Prado and Zhu (2017), J. Computational Finance 20(4).
    """
    matrix = finite_floats(returns, "returns", dimensions=2)
    _require_blocks(matrix.shape[0], n_blocks)
    if matrix.shape[1] < 2:
        return Undefined(f"{matrix.shape[1]} configurations; at least 2 must compete")
    blocks = _cut(matrix, n_blocks)
    inside, outside, ranks, everything = [], [], [], []
    for chosen in _halves(n_blocks):
        metric_in, metric_out = blocks.sharpes(chosen), blocks.sharpes(~chosen)
        rows = np.arange(chosen.shape[0])
        winner = metric_in.argmax(axis=1)
        won = metric_out[rows, winner]
        below = (metric_out < won[:, None]).sum(axis=1)
        level = (metric_out == won[:, None]).sum(axis=1)
        ranks.append(below + (level + 1) / 2.0)
        inside.append(metric_in[rows, winner])
        outside.append(won)
        everything.append(metric_out.ravel())
    best_in = np.concatenate(inside)
    if not np.isfinite(best_in).all():
        return Undefined("on some half of the blocks no configuration varies")
    return _summarise(
        best_in,
        np.concatenate(outside),
        np.concatenate(ranks),
        np.concatenate(everything),
        n=matrix.shape[1],
        threshold=loss_threshold,
    )


def _require_blocks(periods: int, n_blocks: int) -> None:
    require_count("n_blocks", n_blocks, least=2)
    if n_blocks % 2 or n_blocks > 20:
        raise DomainError(f"n_blocks is {n_blocks}; it must be even, and at most 20.")
    if periods % n_blocks or periods < 2 * n_blocks:
        raise DomainError(
            f"{periods} periods do not cut into {n_blocks} equal blocks of 2 and more.",
            hint=f"Leave out the first {periods % n_blocks} periods, or choose another n_blocks.",
        )


def _cut(matrix: Floats, n_blocks: int) -> _Blocks:
    centre = matrix.mean(axis=0)
    cube = matrix.reshape(n_blocks, -1, matrix.shape[1])
    shifted = cube - centre
    return _Blocks(
        length=cube.shape[1],
        sums=shifted.sum(axis=1),
        squares=(shifted**2).sum(axis=1),
        lows=cube.min(axis=1),
        highs=cube.max(axis=1),
        centre=centre,
    )


def _halves(n_blocks: int) -> Iterator[npt.NDArray[np.bool_]]:
    chosen = list(combinations(range(n_blocks), n_blocks // 2))
    for start in range(0, len(chosen), _CHUNK):
        part = np.asarray(chosen[start : start + _CHUNK])
        mask = np.zeros((part.shape[0], n_blocks), dtype=np.bool_)
        np.put_along_axis(mask, part, values=True, axis=1)
        yield mask


def _summarise(
    best_in: Floats, best_out: Floats, ranks: Floats, everything: Floats, *, n: int, threshold: float
) -> Overfitting:
    logits = np.log(ranks / (n + 1.0 - ranks))
    slope, intercept, r2 = _line(best_in, best_out)
    first, second = _dominance(best_out, everything)
    return Overfitting(
        n_configurations=n,
        n_combinations=best_in.size,
        pbo=float(np.mean(logits <= 0.0)),
        logit_mean=float(logits.mean()),
        logit_median=float(np.median(logits)),
        slope=slope,
        intercept=intercept,
        r2=r2,
        prob_oos_loss=float(np.mean(best_out < threshold)),
        sd1_dominates=first,
        sd2_dominates=second,
        degenerate=bool((ranks == (n + 1) / 2.0).all()),
    )


def _line(x: Floats, y: Floats) -> tuple[Statistic, Statistic, Statistic]:
    usable = np.isfinite(y)
    x, y = x[usable], y[usable]
    dx = x - x.mean() if x.size else x
    sxx = float(dx @ dx)
    if x.size < 2 or sxx <= 1e-24 * float(x @ x):
        missing = Undefined("the winner's in-sample metric does not vary")
        return missing, missing, missing
    dy = y - y.mean()
    sxy, syy = float(dx @ dy), float(dy @ dy)
    slope = sxy / sxx
    r2: Statistic = Undefined("the winner's out-of-sample metric does not vary")
    if syy > 1e-24 * float(y @ y):
        r2 = sxy * sxy / (sxx * syy)
    return slope, float(y.mean()) - slope * float(x.mean()), r2


def _dominance(winners: Floats, everything: Floats) -> tuple[bool, bool]:
    """Return whether `winners` dominates `everything` to first and to second order."""
    grid = np.unique(np.concatenate([winners, everything]))
    gap = _distribution(everything, grid) - _distribution(winners, grid)
    first = bool((gap >= 0.0).all() and (gap > 0.0).any())
    finite = np.isfinite(grid)
    area = np.cumsum(gap[finite][:-1] * np.diff(grid[finite]))
    second = bool(area.size and (area >= -1e-12).all() and (area > 1e-12).any())
    return first, second or first


def _distribution(sample: Floats, grid: Floats) -> Floats:
    return np.asarray(np.searchsorted(np.sort(sample), grid, side="right") / sample.size)
