"""Adjusted p-values for a family of tests that was fixed beforehand.

Holm for decisions to promote, Benjamini-Hochberg for screens.
"""

import numpy as np
import numpy.typing as npt

from walras.core import DomainError
from walras.statistics._domain import Floats, finite_floats


def adjust_holm(p_values: npt.ArrayLike) -> Floats:
    """Return p-values adjusted for the family-wise error rate, in the given order, shape (m,).

    Raises:
        DomainError: If a p-value is NaN or outside [0, 1].

    Source: Holm (1979), Scandinavian Journal of Statistics 6(2).
    """
    p = _checked(p_values)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    return _restored(stepped, order)


def adjust_benjamini_hochberg(p_values: npt.ArrayLike) -> Floats:
    """Return p-values adjusted for the false discovery rate, in the given order, shape (m,).

    Valid for independent and for positively dependent tests, such as variants against one control.

    Raises:
        DomainError: If a p-value is NaN or outside [0, 1].

    Source: Benjamini and Hochberg (1995), JRSS B 57(1).
    """
    return _step_up(_checked(p_values), 1.0)


def adjust_benjamini_yekutieli(p_values: npt.ArrayLike) -> Floats:
    """Return p-values adjusted for the false discovery rate under any dependence, shape (m,).

    Raises:
        DomainError: If a p-value is NaN or outside [0, 1].

    Source: Benjamini and Yekutieli (2001), Annals of Statistics 29(4).
    """
    p = _checked(p_values)
    return _step_up(p, float(np.sum(1.0 / np.arange(1, p.size + 1))))


def _checked(p_values: npt.ArrayLike) -> Floats:
    p = finite_floats(p_values, "p_values")
    if ((p < 0.0) | (p > 1.0)).any():
        raise DomainError(f"p_values run from {p.min():g} to {p.max():g}; they must lie in [0, 1].")
    return p


def _step_up(p: Floats, factor: float) -> Floats:
    order = np.argsort(p, kind="stable")
    scaled = p[order] * (factor * p.size) / np.arange(1, p.size + 1)
    return _restored(np.minimum.accumulate(scaled[::-1])[::-1], order)


def _restored(adjusted: Floats, order: npt.NDArray[np.intp]) -> Floats:
    result = np.empty_like(adjusted)
    result[order] = np.minimum(adjusted, 1.0)
    return result
