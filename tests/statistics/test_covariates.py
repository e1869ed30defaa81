"""Variance reduction by a covariate."""

import numpy as np
import pytest

from walras import statistics as st
from walras.core import DomainError


class TestCovariates:
    def test_without_a_known_mean_the_mean_stays(self) -> None:
        """Only the variance falls."""
        rng = np.random.default_rng(5)
        x = rng.normal(size=30)
        found = st.control_variate_paired(x + 0.1 * rng.normal(size=30), x)
        assert isinstance(found, st.ControlVariate)
        assert found.mean_adj == pytest.approx(found.mean_raw)
        assert found.variance_reduction == pytest.approx(found.rho**2)  # type: ignore[operator]

    def test_constant_differences_have_no_reduction(self) -> None:
        """There is no variance to reduce."""
        found = st.control_variate_paired([1.0, 1.0, 1.0], [1.0, 2.0, 4.0])
        assert isinstance(found, st.ControlVariate)
        assert isinstance(found.variance_reduction, st.Undefined)
        assert isinstance(found.rho, st.Undefined)

    @pytest.mark.parametrize(
        "found",
        [
            st.control_variate_paired([1.0, 2.0], [1.0, 2.0]),
            st.control_variate_paired([1.0, 2.0, 3.0], [1.0, 1.0, 1.0]),
            st.cuped_two_sample([1.0], [1.0, 2.0], [1.0], [1.0, 2.0]),
            st.cuped_two_sample([1.0, 2.0], [1.0, 2.0], [3.0, 3.0], [4.0, 4.0]),
        ],
    )
    def test_is_undefined(self, found: object) -> None:
        """Too few units, or a covariate that does not vary within an arm."""
        assert isinstance(found, st.Undefined)

    def test_a_known_mean_must_be_a_number(self) -> None:
        """NaN would spread to the result."""
        with pytest.raises(DomainError, match="covariate_known_mean"):
            st.control_variate_paired([1.0, 2.0], [1.0, 2.0], covariate_known_mean=float("nan"))
