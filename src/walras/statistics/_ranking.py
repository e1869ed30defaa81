"""Ranking optimisers over search problems, at equal budgets and on fresh-seed scores.

Blocks are problems; repeated searches lie inside them. With 3 optimisers and fewer than about
10 problems expect no significance.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from walras.core import DomainError
from walras.statistics._bootstrap import BootstrapInterval
from walras.statistics._domain import Floats, finite_floats, require_count, require_share
from walras.statistics._ranks import midranks
from walras.statistics._special import chi2_survival, f_survival, find_root, studentized_range_survival
from walras.statistics._undefined import Statistic, Undefined


@dataclass(frozen=True, kw_only=True)
class Friedman:
    """Friedman's test on ranks within blocks; rank 1 is the best.

    Attributes:
        mean_ranks: Mean rank of each optimiser.
        chi2: Statistic corrected for ties.
        chi2_no_tie_correction: Statistic without that correction.
        p: p-value of `chi2`.
        iman_davenport_f: The less conservative F; undefined where all blocks agree completely.
        p_f: Its p-value.
    """

    mean_ranks: tuple[float, ...]
    chi2: float
    chi2_no_tie_correction: float
    p: float
    iman_davenport_f: Statistic
    p_f: Statistic


@dataclass(frozen=True, kw_only=True)
class Improvement:
    """P(X > Y) + P(X = Y) / 2 within each task, and its mean over tasks."""

    probability: float
    per_task: tuple[float, ...]


def friedman(scores: npt.ArrayLike, *, higher_is_better: bool = True) -> Friedman | Undefined:
    """Return Friedman's test that all optimisers rank alike.

    Args:
        scores: Mean score of each optimiser on each problem, shape (blocks, optimisers).
        higher_is_better: Direction of the scores.
    Returns: Undefined for fewer than 2 blocks or optimisers, or if every block is one tie.

    Raises:
        DomainError: If a score is NaN.

    Source: Friedman (1937); Iman and Davenport (1980), Communications in Statistics A9.
    """
    table = finite_floats(scores, "scores", dimensions=2)
    n, k = table.shape
    if n < 2 or k < 2:
        return Undefined(f"{n} blocks of {k} optimisers; at least 2 of each needed")
    ranks = np.array([midranks(-row if higher_is_better else row) for row in table])
    deviations = ranks.sum(axis=0) - n * (k + 1) / 2.0
    spread = float(np.sum((ranks - (k + 1) / 2.0) ** 2))
    if spread == 0.0:
        return Undefined("every block is one tie")
    chi2 = (k - 1) * float(np.sum(deviations**2)) / spread
    f, p_f = _iman_davenport(chi2, n, k)
    return Friedman(
        mean_ranks=tuple(map(float, ranks.mean(axis=0))),
        chi2=chi2,
        chi2_no_tie_correction=12.0 * float(np.sum(deviations**2)) / (n * k * (k + 1)),
        p=chi2_survival(chi2, k - 1),
        iman_davenport_f=f,
        p_f=p_f,
    )


def _iman_davenport(chi2: float, n: int, k: int) -> tuple[Statistic, Statistic]:
    room = n * (k - 1) - chi2
    if room <= 1e-9 * n * k:
        agreed = Undefined("all blocks agree completely; F is unbounded")
        return agreed, agreed
    f = (n - 1) * chi2 / room
    return f, f_survival(f, k - 1, (k - 1) * (n - 1))


def nemenyi_cd(k: int, *, n_blocks: int, alpha: float = 0.05) -> float:
    """Return the difference in mean ranks beyond which two of k optimisers differ.

    The verdict on two depends on who else is in the pool; pairwise Wilcoxon with Holm does not.

    Raises:
        DomainError: If k is below 2, `n_blocks` below 1, or alpha out of range.

    Source: Demsar (2006), JMLR 7; studentized range at infinite degrees of freedom over sqrt 2.
    """
    require_count("k", k, least=2)
    require_count("n_blocks", n_blocks, least=1)
    require_share("alpha", alpha)
    q = find_root(lambda x: studentized_range_survival(x, k) - alpha, 0.0, 30.0)
    return q / math.sqrt(2.0) * math.sqrt(k * (k + 1) / (6.0 * n_blocks))


def interquartile_mean(scores: npt.ArrayLike) -> Statistic:
    """Return the mean of the middle half over all runs and tasks, shape (runs, tasks).

    A quarter of the values, rounded down, is cut at each end. Normalise scores per task first.

    Raises:
        DomainError: If a score is NaN.

    Source: Agarwal et al. (2021), Deep RL at the edge of the statistical precipice, NeurIPS.
    """
    table = finite_floats(scores, "scores", dimensions=2)
    if table.size == 0:
        return Undefined("no scores")
    return float(_middle_mean(table.reshape(1, -1))[0])


def interquartile_mean_interval(
    scores: npt.ArrayLike, *, seed: int, confidence: float = 0.95, resamples: int = 2000
) -> BootstrapInterval | Undefined:
    """Return the percentile interval of `interquartile_mean`, resampling runs within each task.

    Args:
        scores: Normalised scores, shape (runs, tasks).
        seed: Seed of the resampling.
        confidence: Nominal coverage.
        resamples: Number of resamples.
    Returns: Undefined for fewer than 2 runs.

    Raises:
        DomainError: If a score is NaN or an option is out of range.

    Source: Agarwal et al. (2021), stratified bootstrap.
    """
    table = finite_floats(scores, "scores", dimensions=2)
    require_share("confidence", confidence)
    require_count("resamples", resamples, least=1000)
    runs, tasks = table.shape
    if runs < 2 or tasks == 0:
        return Undefined(f"{runs} runs of {tasks} tasks; at least 2 runs needed")
    rng = np.random.default_rng(seed)
    draws = [table[rng.integers(0, runs, size=(runs, tasks)), np.arange(tasks)] for _ in range(resamples)]
    means = _middle_mean(np.stack(draws).reshape(resamples, -1))
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(means, [tail, 1.0 - tail])
    estimate = float(_middle_mean(table.reshape(1, -1))[0])
    return BootstrapInterval(estimate=estimate, ci_low=float(low), ci_high=float(high), confidence=confidence)


def _middle_mean(rows: Floats) -> Floats:
    cut = rows.shape[1] // 4
    return np.asarray(np.sort(rows, axis=1)[:, cut : rows.shape[1] - cut].mean(axis=1), dtype=np.float64)


def performance_profile(scores: npt.ArrayLike, taus: npt.ArrayLike) -> Floats:
    """Return the share of all runs and tasks with a score strictly above each tau, shape (taus,).

    Raises:
        DomainError: If a value is NaN, or there is no score.
    """
    table = finite_floats(scores, "scores", dimensions=2)
    levels = finite_floats(taus, "taus")
    if table.size == 0:
        raise DomainError("scores is empty; a profile needs at least one.")
    return np.asarray((table.reshape(-1, 1) > levels).mean(axis=0), dtype=np.float64)


def probability_of_improvement(x: npt.ArrayLike, y: npt.ArrayLike) -> Improvement:
    """Return the probability that a run of X beats a run of Y on the same task.

    Args:
        x: Scores of X, shape (runs_x, tasks).
        y: Scores of Y, shape (runs_y, tasks).

    Raises:
        DomainError: If a score is NaN, the tasks differ in number, or there is no run.

    Source: Agarwal et al. (2021).
    """
    first = finite_floats(x, "x", dimensions=2)
    second = finite_floats(y, "y", dimensions=2)
    if first.size == 0 or second.size == 0 or first.shape[1] != second.shape[1]:
        raise DomainError(f"x has shape {first.shape} and y {second.shape}; they must share their tasks.")
    gap = np.sign(first[:, None, :] - second[None, :, :])
    per_task = (gap.mean(axis=(0, 1)) + 1.0) / 2.0
    return Improvement(probability=float(per_task.mean()), per_task=tuple(map(float, per_task)))
