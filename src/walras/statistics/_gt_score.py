"""The GT-Score in its two published forms: a named diagnostic, never a gate."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from walras.statistics._domain import Floats, all_finite, as_floats, is_constant, require_one_of
from walras.statistics._undefined import Statistic, Undefined

GtForm = Literal["paper_form", "author_code_form"]


@dataclass(frozen=True, kw_only=True)
class GtScore:
    """The score and its factors: gt = mean * ln(z) * r2 / sigma_d."""

    z: float
    r2: float
    sigma_d: Statistic
    gt: Statistic


def gt_score(
    trade_returns: npt.ArrayLike, *, market_mean_per_trade: float = 0.0, form: GtForm = "paper_form"
) -> GtScore | Undefined:
    """Return the GT-Score of a sequence of trades.

    z is the mean trade's distance from the market's in standard errors (ddof 0, as in the author's
    code). In the paper's form r2 is that of the summed equity curve on time, and sigma_d the root
    mean square of min(return, 0) over all trades. The author's code takes r2 of the single trade
    returns on their index, and the standard deviation (ddof 0) of the losing trades.

    Args:
        trade_returns: Return of each trade in order, shape (n,).
        market_mean_per_trade: Mean return of buy-and-hold over the same holding periods.
        form: Which of the two definitions.
    Returns: The score; undefined as a whole for fewer than 3 trades, equal trades or NaN; its
        `gt` is undefined for z of at most 1 or without a spread of losses.

    Source: Sheppert (2026), JRFM 19(1) 60; repository shep-analytics/gt_score.
    """
    require_one_of("form", form, ("paper_form", "author_code_form"))
    trades = as_floats(trade_returns, "trade_returns")
    if trades.size < 3:
        return Undefined(f"{trades.size} trades; at least 3 needed")
    if not (all_finite(trades) and math.isfinite(market_mean_per_trade)):
        return Undefined("a value is NaN or infinite")
    if is_constant(trades):
        return Undefined("all trade returns are equal")
    mean = float(trades.mean())
    z = (mean - market_mean_per_trade) / (float(trades.std(ddof=0)) / math.sqrt(trades.size))
    curve = np.cumsum(trades) if form == "paper_form" else trades
    r2 = float(np.corrcoef(np.arange(trades.size), curve)[0, 1] ** 2)
    sigma_d = _loss_spread(trades, form)
    return GtScore(z=z, r2=r2, sigma_d=sigma_d, gt=_score(mean, z, r2, sigma_d))


def _loss_spread(trades: Floats, form: GtForm) -> Statistic:
    losses = trades[trades < 0.0]
    if losses.size == 0:
        return Undefined("no losing trade")
    if form == "paper_form":
        return math.sqrt(float(np.sum(losses**2)) / trades.size)
    if is_constant(losses):
        return Undefined("the losing trades do not vary")
    return float(losses.std(ddof=0))


def _score(mean: float, z: float, r2: float, sigma_d: Statistic) -> Statistic:
    if isinstance(sigma_d, Undefined):
        return sigma_d
    if z <= 1.0:
        return Undefined("z is not above 1")
    return mean * math.log(z) * r2 / sigma_d
