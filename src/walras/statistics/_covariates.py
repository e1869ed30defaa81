"""Variance reduction by a covariate that the treatment cannot touch.

Good covariates: P&L before the start, a passive strategy's P&L on the same scenario, parameters
of the generator (whose mean is known). Never one measured during the experiment.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from walras.core import DomainError
from walras.statistics._domain import Floats, finite_pair, is_constant
from walras.statistics._undefined import Statistic, Undefined


@dataclass(frozen=True, kw_only=True)
class CupedEffect:
    """Treatment minus control, before and after the adjustment."""

    theta: float
    effect_raw: float
    effect: float
    se_raw: float
    se: float


@dataclass(frozen=True, kw_only=True)
class ControlVariate:
    """Mean difference before and after the adjustment; variances are of one difference, ddof 1."""

    theta: float
    mean_raw: float
    mean_adj: float
    var_raw: float
    var_adj: float
    variance_reduction: Statistic
    rho: Statistic


def cuped_two_sample(
    y_control: npt.ArrayLike, y_treatment: npt.ArrayLike, x_control: npt.ArrayLike, x_treatment: npt.ArrayLike
) -> CupedEffect | Undefined:
    """Return the effect between two independent arms, adjusted by one covariate.

    theta comes from pooled within-arm moments, as in least squares of y on arm and covariate; the
    standard errors take the variances of the (adjusted) arms unpooled.

    Args:
        y_control: Outcome of the control units, shape (n_c,).
        y_treatment: Outcome of the treated units, shape (n_t,).
        x_control: Covariate of the control units, shape (n_c,).
        x_treatment: Covariate of the treated units, shape (n_t,).
    Returns: Undefined for an arm of fewer than 2 units, or a covariate that does not vary.

    Raises:
        DomainError: If lengths within an arm differ or a value is NaN.

    Source: Deng, Xu, Kohavi and Walker (2013), WSDM.
    """
    yc, xc = finite_pair(y_control, x_control, ("y_control", "x_control"))
    yt, xt = finite_pair(y_treatment, x_treatment, ("y_treatment", "x_treatment"))
    if min(yc.size, yt.size) < 2:
        return Undefined(f"an arm has {min(yc.size, yt.size)} units; at least 2 needed")
    if is_constant(xc) and is_constant(xt):
        return Undefined("the covariate does not vary within the arms")
    dxc, dxt = xc - xc.mean(), xt - xt.mean()
    theta = float((dxc @ (yc - yc.mean()) + dxt @ (yt - yt.mean())) / (dxc @ dxc + dxt @ dxt))
    raw = float(yt.mean() - yc.mean())
    return CupedEffect(
        theta=theta,
        effect_raw=raw,
        effect=raw - theta * float(xt.mean() - xc.mean()),
        se_raw=_unpooled_error(yc, yt),
        se=_unpooled_error(yc - theta * xc, yt - theta * xt),
    )


def control_variate_paired(
    differences: npt.ArrayLike, covariate: npt.ArrayLike, *, covariate_known_mean: float | None = None
) -> ControlVariate | Undefined:
    """Return the mean paired difference, adjusted by a covariate of the scenario.

    Without a known mean of the covariate the adjustment leaves the mean as it is.

    Args:
        differences: Variant minus control, shape (n,).
        covariate: Covariate of the same scenarios, shape (n,).
        covariate_known_mean: Its true mean, from the generator.
    Returns: Undefined for fewer than 3 pairs or a covariate that does not vary. The estimate of
        theta biases results below about 30 pairs.

    Raises:
        DomainError: If the lengths differ or a value is NaN.
    """
    d, x = finite_pair(differences, covariate, ("differences", "covariate"))
    if covariate_known_mean is not None and not math.isfinite(covariate_known_mean):
        raise DomainError(f"covariate_known_mean is {covariate_known_mean!r}; it must be finite.")
    if d.size < 3:
        return Undefined(f"{d.size} pairs; at least 3 needed")
    if is_constant(x):
        return Undefined("the covariate does not vary")
    covariance = np.cov(d, x, ddof=1)
    theta = float(covariance[0, 1] / covariance[1, 1])
    centre = float(x.mean()) if covariate_known_mean is None else covariate_known_mean
    adjusted = d - theta * (x - centre)
    var_raw, var_adj = float(covariance[0, 0]), float(adjusted.var(ddof=1))
    flat = Undefined("the differences do not vary")
    return ControlVariate(
        theta=theta,
        mean_raw=float(d.mean()),
        mean_adj=float(adjusted.mean()),
        var_raw=var_raw,
        var_adj=var_adj,
        variance_reduction=flat if is_constant(d) else 1.0 - var_adj / var_raw,
        rho=flat if is_constant(d) else float(np.corrcoef(d, x)[0, 1]),
    )


def _unpooled_error(a: Floats, b: Floats) -> float:
    return math.sqrt(float(a.var(ddof=1)) / a.size + float(b.var(ddof=1)) / b.size)
