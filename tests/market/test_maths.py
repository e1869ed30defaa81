"""The shipped logarithm and exponential against Python's."""

import math

from hypothesis import given
from hypothesis import strategies as st

from walras.market import exp, ln, log_odds, probability


@given(st.floats(min_value=1e-12, max_value=1e12))
def test_ln_equals_the_logarithm(x):
    """Over 24 decades `ln` is right to 1e-14."""
    assert math.isclose(ln(x), math.log(x), rel_tol=1e-13, abs_tol=1e-14)


@given(st.floats(min_value=-600, max_value=600))
def test_exp_equals_the_exponential(x):
    """From 1e-260 to 1e260 `exp` is right to 1e-12."""
    assert math.isclose(exp(x), math.exp(x), rel_tol=1e-12)


def test_edges_stay_finite():
    """Nothing overflows at the ends."""
    assert ln(0.0) == ln(-1.0) == -745.0
    assert exp(1e9) == exp(700.0)
    assert exp(-1e9) == exp(-700.0) > 0
    assert -14 < log_odds(0.0) < log_odds(1.0) < 14


@given(st.floats(min_value=0.001, max_value=0.999))
def test_log_odds_and_probability_undo_each_other(p):
    """A probability survives the way to log-odds and back."""
    assert math.isclose(probability(log_odds(p)), p, rel_tol=1e-12)
