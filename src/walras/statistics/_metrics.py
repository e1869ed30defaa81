"""Descriptions of one run: Sharpe, Sortino, drawdown, profit factor, win rate.

One definition of the Sharpe ratio serves every statistic of the package: sample standard
deviation, per observation unless `periods_per_year` says otherwise.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from walras.statistics._domain import (
    Floats,
    all_finite,
    as_floats,
    as_labels,
    is_constant,
    require_one_of,
    require_positive,
)
from walras.statistics._undefined import Statistic, Undefined

DrawdownMode = Literal["compound", "additive"]


@dataclass(frozen=True, kw_only=True)
class RegimeSharpe:
    """The Sharpe ratio inside one regime, with the number of returns it rests on."""

    n: int
    sharpe: Statistic


def _unusable(series: Floats, *, least: int) -> Undefined | None:
    if series.size < least:
        return Undefined(f"{series.size} values; at least {least} needed")
    if not all_finite(series):
        return Undefined("a value is NaN or infinite")
    return None


def sharpe(
    returns: npt.ArrayLike,
    *,
    risk_free_per_period: float = 0.0,
    periods_per_year: float = 1.0,
    ddof: int = 1,
) -> Statistic:
    """Return the Sharpe ratio: mean excess return over its standard deviation.

    Args:
        returns: Simple returns or P&L, shape (n,), one for each period.
        risk_free_per_period: Subtracted from each return, in the same unit.
        periods_per_year: Annualises by its square root, which is right only without
            autocorrelation (Lo, 2002); 1 leaves the ratio per observation.
        ddof: 1 for the sample standard deviation, 0 for the population's.
    Returns: The ratio; undefined for fewer than 2 values, a constant series, or NaN.

    Source: Sharpe (1994), The Sharpe ratio, Journal of Portfolio Management 21(1).
    """
    require_positive("periods_per_year", periods_per_year)
    require_one_of("ddof", ddof, (0, 1))
    series = as_floats(returns, "returns")
    if (problem := _unusable(series, least=2)) is not None:
        return problem
    excess = series - risk_free_per_period
    if not all_finite(excess):
        return Undefined("the risk-free rate is not finite")
    if is_constant(excess, scale=risk_free_per_period):
        return Undefined("all returns are equal")
    return float(excess.mean() / excess.std(ddof=ddof) * math.sqrt(periods_per_year))


def sortino(
    returns: npt.ArrayLike, *, target_per_period: float = 0.0, periods_per_year: float = 1.0
) -> Statistic:
    """Return the mean excess over the target, divided by the downside deviation.

    The downside deviation is the root mean square shortfall over all n returns, not over the
    losing ones alone.

    Args:
        returns: Simple returns or P&L, shape (n,).
        target_per_period: The return below which a period counts as a shortfall.
        periods_per_year: Annualises by its square root.
    Returns: The ratio; undefined without any shortfall, for fewer than 2 values, or NaN.

    Source: Sortino and Price (1994), Journal of Investing 3(3).
    """
    require_positive("periods_per_year", periods_per_year)
    series = as_floats(returns, "returns")
    if (problem := _unusable(series, least=2)) is not None:
        return problem
    excess = series - target_per_period
    if not all_finite(excess):
        return Undefined("the target is not finite")
    downside = math.sqrt(float(np.mean(np.minimum(excess, 0.0) ** 2)))
    if not downside > 0.0:
        return Undefined("no return falls short of the target")
    return float(excess.mean()) / downside * math.sqrt(periods_per_year)


def drawdowns_of_paths(
    returns: Floats, *, mode: DrawdownMode, initial_capital: float, absolute: bool
) -> Floats:
    """Return the maximum drawdown of each row, shape (paths,), from returns of shape (paths, n)."""
    if mode == "compound":
        growth = initial_capital * np.cumprod(1.0 + returns, axis=1)
    else:
        growth = initial_capital + np.cumsum(returns, axis=1)
    start = np.full((returns.shape[0], 1), initial_capital)
    equity = np.concatenate([start, growth], axis=1)
    peak = np.maximum.accumulate(equity, axis=1)
    loss = peak - equity
    return np.asarray((loss if absolute else loss / peak).max(axis=1), dtype=np.float64)


def max_drawdown(
    returns: npt.ArrayLike,
    *,
    mode: DrawdownMode = "compound",
    initial_capital: float = 1.0,
    absolute: bool = False,
) -> Statistic:
    """Return the largest loss from a peak, as a positive number.

    The initial capital is the first point of the curve, so a loss in the first period counts.

    Args:
        returns: Simple returns (compound), or P&L in currency (additive), shape (n,).
        mode: "compound" multiplies by 1 + r; "additive" adds to a fixed bankroll.
        initial_capital: Capital before the first period; above 0.
        absolute: True for currency, False for a share of the peak.
    Returns: The drawdown; undefined for an empty series, NaN, or a compound return below -1.
    """
    require_one_of("mode", mode, ("compound", "additive"))
    require_positive("initial_capital", initial_capital)
    series = as_floats(returns, "returns")
    if (problem := _unusable(series, least=1)) is not None:
        return problem
    if mode == "compound" and float(series.min()) < -1.0:
        return Undefined("a return below -100 % cannot compound")
    return float(
        drawdowns_of_paths(series[None, :], mode=mode, initial_capital=initial_capital, absolute=absolute)[0]
    )


def profit_factor(pnl: npt.ArrayLike) -> Statistic:
    """Return gross profit over gross loss of finished trades, shape (n,).

    Trades at zero count on neither side. Undefined without a losing trade, or with NaN.
    """
    trades = as_floats(pnl, "pnl")
    if (problem := _unusable(trades, least=1)) is not None:
        return problem
    gross_loss = -float(trades[trades < 0.0].sum())
    if gross_loss == 0.0:
        return Undefined("no losing trade")
    return float(trades[trades > 0.0].sum()) / gross_loss


def win_rate(pnl: npt.ArrayLike) -> Statistic:
    """Return the share of trades above zero; trades at zero count in the denominator."""
    trades = as_floats(pnl, "pnl")
    if (problem := _unusable(trades, least=1)) is not None:
        return problem
    return float(np.mean(trades > 0.0))


def regime_sharpe(returns: npt.ArrayLike, regimes: npt.ArrayLike) -> dict[str, RegimeSharpe]:
    """Return the Sharpe ratio inside each regime, per observation, by regime name in sorted order.

    Args:
        returns: Simple returns, shape (n,).
        regimes: A label known at decision time for each return, shape (n,).

    Raises:
        DomainError: If there is not exactly one label for each return.
    """
    series = as_floats(returns, "returns")
    labels = np.asarray(as_labels(regimes, "regimes", size=series.size)).astype(str)
    result = {}
    for label in np.unique(labels):
        inside = series[labels == label]
        result[str(label)] = RegimeSharpe(n=int(inside.size), sharpe=sharpe(inside))
    return result
