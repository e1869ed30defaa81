"""Checks of arguments: each raises `DomainError` with what, got and allowed."""

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from walras.core import DomainError

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

LARGEST = 1e150
"""Squares of larger values overflow; they count as infinite."""

_RELATIVE_NOISE = 1e-12  # spread below this share of the largest value is rounding, not variation
_SMALLEST_SPREAD = 1.0 / LARGEST  # squares of smaller spreads underflow


def as_floats(values: npt.ArrayLike, name: str, *, dimensions: int = 1) -> Floats:
    """Return `values` as a float array of the stated number of dimensions; NaN passes.

    Raises:
        DomainError: If it is not numeric or has another number of dimensions.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DomainError(f"{name} must be an array of numbers: {error}.") from error
    if array.size == 0 and array.ndim < dimensions:
        array = array.reshape((0,) * dimensions)
    if array.ndim != dimensions:
        raise DomainError(f"{name} has {array.ndim} dimensions; it must have {dimensions}.")
    return array


def all_finite(array: Floats) -> bool:
    """Say whether no value is NaN, infinite or beyond `LARGEST`."""
    return bool((np.abs(array) <= LARGEST).all())


def finite_floats(values: npt.ArrayLike, name: str, *, dimensions: int = 1) -> Floats:
    """Return `values` as a float array without NaN, infinity, or numbers beyond `LARGEST`.

    Raises:
        DomainError: If it is not numeric, has another shape, or holds such a value.
    """
    array = as_floats(values, name, dimensions=dimensions)
    if not all_finite(array):
        count = int(np.sum(~(np.abs(array) <= LARGEST)))
        raise DomainError(
            f"{name} holds {count} NaN or infinite of {array.size} values; all must be finite.",
            hint="Find out why they are missing before leaving them out.",
        )
    return array


def finite_pair(a: npt.ArrayLike, b: npt.ArrayLike, names: tuple[str, str]) -> tuple[Floats, Floats]:
    """Return two finite series of equal length.

    Raises:
        DomainError: If one is not finite, or the lengths differ.
    """
    first, second = finite_floats(a, names[0]), finite_floats(b, names[1])
    if first.size != second.size:
        raise DomainError(
            f"{names[0]} has {first.size} values and {names[1]} {second.size}; they must match one to one."
        )
    return first, second


def as_labels(values: npt.ArrayLike, name: str, *, size: int) -> npt.NDArray[np.generic]:
    """Return a one-dimensional array of `size` labels.

    Raises:
        DomainError: If it has another length or shape.
    """
    labels: npt.NDArray[np.generic] = np.asarray(values)
    if labels.shape != (size,):
        raise DomainError(
            f"{name} has shape {labels.shape}; it must have one label for each of {size} values."
        )
    return labels


def require_count(name: str, value: object, *, least: int) -> None:
    """Require a whole number of at least `least`.

    Raises:
        DomainError: Otherwise.
    """
    if isinstance(value, bool) or not (isinstance(value, int | np.integer) and value >= least):
        raise DomainError(f"{name} is {value!r}; it must be a whole number of at least {least}.")


def require_share(name: str, value: float) -> None:
    """Require a number strictly between 0 and 1, such as a level or a power.

    Raises:
        DomainError: Otherwise.
    """
    if not 0.0 < value < 1.0:
        raise DomainError(f"{name} is {value!r}; it must lie strictly between 0 and 1.")


def require_positive(name: str, value: float) -> None:
    """Require a finite number above 0.

    Raises:
        DomainError: Otherwise.
    """
    if not (math.isfinite(value) and value > 0.0):
        raise DomainError(f"{name} is {value!r}; it must be a finite number above 0.")


def require_not_negative(name: str, value: float) -> None:
    """Require a finite number of at least 0.

    Raises:
        DomainError: Otherwise.
    """
    if not (math.isfinite(value) and value >= 0.0):
        raise DomainError(f"{name} is {value!r}; it must be a finite number of at least 0.")


def require_one_of(name: str, value: object, allowed: tuple[object, ...]) -> None:
    """Require one of a few named choices.

    Raises:
        DomainError: Otherwise.
    """
    if value not in allowed:
        raise DomainError(f"{name} is {value!r}; it must be one of {', '.join(map(repr, allowed))}.")


def is_constant(series: Floats, *, scale: float = 0.0) -> bool:
    """Say whether a series varies by no more than rounding noise.

    The test is on the range: the standard deviation of ten times 0.001 is not 0 in floating point.

    Args:
        series: Finite values, shape (n,), n at least 1.
        scale: Size of numbers the series was computed from, if larger than its own values.
    """
    largest = max(float(np.abs(series).max()), abs(scale))
    return bool(float(np.ptp(series)) <= max(_RELATIVE_NOISE * largest, _SMALLEST_SPREAD))
