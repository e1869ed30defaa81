"""Everything worth saying about one set of matched-pair differences, in one value."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from walras.statistics._bootstrap import (
    BcaInterval,
    BootstrapInterval,
    bca_interval_mean,
    bootstrap_median_interval,
)
from walras.statistics._domain import finite_floats, is_constant, require_share
from walras.statistics._paired import (
    MeanEstimate,
    PairedT,
    SignedRank,
    SignFlip,
    least_pairs,
    mean_and_standard_error,
    paired_t,
    sign_flip_permutation,
    wilcoxon,
)
from walras.statistics._power import detectable_effect
from walras.statistics._undefined import Statistic, Undefined

_EXACT_RANKS = 200  # pairs up to which the exact rank distribution is cheap


@dataclass(frozen=True, kw_only=True)
class PairedComparison:
    """Differences of two arms on the same scenarios, described, bounded and tested.

    Attributes:
        n: Number of pairs.
        identical: Whether every difference is exactly 0.
        least_pairs: Fewest pairs with which an exact two-sided test can reach 1 - confidence.
        mean: Mean difference with its standard error.
        median: Median difference.
        t: Student's t with its interval.
        signed_rank: Wilcoxon's test, exact up to 200 pairs.
        sign_flip: Permutation test of the mean, exact up to 20 pairs.
        mean_interval: BCa bootstrap interval of the mean.
        median_interval: Percentile bootstrap interval of the median.
        detectable_effect: Mean difference that this many pairs of this spread detect with 80 %
            power at 1 - confidence. It plans the next comparison; it explains nothing about this one.
    """

    n: int
    identical: bool
    least_pairs: int
    mean: MeanEstimate
    median: Statistic
    t: PairedT | Undefined
    signed_rank: SignedRank | Undefined
    sign_flip: SignFlip | Undefined
    mean_interval: BcaInterval | Undefined
    median_interval: BootstrapInterval | Undefined
    detectable_effect: Statistic

    @property
    def too_few(self) -> bool:
        """Whether no outcome of an exact test on this many pairs could be significant."""
        return self.n < self.least_pairs


def compare_pairs(differences: npt.ArrayLike, *, seed: int, confidence: float = 0.95) -> PairedComparison:
    """Return the whole comparison; each part that the data do not determine says why.

    Args:
        differences: Variant minus control on each scenario, shape (n,).
        seed: Seed of the bootstraps, and of the permutations above 20 pairs.
        confidence: Coverage of the intervals; the tests' level is its complement.

    Raises:
        DomainError: If a difference is NaN, or `confidence` is not between 0 and 1.
    """
    d = finite_floats(differences, "differences")
    require_share("confidence", confidence)
    alpha = round(1.0 - confidence, 12)  # 0.05, not 0.050000000000000044
    nothing = Undefined("no pairs")
    return PairedComparison(
        n=d.size,
        identical=bool(d.size and (d == 0.0).all()),
        least_pairs=least_pairs(alpha),
        mean=mean_and_standard_error(d),
        median=float(np.median(d)) if d.size else nothing,
        t=paired_t(d, confidence=confidence),
        signed_rank=wilcoxon(d, method="exact" if d.size <= _EXACT_RANKS else "asymptotic"),
        sign_flip=sign_flip_permutation(d, seed=seed),
        mean_interval=bca_interval_mean(d, seed=seed, confidence=confidence),
        median_interval=bootstrap_median_interval(d, seed=seed, confidence=confidence),
        detectable_effect=_detectable(d, alpha),
    )


def _detectable(d: npt.NDArray[np.float64], alpha: float) -> Statistic:
    if d.size < 2:
        return Undefined(f"{d.size} pairs; at least 2 needed")
    sd = 0.0 if is_constant(d) else float(d.std(ddof=1))
    return detectable_effect(d.size, sd=sd, alpha=alpha)
