"""Adaptive windowing."""

import numpy as np

from walras import statistics as st

RNG = np.random.default_rng(0)
SHIFTED = np.concatenate([RNG.normal(size=300), RNG.normal(2.0, size=200)])


def test_adwin_finds_a_shift_and_ignores_noise() -> None:
    """Both ways, at a tick of its clock."""
    assert 300 <= st.adwin(SHIFTED)[0] < 370
    assert 300 <= st.adwin(-SHIFTED)[0] < 370
    assert st.adwin(RNG.normal(size=1000)) == ()
    assert st.adwin(np.ones(200)) == ()
