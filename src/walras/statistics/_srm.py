"""Sample-ratio mismatch: do the arms hold the units they were promised?

With matched pairs a mismatch means missing halves. A mismatch blocks the verdict.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from walras.core import DomainError
from walras.statistics._domain import Floats, finite_floats, finite_pair, require_count, require_positive
from walras.statistics._sequential import always_valid_p
from walras.statistics._special import binomial_two_sided, chi2_survival
from walras.statistics._undefined import Undefined


@dataclass(frozen=True, kw_only=True)
class RatioTest:
    """Pearson's test of the split. Below a `least_expected` of 5 the p-value is rough."""

    chi2: float
    df: int
    p: float
    least_expected: float


@dataclass(frozen=True, kw_only=True)
class RatioSequence:
    """Evidence against the split after each batch, valid at all of them together."""

    log_bayes_factor: tuple[float, ...]
    always_valid_p: tuple[float, ...]


def srm_chi2(observed: npt.ArrayLike, weights: npt.ArrayLike) -> RatioTest | Undefined:
    """Return the chi-square test of the split, for one look; alarm below 0.001.

    Args:
        observed: Units in each arm, shape (arms,), whole numbers.
        weights: Promised share of each arm, up to a factor, shape (arms,). An arm of weight 0
            that holds no unit is left out.
    Returns: Undefined without any unit, or with fewer than 2 arms.

    Raises:
        DomainError: If counts are not whole numbers, a weight is negative, or an arm of weight 0
            holds units.

    Source: Pearson (1900). No continuity correction.
    """
    counts, shares = finite_pair(observed, weights, ("observed", "weights"))
    _require_counts(counts)
    if (shares < 0.0).any():
        raise DomainError("weights must be at least 0.")
    if ((shares == 0.0) & (counts > 0.0)).any():
        raise DomainError("An arm of weight 0 holds units; the assignment is broken.")
    counts, shares = counts[shares > 0.0], shares[shares > 0.0]
    if counts.size < 2:
        return Undefined(f"{counts.size} arms; at least 2 needed")
    if counts.sum() == 0.0:
        return Undefined("no units")
    expected = counts.sum() * shares / shares.sum()
    chi2 = float(np.sum((counts - expected) ** 2 / expected))
    df = counts.size - 1
    return RatioTest(chi2=chi2, df=df, p=chi2_survival(chi2, df), least_expected=float(expected.min()))


def srm_sequential(
    batches: npt.ArrayLike, probabilities: npt.ArrayLike, *, dirichlet_concentration: float = 10_000.0
) -> RatioSequence:
    """Return the Dirichlet-multinomial test of the split after each batch.

    Args:
        batches: New units in each arm, shape (batches, arms), whole numbers.
        probabilities: Promised share of each arm, shape (arms,), summing to 1.
        dirichlet_concentration: Weight of the prior in units; smaller reacts faster to gross
            mismatches (100 for small tables). Fixed in advance.

    Raises:
        DomainError: If counts or probabilities are out of range.

    Source: Lindon and Malek (2022), Anytime-valid inference for multinomial count data, NeurIPS.
    """
    counts = finite_floats(batches, "batches", dimensions=2)
    shares = finite_floats(probabilities, "probabilities")
    require_positive("dirichlet_concentration", dirichlet_concentration)
    _require_counts(counts)
    if shares.size < 2 or (shares <= 0.0).any() or abs(float(shares.sum()) - 1.0) > 1e-9:
        raise DomainError(f"probabilities are {shares.tolist()}; they must be 2 or more, above 0, sum 1.")
    if counts.size and counts.shape[1] != shares.size:
        raise DomainError(f"batches have {counts.shape[1]} arms and probabilities {shares.size}.")
    totals = np.cumsum(counts, axis=0)
    prior = dirichlet_concentration * shares
    log_factors = np.array([_log_bayes_factor(row, prior, shares) for row in totals])
    return RatioSequence(
        log_bayes_factor=tuple(map(float, log_factors)),
        always_valid_p=tuple(map(float, always_valid_p(log_factors))) if log_factors.size else (),
    )


def missing_halves(only_in_a: int, only_in_b: int) -> float:
    """Return the exact p-value that pairs lose either half equally often; 1 if none is missing.

    Args:
        only_in_a: Scenarios that lack their run in arm b.
        only_in_b: Scenarios that lack their run in arm a.

    Raises:
        DomainError: If a count is negative.

    Source: McNemar (1947), Psychometrika 12(2), in its exact form.
    """
    require_count("only_in_a", only_in_a, least=0)
    require_count("only_in_b", only_in_b, least=0)
    if only_in_a + only_in_b == 0:
        return 1.0
    return binomial_two_sided(only_in_a, only_in_a + only_in_b)


def _log_bayes_factor(totals: Floats, prior: Floats, shares: Floats) -> float:
    posterior = sum(math.lgamma(a + n) - math.lgamma(a) for a, n in zip(prior, totals, strict=True))
    whole = math.lgamma(float(prior.sum())) - math.lgamma(float(prior.sum() + totals.sum()))
    return posterior + whole - float(totals @ np.log(shares))


def _require_counts(counts: Floats) -> None:
    if (counts < 0.0).any() or (counts != np.rint(counts)).any():
        raise DomainError("Counts of units must be whole numbers of at least 0.")
