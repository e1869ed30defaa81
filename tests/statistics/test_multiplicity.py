"""Adjusted p-values."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from walras import statistics as st
from walras.core import DomainError

P_VALUES = some.lists(some.floats(0.0, 1.0), max_size=20)
ADJUSTMENTS = [st.adjust_holm, st.adjust_benjamini_hochberg, st.adjust_benjamini_yekutieli]


@pytest.mark.parametrize("adjust", ADJUSTMENTS)
@given(p=P_VALUES)
def test_adjusting_keeps_the_order_and_never_helps(adjust: Callable[..., Any], p: list[float]) -> None:
    """Adjusted values are at least the raw ones, at most 1, and ties stay tied."""
    adjusted = adjust(p)
    assert adjusted.shape == (len(p),)
    assert (adjusted >= np.array(p) * (1.0 - 1e-12)).all()
    assert (adjusted <= 1.0).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(adjusted[order]) >= 0.0).all()
    for value in set(p):
        assert len({a for a, b in zip(adjusted.tolist(), p, strict=True) if b == value}) == 1


@given(P_VALUES)
def test_the_false_discovery_rate_asks_less_than_the_family_wise_rate(p: list[float]) -> None:
    """And arbitrary dependence asks more than positive dependence."""
    benjamini = st.adjust_benjamini_hochberg(p)
    assert (benjamini <= st.adjust_holm(p) + 1e-12).all()
    assert (benjamini <= st.adjust_benjamini_yekutieli(p) + 1e-12).all()


@pytest.mark.parametrize("adjust", ADJUSTMENTS)
@pytest.mark.parametrize("p", [[0.5, float("nan")], [-0.1], [1.1]])
def test_what_is_no_p_value_raises(adjust: Callable[..., Any], p: list[float]) -> None:
    """Missing is never "not significant"."""
    with pytest.raises(DomainError, match="p_values"):
        adjust(p)
