"""Group-sequential bounds."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from walras import statistics as st
from walras.core import DomainError


class TestGroupSequential:
    @pytest.mark.parametrize(
        ("design", "constants"),
        [("pocock", (2.178, 2.289, 2.361, 2.413)), ("obrien_fleming", (1.977, 2.004, 2.024, 2.040))],
    )
    def test_published_constants(self, design: st.Design, constants: tuple[float, ...]) -> None:
        """Jennison and Turnbull (2000), tables 2.1 and 2.3, two to five looks."""
        for looks, constant in zip(range(2, 6), constants, strict=True):
            plan = st.group_sequential(np.arange(1, looks + 1) / looks, design=design)
            assert plan.z_bounds[-1] == pytest.approx(constant, abs=0.001)
            assert plan.cumulative_alpha[-1] == pytest.approx(0.05)

    @given(some.lists(some.floats(0.05, 1.0), min_size=1, max_size=5, unique=True), some.sampled_from([1, 2]))
    @settings(max_examples=15, deadline=None)
    def test_bounds_spend_the_alpha_in_simulation_of_one_look(self, times: list[float], sides: int) -> None:
        """The first bound is the normal quantile of what is spent, and spending rises."""
        times = [t for i, t in enumerate(sorted(times)) if i == 0 or t - sorted(times)[i - 1] > 0.02]
        plan = st.group_sequential(times, design="lan_demets_pocock", sides=sides)
        first = NormalDist().inv_cdf(1.0 - plan.cumulative_alpha[0] / sides)
        assert plan.z_bounds[0] == pytest.approx(first, abs=1e-6)
        assert list(plan.cumulative_alpha) == sorted(plan.cumulative_alpha)

    def test_bounds_hold_their_level(self) -> None:
        """A random walk crosses them 5 % of the time."""
        times = np.array([0.15, 0.5, 0.8, 1.0])
        plan = st.group_sequential(times, design="lan_demets_obrien_fleming")
        steps = np.random.default_rng(7).normal(size=(100_000, 4)) * np.sqrt(np.diff(times, prepend=0.0))
        z = steps.cumsum(axis=1) / np.sqrt(times)
        assert (np.abs(z) > np.array(plan.z_bounds)).any(axis=1).mean() == pytest.approx(0.05, abs=0.003)

    def test_a_look_that_spends_nothing_never_stops(self) -> None:
        """Its bound is infinite, and later bounds are as if it were not there."""
        early = st.group_sequential([0.001, 1.0], design="lan_demets_obrien_fleming")
        assert early.z_bounds[0] == math.inf
        assert early.z_bounds[1] == pytest.approx(1.959964, abs=1e-5)

    def test_classical_designs_have_one_side_too(self) -> None:
        """A single look is the fixed test."""
        plan = st.group_sequential([1.0], design="obrien_fleming", alpha=0.025, sides=1)
        assert plan.z_bounds[0] == pytest.approx(1.959964, abs=1e-6)

    @pytest.mark.parametrize("times", [[], [0.0, 1.0], [0.5, 0.5], [0.5, 1.2], [0.8, 0.4]])
    def test_fractions_must_rise(self, times: list[float]) -> None:
        """Within (0, 1]."""
        with pytest.raises(DomainError, match="must rise"):
            st.group_sequential(times, design="pocock")

    def test_unknown_designs_raise(self) -> None:
        """The choices are named."""
        with pytest.raises(DomainError, match="lan_demets_pocock"):
            st.group_sequential([1.0], design="haybittle")  # type: ignore[arg-type]
