"""Calibration of probability forecasts: ECE, its null band, Brier decomposition, isotonic fit.

ECE is biased upward: a perfect forecaster shows 0.18 on 30 forecasts and 0.07 on 200. Read it
against `ece_null_band`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from walras.core import DomainError
from walras.statistics._domain import (
    Floats,
    finite_pair,
    require_count,
    require_one_of,
    require_share,
)
from walras.statistics._undefined import Undefined

Binning = Literal["equal_width", "equal_mass"]


@dataclass(frozen=True, kw_only=True)
class ReliabilityBin:
    """One bin that holds forecasts: their number, mean forecast, and share of outcomes."""

    n: int
    mean_forecast: float
    outcome_rate: float


@dataclass(frozen=True, kw_only=True)
class CalibrationError:
    """Expected and maximum calibration error over the bins that hold forecasts."""

    ece: float
    mce: float
    bins: tuple[ReliabilityBin, ...]


@dataclass(frozen=True, kw_only=True)
class NullBand:
    """ECE of a perfectly calibrated forecaster who made the same forecasts."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Brier:
    """The Brier score and its parts: brier = reliability - resolution + uncertainty."""

    brier: float
    reliability: float
    resolution: float
    uncertainty: float


def calibration_error(
    p: npt.ArrayLike, y: npt.ArrayLike, *, bins: int = 10, binning: Binning = "equal_width"
) -> CalibrationError | Undefined:
    """Return the expected calibration error.

    Args:
        p: Forecast probabilities, shape (n,).
        y: Outcomes 0 or 1, shape (n,).
        bins: Number of bins.
        binning: "equal_width" takes intervals (lo, hi] with 0 in the first; "equal_mass" cuts the
            sorted forecasts into groups whose sizes differ by at most 1.
    Returns: Undefined without forecasts.

    Raises:
        DomainError: If a forecast is outside [0, 1], an outcome not 0 or 1, or a value NaN.

    Source: Naeini, Cooper and Hauskrecht (2015), AAAI; Guo et al. (2017), ICML.
    """
    forecasts, outcomes = _checked(p, y)
    require_count("bins", bins, least=1)
    require_one_of("binning", binning, ("equal_width", "equal_mass"))
    if forecasts.size == 0:
        return Undefined("no forecasts")
    filled = tuple(
        ReliabilityBin(
            n=int(rows.size),
            mean_forecast=float(forecasts[rows].mean()),
            outcome_rate=float(outcomes[rows].mean()),
        )
        for rows in _bin_rows(forecasts, bins, binning)
        if rows.size
    )
    gaps = [abs(b.mean_forecast - b.outcome_rate) for b in filled]
    ece = sum(b.n * gap for b, gap in zip(filled, gaps, strict=True)) / forecasts.size
    return CalibrationError(ece=ece, mce=max(gaps), bins=filled)


def ece_null_band(
    p: npt.ArrayLike,
    *,
    seed: int,
    bins: int = 10,
    binning: Binning = "equal_width",
    confidence: float = 0.95,
    draws: int = 2000,
) -> NullBand | Undefined:
    """Return the ECE that chance alone gives: outcomes drawn from the forecasts themselves.

    Args:
        p: Forecast probabilities, shape (n,).
        seed: Seed of the draws.
        bins: Number of bins.
        binning: As in `calibration_error`.
        confidence: Share of the draws inside the band.
        draws: Number of draws.
    Returns: Undefined without forecasts.

    Raises:
        DomainError: If a forecast is outside [0, 1] or an option out of range.
    """
    forecasts, _ = _checked(p, np.zeros(np.shape(p)))
    require_share("confidence", confidence)
    require_count("bins", bins, least=1)
    require_count("draws", draws, least=100)
    require_one_of("binning", binning, ("equal_width", "equal_mass"))
    if forecasts.size == 0:
        return Undefined("no forecasts")
    rng = np.random.default_rng(seed)
    surprise = forecasts - (rng.random((draws, forecasts.size)) < forecasts)
    total = np.zeros(draws)
    for rows in _bin_rows(forecasts, bins, binning):
        total += np.abs(surprise[:, rows].sum(axis=1))
    drawn = total / forecasts.size
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(drawn, [tail, 1.0 - tail])
    return NullBand(mean=float(drawn.mean()), low=float(low), high=float(high))


def brier_decomposition(p: npt.ArrayLike, y: npt.ArrayLike) -> Brier | Undefined:
    """Return the Brier score with Murphy's three parts, grouped by distinct forecast values.

    Undefined without forecasts.

    Raises:
        DomainError: If a forecast is outside [0, 1], an outcome not 0 or 1, or a value NaN.

    Source: Murphy (1973), Journal of Applied Meteorology 12(4).
    """
    forecasts, outcomes = _checked(p, y)
    if forecasts.size == 0:
        return Undefined("no forecasts")
    values, group, counts = np.unique(forecasts, return_inverse=True, return_counts=True)
    rates = np.bincount(group, weights=outcomes) / counts
    base, shares = float(outcomes.mean()), counts / forecasts.size
    return Brier(
        brier=float(np.mean((forecasts - outcomes) ** 2)),
        reliability=float(shares @ (values - rates) ** 2),
        resolution=float(shares @ (rates - base) ** 2),
        uncertainty=base * (1.0 - base),
    )


def isotonic_fit(x: npt.ArrayLike, y: npt.ArrayLike) -> Floats:
    """Return the non-decreasing least-squares fit of y on x, in the given order, shape (n,).

    Values of y at tied x are averaged first. In-sample calibration error of the fit is 0 by
    construction: judge it on other data.

    Raises:
        DomainError: If the lengths differ or a value is NaN.

    Source: Ayer et al. (1955), pool-adjacent-violators.
    """
    at, values = finite_pair(x, y, ("x", "y"))
    _, group, counts = np.unique(at, return_inverse=True, return_counts=True)
    means = np.bincount(group, weights=values, minlength=counts.size) / counts
    pools: list[tuple[float, float, int]] = []  # mean, weight, groups
    for mean, weight in zip(map(float, means), map(float, counts), strict=True):
        pool = (mean, weight, 1)
        while pools and pools[-1][0] >= pool[0]:
            m, w, size = pools.pop()
            joined = w + pool[1]
            pool = ((m * w + pool[0] * pool[1]) / joined, joined, size + pool[2])
        pools.append(pool)
    fitted = np.repeat([m for m, _, _ in pools], [size for _, _, size in pools])
    return np.asarray(fitted[group], dtype=np.float64)


def _checked(p: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
    forecasts, outcomes = finite_pair(p, y, ("p", "y"))
    if ((forecasts < 0.0) | (forecasts > 1.0)).any():
        raise DomainError(f"p runs from {forecasts.min():g} to {forecasts.max():g}; it must lie in [0, 1].")
    if not np.isin(outcomes, (0.0, 1.0)).all():
        raise DomainError("y must hold outcomes 0 or 1 only.")
    return forecasts, outcomes


def _bin_rows(forecasts: Floats, bins: int, binning: Binning) -> list[npt.NDArray[np.intp]]:
    if binning == "equal_mass":
        return np.array_split(np.argsort(forecasts, kind="stable"), bins)
    edges = np.arange(bins + 1) / bins  # k / bins is the float a forecast of k / bins has
    which = np.maximum(np.searchsorted(edges, forecasts, side="left") - 1, 0)
    return [np.flatnonzero(which == b) for b in range(bins)]
