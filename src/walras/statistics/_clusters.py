"""Differences that come in clusters: several seeds of one scenario, several markets of one event.

Treating them as independent gives 27 % false positives at 5 % when they correlate by 0.5.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from walras.statistics._domain import Floats, as_labels, finite_floats, require_share
from walras.statistics._paired import t_p_value
from walras.statistics._special import t_quantile
from walras.statistics._undefined import Undefined


@dataclass(frozen=True, kw_only=True)
class ClusterMean:
    """Mean over all values with a cluster-robust standard error and t on clusters - 1 df."""

    n: int
    n_clusters: int
    mean: float
    se: float
    t: float
    df: int
    p: float
    ci_low: float
    ci_high: float


def cluster_mean(
    differences: npt.ArrayLike, clusters: npt.ArrayLike, *, confidence: float = 0.95
) -> ClusterMean | Undefined:
    """Return the mean difference with the CR1 standard error, two-sided.

    Below about 10 clusters prefer `sign_flip_permutation` of `cluster_means`.

    Args:
        differences: Variant minus control, shape (n,).
        clusters: Label of the cluster of each difference, shape (n,).
        confidence: Coverage of the interval.
    Returns: Undefined for fewer than 2 clusters, or cluster totals that do not vary.

    Raises:
        DomainError: If a difference is NaN, or labels do not match one to one.

    Source: Liang and Zeger (1986), Biometrika 73(1), with the factor G / (G - 1).
    """
    d = finite_floats(differences, "differences")
    labels = as_labels(clusters, "clusters", size=d.size)
    require_share("confidence", confidence)
    names, group = np.unique(labels, return_inverse=True)
    count = names.size
    if count < 2:
        return Undefined(f"{count} clusters; at least 2 needed")
    mean = float(d.mean())
    scores = np.bincount(group, weights=d - mean)
    se = math.sqrt(count / (count - 1) * float(np.sum(scores**2))) / d.size
    if se <= 1e-12 * float(np.abs(d).max()):
        return Undefined("the clusters do not vary")
    t, df = mean / se, count - 1
    reach = t_quantile(0.5 + confidence / 2.0, df) * se
    return ClusterMean(
        n=d.size,
        n_clusters=count,
        mean=mean,
        se=se,
        t=t,
        df=df,
        p=t_p_value(t, df, "two-sided"),
        ci_low=mean - reach,
        ci_high=mean + reach,
    )


def cluster_means(values: npt.ArrayLike, clusters: npt.ArrayLike) -> Floats:
    """Return the mean of each cluster, shape (clusters,), in sorted order of the labels.

    Raises:
        DomainError: If a value is NaN, or labels do not match one to one.
    """
    x = finite_floats(values, "values")
    labels = as_labels(clusters, "clusters", size=x.size)
    names, group = np.unique(labels, return_inverse=True)
    totals = np.bincount(group, weights=x, minlength=names.size)
    return np.asarray(totals / np.bincount(group, minlength=names.size), dtype=np.float64)
