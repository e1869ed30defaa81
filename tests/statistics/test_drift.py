"""Drift signals."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from walras import statistics as st
from walras.core import DomainError

RNG = np.random.default_rng(0)
SHIFTED = np.concatenate([RNG.normal(size=300), RNG.normal(2.0, size=200)])


def test_cusum_sees_both_directions_alike() -> None:
    """Mirrored data mirror the two sums."""
    up, down = (st.cusum(x, mu0=0.0, sigma=1.0) for x in (SHIFTED, -SHIFTED))
    assert up.alarm_index == down.alarm_index
    assert up.path[-1] == down.path[-1][::-1]


def test_cusum_has_its_published_run_length() -> None:
    """One standard deviation is found after about 10.4 values."""
    rng = np.random.default_rng(1)
    found = [st.cusum(rng.normal(1.0, size=200), mu0=0.0, sigma=1.0).alarm_index for _ in range(400)]
    assert np.mean([1 + i for i in found if i is not None]) == pytest.approx(10.4, abs=0.6)


def test_a_stream_in_control_gives_no_alarm() -> None:
    """None is not index 0."""
    assert st.cusum(np.zeros(50), mu0=0.0, sigma=1.0).alarm_index is None
    assert st.cusum([], mu0=0.0, sigma=1.0) == st.Cusum(path=(), alarm_index=None)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_page_hinkley_finds_a_shift_either_way(sign: float) -> None:
    """Soon after it happened, and starts anew."""
    found = st.page_hinkley(sign * SHIFTED, delta=0.25, threshold=20.0)
    assert 300 <= found[0] < 330


@pytest.mark.parametrize(
    "call",
    [
        lambda: st.cusum([1.0], mu0=0.0, sigma=0.0),
        lambda: st.cusum([1.0], mu0=float("nan"), sigma=1.0),
        lambda: st.cusum([float("nan")], mu0=0.0, sigma=1.0),
        lambda: st.page_hinkley([1.0], forgetting=0.0),
        lambda: st.page_hinkley([1.0], threshold=-1.0),
        lambda: st.adwin([1.0], delta=1.0),
        lambda: st.adwin([1.0], clock=0),
    ],
)
def test_misuse_raises(call: Callable[..., Any]) -> None:
    """Options out of range and missing values."""
    with pytest.raises(DomainError):
        call()
