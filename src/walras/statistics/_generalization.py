"""How much of the training performance survives on unseen data."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from walras.statistics._domain import finite_pair
from walras.statistics._undefined import Statistic, Undefined


@dataclass(frozen=True, kw_only=True)
class Generalization:
    """Test over training performance, window by window and as a ratio of means.

    Attributes:
        per_window: test / train for each window; undefined where training is not above 0.
        ratio_of_means: mean(test) / mean(train), the one to report; a mean of ratios explodes.
        undefined_windows: Count of windows without a ratio.
        positive_oos_rate: Share of windows with a test value above 0.
    """

    per_window: tuple[Statistic, ...]
    ratio_of_means: Statistic
    undefined_windows: int
    positive_oos_rate: Statistic


def generalization_ratio(train: npt.ArrayLike, test: npt.ArrayLike) -> Generalization:
    """Return the share of training performance that the tests kept.

    Args:
        train: Training Sharpe ratio (or score) of each window, shape (windows,).
        test: Test value of the same windows, shape (windows,).

    Raises:
        DomainError: If the lengths differ or a value is NaN.

    Source: Sheppert (2026), whose published 0.3655 is such a ratio of means.
    """
    trained, tested = finite_pair(train, test, ("train", "test"))
    missing = Undefined("the training value is not above 0")
    per_window = tuple(float(b / a) if a > 0.0 else missing for a, b in zip(trained, tested, strict=True))
    nothing = Undefined("no windows")
    return Generalization(
        per_window=per_window,
        ratio_of_means=nothing if not per_window else _ratio(float(trained.mean()), float(tested.mean())),
        undefined_windows=int((trained <= 0.0).sum()),
        positive_oos_rate=float(np.mean(tested > 0.0)) if per_window else nothing,
    )


def _ratio(train: float, test: float) -> Statistic:
    if train <= 0.0:
        return Undefined("the mean training value is not above 0")
    return test / train
