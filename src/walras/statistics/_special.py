"""Distribution functions; the only file of this package that imports scipy, and only when called."""

# scipy ships no types; each import below says so.
import math
from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from walras.statistics._domain import Floats

_NORMAL = NormalDist()


def normal_cdf(x: float) -> float:
    """Return Phi(x)."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def normal_quantile(p: float) -> float:
    """Return the x with Phi(x) = p, for p strictly between 0 and 1."""
    return _NORMAL.inv_cdf(p)


def normal_cdfs(x: Floats) -> Floats:
    """Return Phi element by element."""
    from scipy.special import ndtr  # type: ignore[import-untyped]

    return np.asarray(ndtr(x), dtype=np.float64)


def normal_density(x: Floats) -> Floats:
    """Return the standard normal density element by element."""
    return np.asarray(np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi), dtype=np.float64)


def t_survival(t: float, df: float) -> float:
    """Return P(T > t) for Student's t with `df` degrees of freedom."""
    from scipy.special import stdtr

    return float(stdtr(df, -t))


def t_quantile(p: float, df: float) -> float:
    """Return the p quantile of Student's t with `df` degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(df, p))


def chi2_survival(x: float, df: float) -> float:
    """Return P(X > x) for chi-square with `df` degrees of freedom."""
    from scipy.special import chdtrc

    return float(chdtrc(df, x))


def f_survival(x: float, df1: float, df2: float) -> float:
    """Return P(X > x) for Snedecor's F."""
    from scipy.special import fdtrc

    return float(fdtrc(df1, df2, x))


def binomial_two_sided(successes: int, trials: int) -> float:
    """Return the exact two-sided p-value of `successes` of `trials` under probability one half."""
    from scipy.special import bdtr

    tail = float(bdtr(min(successes, trials - successes), trials, 0.5))
    return min(1.0, 2.0 * tail)


def find_root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return a zero of `function` between two points where its signs differ."""
    from scipy.optimize import brentq  # type: ignore[import-untyped]

    return float(brentq(function, low, high, xtol=1e-13, rtol=1e-14, maxiter=500))


@lru_cache(maxsize=16)
def _legendre(count: int) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return np.asarray(nodes), np.asarray(weights)


def quadrature(low: float, high: float, count: int) -> tuple[Floats, Floats]:
    """Return the nodes and weights of Gauss-Legendre quadrature on [low, high], shapes (count,)."""
    nodes, weights = _legendre(count)
    half = 0.5 * (high - low)
    return low + half * (nodes + 1.0), half * weights


def noncentral_t_survival(t: float, df: float, noncentrality: float) -> float:
    """Return P(T > t) for the noncentral t, by averaging over the chi distribution of the scale.

    scipy's own routine returns NaN far in the tail, where a solver for n or for the detectable
    effect has to pass. Absolute error below 1e-9 for whole df, and below 1e-6 between 1 and 2.
    """
    spread = 12.0 / math.sqrt(2.0 * df)
    scale, weights = quadrature(max(-1.0, -spread), spread, 256)  # s - 1, where s = sqrt(chi2 / df)
    log_density = (df - 1.0) * np.log1p(scale) - df * (scale + 0.5 * scale * scale)
    mass = weights * np.exp(log_density - log_density.max())
    tails = normal_cdfs(noncentrality - t * (1.0 + scale))
    return float(np.dot(mass, tails) / mass.sum())


def studentized_range_survival(q: float, groups: int) -> float:
    """Return P(range of `groups` standard normals > q), the studentized range at infinite df."""
    x, weights = quadrature(-9.0, 9.0 + q, 400)
    between = normal_cdfs(x) - normal_cdfs(x - q)
    inside = float(np.dot(weights, normal_density(x) * between ** (groups - 1)))
    return 1.0 - groups * inside
