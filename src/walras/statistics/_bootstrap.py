"""Bootstrap intervals for the mean (BCa) and the median (percentile)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from walras.statistics._domain import Floats, finite_floats, is_constant, require_count, require_share
from walras.statistics._special import normal_cdf, normal_quantile
from walras.statistics._undefined import Undefined

_CELLS = 2_000_000


@dataclass(frozen=True, kw_only=True)
class BootstrapInterval:
    """An estimate with its bootstrap interval, in the unit of the sample."""

    estimate: float
    ci_low: float
    ci_high: float
    confidence: float


@dataclass(frozen=True, kw_only=True)
class BcaInterval(BootstrapInterval):
    """A bias-corrected and accelerated interval, with its two corrections."""

    acceleration: float
    bias_correction: float


def bca_interval_mean(
    sample: npt.ArrayLike, *, seed: int, confidence: float = 0.95, resamples: int = 20_000
) -> BcaInterval | Undefined:
    """Return the BCa bootstrap interval for the mean. Below 8 values it covers too little.

    Args:
        sample: Independent values, shape (n,).
        seed: Seed of the resampling.
        confidence: Nominal coverage.
        resamples: Number of resamples.
    Returns: Undefined for fewer than 3 values or a constant sample.

    Raises:
        DomainError: If a value is NaN or infinite, or an option is out of range.

    Source: Efron (1987), Better bootstrap confidence intervals, JASA 82(397).
    """
    x = _checked(sample, confidence, resamples)
    if isinstance(x, Undefined):
        return x
    estimate = float(x.mean())
    drawn = np.sort(_resampled(x, np.mean, seed=seed, resamples=resamples))
    centred = x - estimate  # the jackknife influences of a mean, up to a factor that cancels
    acceleration = float(np.sum(centred**3) / (6.0 * np.sum(centred**2) ** 1.5))
    below = float(
        np.searchsorted(drawn, estimate, side="left") + np.searchsorted(drawn, estimate, side="right")
    )
    share = min(max(below / (2.0 * resamples), 0.5 / resamples), 1.0 - 0.5 / resamples)
    bias = normal_quantile(share)
    tail = (1.0 - confidence) / 2.0
    levels = [_shifted(bias, acceleration, z) for z in (normal_quantile(tail), -normal_quantile(tail))]
    low, high = np.quantile(drawn, levels)
    return BcaInterval(
        estimate=estimate,
        ci_low=float(low),
        ci_high=float(high),
        confidence=confidence,
        acceleration=acceleration,
        bias_correction=bias,
    )


def bootstrap_median_interval(
    sample: npt.ArrayLike, *, seed: int, confidence: float = 0.95, resamples: int = 20_000
) -> BootstrapInterval | Undefined:
    """Return the percentile bootstrap interval for the median.

    The jackknife, and so BCa, is inconsistent for a median; percentiles are not.

    Args:
        sample: Independent values, shape (n,).
        seed: Seed of the resampling.
        confidence: Nominal coverage.
        resamples: Number of resamples.
    Returns: Undefined for fewer than 3 values or a constant sample.

    Raises:
        DomainError: If a value is NaN or infinite, or an option is out of range.

    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapters 11 and 13.
    """
    x = _checked(sample, confidence, resamples)
    if isinstance(x, Undefined):
        return x
    drawn = _resampled(x, np.median, seed=seed, resamples=resamples)
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(drawn, [tail, 1.0 - tail])
    return BootstrapInterval(
        estimate=float(np.median(x)), ci_low=float(low), ci_high=float(high), confidence=confidence
    )


def _checked(sample: npt.ArrayLike, confidence: float, resamples: int) -> Floats | Undefined:
    x = finite_floats(sample, "sample")
    require_share("confidence", confidence)
    require_count("resamples", resamples, least=1000)
    if x.size < 3:
        return Undefined(f"{x.size} values; at least 3 needed")
    if is_constant(x):
        return Undefined("all values are equal")
    return x


def _resampled(x: Floats, statistic: Callable[..., Floats], *, seed: int, resamples: int) -> Floats:
    rng = np.random.default_rng(seed)
    chunk = max(1, _CELLS // x.size)
    parts = []
    for first in range(0, resamples, chunk):
        rows = rng.integers(0, x.size, size=(min(chunk, resamples - first), x.size))
        parts.append(statistic(x[rows], axis=1))
    return np.concatenate(parts)


def _shifted(bias: float, acceleration: float, z: float) -> float:
    # Where 1 - a(z0 + z) is not positive the formula has run past its pole: take the extreme.
    scale = 1.0 - acceleration * (bias + z)
    if scale <= 0.0:
        return 1.0 if z > 0.0 else 0.0
    return normal_cdf(bias + (bias + z) / scale)
