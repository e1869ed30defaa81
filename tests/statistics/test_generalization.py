"""Training against test performance."""

import pytest

from walras import statistics as st
from walras.core import DomainError


def test_a_losing_training_mean_has_no_ratio() -> None:
    """Two negatives do not make a success."""
    result = st.generalization_ratio([-0.1, -0.2], [-0.1, -0.3])
    assert isinstance(result.ratio_of_means, st.Undefined)
    assert result.undefined_windows == 2
    assert result.positive_oos_rate == 0.0


def test_no_windows_have_no_ratio() -> None:
    """Nothing is not perfect."""
    result = st.generalization_ratio([], [])
    assert isinstance(result.ratio_of_means, st.Undefined)
    assert isinstance(result.positive_oos_rate, st.Undefined)


def test_windows_must_match() -> None:
    """A test belongs to a training."""
    with pytest.raises(DomainError, match="match"):
        st.generalization_ratio([0.1], [0.1, 0.2])
