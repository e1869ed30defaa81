"""Choosing the best of several noisy candidates: the winner's curse and budget allocation."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from walras.core import DomainError
from walras.statistics._domain import finite_floats, finite_pair, require_not_negative, require_positive
from walras.statistics._special import normal_cdfs, normal_density, quadrature
from walras.statistics._undefined import Undefined


@dataclass(frozen=True, kw_only=True)
class WinnerBias:
    """What reporting the best observed candidate overstates.

    Attributes:
        expected_observed_max: Mean of the reported best score.
        expected_true_of_selected: Mean of the true score of the one reported.
        bias: Their difference.
        prob_select: Probability that each candidate is the one reported.
    """

    expected_observed_max: float
    expected_true_of_selected: float
    bias: float
    prob_select: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Allocation:
    """Shares of a simulation budget; `best` is the index of the best observed design."""

    best: int
    fractions: tuple[float, ...]
    runs: tuple[float, ...]


def winner_bias(true_means: npt.ArrayLike, *, noise_sd: float) -> WinnerBias | Undefined:
    """Return the bias of the maximum of independent scores with normal noise.

    Re-evaluation on fresh scenarios has none of it.

    Args:
        true_means: True score of each candidate, shape (n,).
        noise_sd: Standard deviation of one observed score; 0 picks the best without noise.
    Returns: Undefined without candidates.

    Raises:
        DomainError: If a mean is NaN or the noise negative.
    """
    means = finite_floats(true_means, "true_means")
    require_not_negative("noise_sd", noise_sd)
    if means.size == 0:
        return Undefined("no candidates")
    top = float(means.max())
    if noise_sd == 0.0:
        winners = means == top
        return _bias_of(winners / winners.sum(), top, top)
    # The maximum is never more than ten deviations from the best mean; neither are its contenders.
    z, weights = quadrature(-10.0, 10.0, 600)
    distance = z[:, None] - (means - top)[None, :] / noise_sd
    below = normal_cdfs(distance)
    densities = np.empty_like(distance)
    for j in range(means.size):
        others = np.delete(below, j, axis=1).prod(axis=1)
        densities[:, j] = weights * normal_density(distance[:, j]) * others
    select = densities.sum(axis=0)
    observed = top + noise_sd * float(z @ densities.sum(axis=1))
    return _bias_of(select, observed, top + float(select @ (means - top)))


def _bias_of(select: npt.NDArray[np.float64], observed: float, true: float) -> WinnerBias:
    return WinnerBias(
        expected_observed_max=observed,
        expected_true_of_selected=true,
        bias=observed - true,
        prob_select=tuple(map(float, select)),
    )


def ocba(
    means: npt.ArrayLike, sds: npt.ArrayLike, *, budget: float, maximize: bool = True
) -> Allocation | Undefined:
    """Return the optimal computing budget allocation for picking the best design.

    Args:
        means: Observed mean of each design, shape (n,).
        sds: Standard deviation of one run of each design, shape (n,).
        budget: Runs to share out, not rounded.
        maximize: Whether the largest mean is the best.
    Returns: Undefined for fewer than 2 designs, a tie at the top, or a design without spread:
        share the budget equally then.

    Raises:
        DomainError: If the lengths differ, a value is NaN, an sd negative or the budget not above 0.

    Source: Chen, Lin, Yucesan and Chick (2000), Discrete Event Dynamic Systems 10(3).
    """
    centre, spread = finite_pair(means, sds, ("means", "sds"))
    require_positive("budget", budget)
    if (spread < 0.0).any():
        raise DomainError("sds must be at least 0.")
    if centre.size < 2:
        return Undefined(f"{centre.size} designs; at least 2 needed")
    if (spread == 0.0).any():
        return Undefined("a design has no spread; share the budget equally")
    best = int(np.argmax(centre if maximize else -centre))
    gap = np.abs(centre - centre[best])
    rest = np.arange(centre.size) != best
    if float(gap[rest].min()) <= 1e-12 * float(np.abs(centre).max()):
        return Undefined("the best designs tie; share the budget equally")
    gap, spread = gap / gap.max(), spread / spread.max()  # shares have no unit
    ratio = np.zeros(centre.size)
    ratio[rest] = (spread[rest] / gap[rest]) ** 2
    ratio[best] = spread[best] * float(np.sqrt(np.sum((ratio[rest] / spread[rest]) ** 2)))
    fractions = ratio / ratio.sum()
    return Allocation(
        best=best, fractions=tuple(map(float, fractions)), runs=tuple(map(float, budget * fractions))
    )
