"""What picking the best of N trials is worth: expected maximum, deflated Sharpe, effective trials.

The deflated Sharpe ratio is a p-value for independent trials only. Adaptive searches (TPE, LLM)
pass 0.95 on pure noise far more often than 5 %: show it with the proposer's kind.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from walras.core import DomainError
from walras.statistics._domain import (
    finite_floats,
    require_count,
    require_not_negative,
    require_one_of,
    require_positive,
)
from walras.statistics._metrics import sharpe
from walras.statistics._sharpe_inference import psr, skew_and_kurtosis
from walras.statistics._special import normal_cdfs, normal_density, normal_quantile, quadrature
from walras.statistics._undefined import Statistic, Undefined

_EULER_GAMMA = 0.5772156649015329


@dataclass(frozen=True, kw_only=True)
class DeflatedSharpe:
    """The ratio that the best of N noise trials would show, and the probability of beating it."""

    sr0: float
    dsr: Statistic


@dataclass(frozen=True, kw_only=True)
class DeflatedBest:
    """The best of N trials, deflated. `best_index` is its column."""

    best_index: int
    sr: float
    skew: float
    kurtosis: float
    sr_variance: float
    sr0: float
    dsr: Statistic


@dataclass(frozen=True, kw_only=True)
class BacktestLength:
    """Years of data below which the best of N noise trials is expected to reach the target."""

    years: float
    upper_bound_years: float


@dataclass(frozen=True, kw_only=True)
class EffectiveTrials:
    """Three answers to how many independent trials N correlated ones are worth. Report which.

    Attributes:
        rho_bar: Mean correlation off the diagonal; undefined for a single trial.
        mean_correlation: rho + (1 - rho) N, Bailey and Lopez de Prado (2014), not rounded.
        entropy: Exponential of the entropy of the eigenvalues, Roy and Vetterli (2007).
        participation: (sum of eigenvalues)^2 over the sum of their squares.
    """

    rho_bar: Statistic
    mean_correlation: float
    entropy: float
    participation: float


def expected_max_z(n_trials: int, *, form: Literal["approximation", "exact"] = "approximation") -> float:
    """Return the expected maximum of `n_trials` independent standard normals; 0 for one trial.

    The approximation is off by up to 8 % below 10 trials; its formula diverges at 1.

    Raises:
        DomainError: If `n_trials` is below 1.

    Source: Bailey and Lopez de Prado (2014), The deflated Sharpe ratio, JPM 40(5).
    """
    require_count("n_trials", n_trials, least=1)
    require_one_of("form", form, ("approximation", "exact"))
    if n_trials == 1:
        return 0.0
    if form == "exact":
        x, weights = quadrature(-12.0, 12.0, 400)
        density = n_trials * normal_density(x) * normal_cdfs(x) ** (n_trials - 1)
        return float(np.dot(weights, x * density))
    upper = -normal_quantile(1.0 / n_trials)
    return (1.0 - _EULER_GAMMA) * upper - _EULER_GAMMA * normal_quantile(1.0 / (n_trials * math.e))


def dsr(
    sr: float, n: int, *, n_trials: int, sr_variance: float, skew: float = 0.0, kurtosis: float = 3.0
) -> DeflatedSharpe:
    """Return `psr` of the best trial against the expected best of `n_trials` noise trials.

    Args:
        sr: Sharpe ratio of the best trial, per observation.
        n: Number of observations.
        n_trials: Every evaluation ever run on these scenarios, failed ones included.
        sr_variance: Variance (ddof 1) of the trials' Sharpe ratios, per observation.
        skew: Skewness of the best trial's returns.
        kurtosis: Non-excess kurtosis of the best trial's returns.

    Raises:
        DomainError: If `n_trials` is below 1 or the variance negative or not finite.

    Source: Bailey and Lopez de Prado (2014), JPM 40(5).
    """
    require_not_negative("sr_variance", sr_variance)
    sr0 = math.sqrt(sr_variance) * expected_max_z(n_trials)
    return DeflatedSharpe(sr0=sr0, dsr=psr(sr, n, skew=skew, kurtosis=kurtosis, sr_benchmark=sr0))


def dsr_from_trials(trial_returns: npt.ArrayLike, *, n_trials: int | None = None) -> DeflatedBest | Undefined:
    """Return the deflated Sharpe ratio of the best column.

    Trials with constant returns have no Sharpe ratio: they cannot win, do not enter the variance,
    and still count as trials.

    Args:
        trial_returns: Returns, shape (periods, trials).
        n_trials: Number of trials ever run, if more than the columns given.
    Returns: Undefined if no column varies.

    Raises:
        DomainError: If a return is NaN, or `n_trials` is below the number of columns.
    """
    matrix = finite_floats(trial_returns, "trial_returns", dimensions=2)
    columns = matrix.shape[1]
    count = columns if n_trials is None else n_trials
    if count < columns:
        raise DomainError(f"n_trials is {count}; it must be at least the {columns} columns given.")
    ratios = {j: value for j in range(columns) if isinstance(value := sharpe(matrix[:, j]), float)}
    if not ratios:
        return Undefined("no trial has a Sharpe ratio")
    best = max(ratios, key=lambda j: (ratios[j], -j))
    variance = float(np.var(list(ratios.values()), ddof=1)) if len(ratios) > 1 else 0.0
    if len(ratios) == 1 and count > 1:
        return Undefined("the variance among trials needs two trials with a Sharpe ratio")
    skew, kurtosis = skew_and_kurtosis(matrix[:, best])
    deflated = dsr(
        ratios[best], matrix.shape[0], n_trials=count, sr_variance=variance, skew=skew, kurtosis=kurtosis
    )
    return DeflatedBest(
        best_index=best,
        sr=ratios[best],
        skew=skew,
        kurtosis=kurtosis,
        sr_variance=variance,
        sr0=deflated.sr0,
        dsr=deflated.dsr,
    )


def min_btl(n_trials: int, *, target_annual_sharpe: float) -> BacktestLength:
    """Return the minimum backtest length for `n_trials` and an annual Sharpe ratio to be exceeded.

    Source: Bailey, Borwein, Lopez de Prado and Zhu (2014), Notices of the AMS 61(5).
    """
    require_positive("target_annual_sharpe", target_annual_sharpe)
    years = (expected_max_z(n_trials) / target_annual_sharpe) ** 2
    return BacktestLength(years=years, upper_bound_years=2.0 * math.log(n_trials) / target_annual_sharpe**2)


def effective_trials(correlation: npt.ArrayLike) -> EffectiveTrials:
    """Return how many independent trials a correlation matrix, shape (N, N), stands for.

    Raises:
        DomainError: If it is not square, symmetric, of unit diagonal and within [-1, 1].
    """
    matrix = finite_floats(correlation, "correlation", dimensions=2)
    n = matrix.shape[0]
    if n == 0 or matrix.shape != (n, n):
        raise DomainError(f"correlation has shape {matrix.shape}; it must be square and not empty.")
    unit = np.allclose(np.diag(matrix), 1.0, atol=1e-8)
    if not (unit and np.allclose(matrix, matrix.T, atol=1e-8) and np.abs(matrix).max() <= 1.0 + 1e-8):
        raise DomainError("correlation must be symmetric, with 1 on the diagonal and values from -1 to 1.")
    rho = float((matrix.sum() - n) / (n * (n - 1))) if n > 1 else 1.0
    eigenvalues = np.clip(np.linalg.eigvalsh(matrix), 0.0, None)
    shares = eigenvalues[eigenvalues > 0.0] / eigenvalues.sum()
    return EffectiveTrials(
        rho_bar=rho if n > 1 else Undefined("one trial has no correlation"),
        mean_correlation=rho + (1.0 - rho) * n,
        entropy=math.exp(-float(np.sum(shares * np.log(shares)))),
        participation=n * n / float(np.sum(matrix**2)),
    )
