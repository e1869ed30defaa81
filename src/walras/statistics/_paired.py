"""Matched pairs: the difference of two arms on the same scenarios, tested three ways.

The unit is the scenario. Identical strategies must give differences of exactly 0, and the
tests then say so. On heavy-tailed P&L report all three tests.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from walras.statistics._domain import (
    Floats,
    finite_floats,
    finite_pair,
    is_constant,
    require_count,
    require_one_of,
    require_share,
)
from walras.statistics._ranks import midranks
from walras.statistics._special import normal_cdf, t_quantile, t_survival
from walras.statistics._undefined import Statistic, Undefined

Alternative = Literal["two-sided", "greater", "less"]
ALTERNATIVES = ("two-sided", "greater", "less")

_EXACT_FLIPS = 20  # 2^20 sign patterns are enumerated; beyond, they are drawn
_CELLS = 2_000_000


@dataclass(frozen=True, kw_only=True)
class MeanEstimate:
    """A mean with its standard error, which one value does not have."""

    n: int
    mean: Statistic
    standard_error: Statistic


@dataclass(frozen=True, kw_only=True)
class PairedT:
    """Student's t on the differences, with the two-sided interval of the mean difference.

    Attributes:
        n: Number of pairs.
        mean_diff: Mean difference.
        se: Its standard error.
        t: mean_diff / se.
        df: Degrees of freedom.
        p: p-value for the chosen alternative.
        ci_low: Lower end of the two-sided interval.
        ci_high: Upper end.
        cohens_dz: Mean difference over the standard deviation of the differences.
    """

    n: int
    mean_diff: float
    se: float
    t: float
    df: int
    p: float
    ci_low: float
    ci_high: float
    cohens_dz: float


@dataclass(frozen=True, kw_only=True)
class SignedRank:
    """Wilcoxon's signed-rank test. `n` counts the differences that are not 0."""

    n: int
    w_plus: float
    p: float


@dataclass(frozen=True, kw_only=True)
class SignFlip:
    """Sign-flip permutation test of the mean. `exact` says whether all patterns were counted."""

    n: int
    p: float
    exact: bool


def paired_differences(a: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
    """Return a - b on matched scenarios, shape (n,).

    Raises:
        DomainError: If the lengths differ or a half of a pair is NaN.
    """
    first, second = finite_pair(a, b, ("a", "b"))
    return first - second


def mean_and_standard_error(values: npt.ArrayLike) -> MeanEstimate:
    """Return the mean and its standard error (ddof 1) of independent values, shape (n,).

    Raises:
        DomainError: If a value is NaN or infinite.
    """
    x = finite_floats(values, "values")
    if x.size == 0:
        return MeanEstimate(n=0, mean=Undefined("no values"), standard_error=Undefined("no values"))
    error: Statistic = Undefined("1 value; at least 2 needed")
    if x.size > 1:
        error = 0.0 if is_constant(x) else float(x.std(ddof=1)) / math.sqrt(x.size)
    return MeanEstimate(n=x.size, mean=float(x.mean()), standard_error=error)


def paired_t(
    differences: npt.ArrayLike, *, confidence: float = 0.95, alternative: Alternative = "two-sided"
) -> PairedT | Undefined:
    """Return Student's t test and interval for the mean difference.

    Args:
        differences: Variant minus control on each scenario, shape (n,).
        confidence: Coverage of the interval, which is two-sided whatever the alternative.
        alternative: Direction of the test.
    Returns: Undefined for fewer than 2 pairs, or differences that do not vary.

    Raises:
        DomainError: If a difference is NaN, or an option is out of range.
    """
    d = finite_floats(differences, "differences")
    require_share("confidence", confidence)
    require_one_of("alternative", alternative, ALTERNATIVES)
    if d.size < 2:
        return Undefined(f"{d.size} pairs; at least 2 needed")
    if is_constant(d):
        return Undefined("the differences do not vary")
    mean, sd = float(d.mean()), float(d.std(ddof=1))
    se, df = sd / math.sqrt(d.size), d.size - 1
    t = mean / se
    reach = t_quantile(0.5 + confidence / 2.0, df) * se
    return PairedT(
        n=d.size,
        mean_diff=mean,
        se=se,
        t=t,
        df=df,
        p=t_p_value(t, df, alternative),
        ci_low=mean - reach,
        ci_high=mean + reach,
        cohens_dz=mean / sd,
    )


def t_p_value(t: float, df: float, alternative: Alternative) -> float:
    """Return the p-value of a t statistic for the stated alternative."""
    if alternative == "two-sided":
        return min(1.0, 2.0 * t_survival(abs(t), df))
    return t_survival(t if alternative == "greater" else -t, df)


def wilcoxon(
    differences: npt.ArrayLike,
    *,
    method: Literal["exact", "asymptotic"] = "exact",
    alternative: Alternative = "two-sided",
    continuity_correction: bool = False,
) -> SignedRank | Undefined:
    """Return Wilcoxon's signed-rank test; differences of 0 are dropped, ties share midranks.

    Args:
        differences: Variant minus control on each scenario, shape (n,).
        method: "exact" counts all sign patterns of the midranks, ties or not; its cost grows with
            n cubed, so above a few hundred pairs take "asymptotic".
        alternative: Direction of the test.
        continuity_correction: Shrinks the normal approximation by one half.
    Returns: Undefined if every difference is 0, or there is none.

    Raises:
        DomainError: If a difference is NaN, or an option is out of range.

    Source: Wilcoxon (1945), Biometrics Bulletin 1(6).
    """
    d = finite_floats(differences, "differences")
    require_one_of("method", method, ("exact", "asymptotic"))
    require_one_of("alternative", alternative, ALTERNATIVES)
    d = d[d != 0.0]
    if d.size == 0:
        return Undefined("no difference other than 0")
    ranks = midranks(np.abs(d))
    w_plus = float(ranks[d > 0.0].sum())
    if method == "exact":
        at_most, at_least = _exact_tails(ranks, w_plus)
    else:
        at_most, at_least = _normal_tails(ranks, w_plus, 0.5 if continuity_correction else 0.0)
    tails = {"less": at_most, "greater": at_least, "two-sided": min(1.0, 2.0 * min(at_most, at_least))}
    return SignedRank(n=d.size, w_plus=w_plus, p=tails[alternative])


def _exact_tails(ranks: Floats, w_plus: float) -> tuple[float, float]:
    """Return P(W <= w) and P(W >= w) over all sign patterns, counting in half ranks."""
    halves = np.rint(2.0 * ranks).astype(np.int64)
    chance = np.zeros(int(halves.sum()) + 1)
    chance[0] = 1.0
    reached = 0
    for step in halves:
        moved = chance[: reached + 1] * 0.5
        chance[: reached + 1] = moved
        chance[step : step + reached + 1] += moved
        reached += int(step)
    observed = round(2.0 * w_plus)
    return min(1.0, float(chance[: observed + 1].sum())), min(1.0, float(chance[observed:].sum()))


def _normal_tails(ranks: Floats, w_plus: float, correction: float) -> tuple[float, float]:
    # The variance of a sum of signed midranks is a quarter of their squares, which is the tie correction.
    spread = math.sqrt(float(np.sum(ranks**2)) / 4.0)
    distance = w_plus - float(ranks.sum()) / 2.0
    return normal_cdf((distance + correction) / spread), normal_cdf(-(distance - correction) / spread)


def sign_flip_permutation(
    differences: npt.ArrayLike,
    *,
    alternative: Alternative = "two-sided",
    seed: int = 0,
    resamples: int = 100_000,
) -> SignFlip | Undefined:
    """Return the sign-flip permutation test of the mean difference.

    All 2^n patterns are counted up to 20 pairs; beyond, `resamples` are drawn and the observed
    one is added, so p is never 0. If every difference is 0 every pattern ties, and p is 1.

    Args:
        differences: Variant minus control on each scenario, shape (n,).
        alternative: Direction of the test.
        seed: Seed of the draws above 20 pairs.
        resamples: Number of draws above 20 pairs.
    Returns: Undefined without any difference.

    Raises:
        DomainError: If a difference is NaN, or an option is out of range.

    Source: Fisher (1935), The Design of Experiments; Pitman (1937).
    """
    d = finite_floats(differences, "differences")
    require_one_of("alternative", alternative, ALTERNATIVES)
    require_count("resamples", resamples, least=1000)
    if d.size == 0:
        return Undefined("no pairs")
    slack = 1e-12 * float(np.abs(d).sum())  # sums that tie on paper differ by rounding
    observed = float(d.sum())
    if d.size <= _EXACT_FLIPS:
        sums = np.zeros(1)
        for value in d:
            sums = np.concatenate([sums + value, sums - value])
        share = float(np.mean(_as_extreme(sums, observed, slack, alternative)))
        return SignFlip(n=d.size, p=share, exact=True)
    rng = np.random.default_rng(seed)
    hits, chunk = 0, max(1, _CELLS // d.size)
    for first in range(0, resamples, chunk):
        signs = rng.integers(0, 2, size=(min(chunk, resamples - first), d.size), dtype=np.int8)
        sums = (2.0 * signs - 1.0) @ d
        hits += int(_as_extreme(sums, observed, slack, alternative).sum())
    return SignFlip(n=d.size, p=(hits + 1) / (resamples + 1), exact=False)


def _as_extreme(
    sums: Floats, observed: float, slack: float, alternative: Alternative
) -> npt.NDArray[np.bool_]:
    if alternative == "greater":
        return np.asarray(sums >= observed - slack)
    if alternative == "less":
        return np.asarray(sums <= observed + slack)
    return np.asarray(np.abs(sums) >= abs(observed) - slack)


def least_pairs(alpha: float = 0.05) -> int:
    """Return the fewest pairs with which a two-sided exact test can reach `alpha`.

    n pairs have 2^n sign patterns, so p is at least 2 / 2^n: 6 pairs for 0.05.

    Raises:
        DomainError: If `alpha` is not between 0 and 1.
    """
    require_share("alpha", alpha)
    n = 1
    while 2.0 ** (1 - n) > alpha:
        n += 1
    return n
