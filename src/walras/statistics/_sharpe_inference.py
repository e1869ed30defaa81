"""How sure one Sharpe ratio is: the probabilistic Sharpe ratio and the minimum track record.

All ratios are per observation and all kurtoses non-excess (3 for the normal). Ratios use the
sample standard deviation; skewness and kurtosis are the population (biased) moments.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from walras.statistics._domain import Floats, as_floats, require_count, require_share
from walras.statistics._metrics import sharpe
from walras.statistics._special import normal_cdf, normal_quantile
from walras.statistics._undefined import Statistic, Undefined

_LEAST_OBSERVATIONS = 4  # below this the four moments are not determined


@dataclass(frozen=True, kw_only=True)
class ProbabilisticSharpe:
    """A Sharpe ratio with its moments and the probability that the true one beats the benchmark."""

    n: int
    sr: float
    skew: float
    kurtosis: float
    psr: Statistic


def _variance_factor(at: float, skew: float, kurtosis: float) -> Statistic:
    factor = 1.0 - skew * at + (kurtosis - 1.0) / 4.0 * at * at
    if not math.isfinite(factor):
        return Undefined("a moment is NaN or infinite")
    if factor <= 0.0:
        return Undefined("these moments belong to no distribution: the variance term is not positive")
    return factor


def _probability(sr: float, benchmark: float, factor: Statistic, *, n: int, divisor: int) -> Statistic:
    if n < _LEAST_OBSERVATIONS:
        return Undefined(f"{n} observations; at least {_LEAST_OBSERVATIONS} needed")
    if not (math.isfinite(sr) and math.isfinite(benchmark)):
        return Undefined("a Sharpe ratio is NaN or infinite")
    if isinstance(factor, Undefined):
        return factor
    return normal_cdf((sr - benchmark) / math.sqrt(factor / divisor))


def psr(
    sr: float, n: int, *, skew: float = 0.0, kurtosis: float = 3.0, sr_benchmark: float = 0.0
) -> Statistic:
    """Return the probability that the true Sharpe ratio exceeds `sr_benchmark`.

    The variance is taken at the observed ratio, with divisor n - 1.

    Args:
        sr: Observed Sharpe ratio, per observation.
        n: Number of observations.
        skew: Skewness of the returns.
        kurtosis: Non-excess kurtosis of the returns; 3 for the normal.
        sr_benchmark: Ratio to beat, per observation.
    Returns: A probability; undefined for n below 4 or impossible moments.

    Source: Bailey and Lopez de Prado (2012), The Sharpe ratio efficient frontier, J. Risk 15(2).
    """
    require_count("n", n, least=0)
    return _probability(sr, sr_benchmark, _variance_factor(sr, skew, kurtosis), n=n, divisor=n - 1)


def psr_h0_variance(
    sr: float, n: int, *, skew: float = 0.0, kurtosis: float = 3.0, sr_benchmark: float = 0.0
) -> Statistic:
    """Return the 2025 variant of `psr`: the variance under the null, with divisor n.

    Against a benchmark of 0 the skewness and kurtosis drop out. Do not mix it with `psr`.
    Independent returns are assumed; the source's AR(1) terms are left out.

    Source: Lopez de Prado, Lipton and Zoonekynd (2025), How to use the Sharpe ratio.
    """
    require_count("n", n, least=0)
    return _probability(sr, sr_benchmark, _variance_factor(sr_benchmark, skew, kurtosis), n=n, divisor=n)


def skew_and_kurtosis(series: Floats) -> tuple[float, float]:
    """Return the population skewness and non-excess kurtosis of a series that varies, shape (n,)."""
    centred = series - series.mean()
    centred = centred / np.abs(centred).max()  # keeps fourth powers of small returns from underflowing
    second = float(np.mean(centred**2))
    return float(np.mean(centred**3)) / second**1.5, float(np.mean(centred**4)) / second**2


def psr_from_returns(returns: npt.ArrayLike, *, sr_benchmark: float = 0.0) -> ProbabilisticSharpe | Undefined:
    """Return the Sharpe ratio of a series, its moments, and `psr` against the benchmark.

    Args:
        returns: Simple returns, shape (n,).
        sr_benchmark: Ratio to beat, per observation.
    Returns: Undefined as a whole for a constant series, fewer than 4 values, or NaN.
    """
    series = as_floats(returns, "returns")
    if series.size < _LEAST_OBSERVATIONS:
        return Undefined(f"{series.size} observations; at least {_LEAST_OBSERVATIONS} needed")
    ratio = sharpe(series)
    if isinstance(ratio, Undefined):
        return ratio
    skew, kurtosis = skew_and_kurtosis(series)
    probability = psr(ratio, series.size, skew=skew, kurtosis=kurtosis, sr_benchmark=sr_benchmark)
    return ProbabilisticSharpe(n=series.size, sr=ratio, skew=skew, kurtosis=kurtosis, psr=probability)


def min_trl(
    sr: float, *, skew: float = 0.0, kurtosis: float = 3.0, sr_benchmark: float = 0.0, alpha: float = 0.05
) -> Statistic:
    """Return the minimum track record length: the observations at which `psr` reaches 1 - alpha.

    Args:
        sr: Observed Sharpe ratio, per observation.
        skew: Skewness of the returns.
        kurtosis: Non-excess kurtosis of the returns.
        sr_benchmark: Ratio to beat, per observation.
        alpha: One minus the confidence.
    Returns: A number of observations, not rounded; undefined where no length suffices because the
        ratio is not above the benchmark, and for impossible moments.

    Source: Bailey and Lopez de Prado (2012), J. Risk 15(2).
    """
    require_share("alpha", alpha)
    if not (math.isfinite(sr) and math.isfinite(sr_benchmark)):
        return Undefined("a Sharpe ratio is NaN or infinite")
    if sr <= sr_benchmark:
        return Undefined("no length suffices: the Sharpe ratio is not above the benchmark")
    factor = _variance_factor(sr, skew, kurtosis)
    if isinstance(factor, Undefined):
        return factor
    return 1.0 + factor * (normal_quantile(1.0 - alpha) / (sr - sr_benchmark)) ** 2
