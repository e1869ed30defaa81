"""Calibration of forecasts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from walras import statistics as st
from walras.core import DomainError

FORECASTS = some.lists(some.tuples(some.integers(0, 10), some.integers(0, 1)), min_size=1, max_size=60)


@given(FORECASTS)
def test_brier_is_the_sum_of_its_parts(pairs: list[tuple[int, int]]) -> None:
    """Exactly, for groups of distinct values."""
    p, y = np.array([a / 10 for a, _ in pairs]), np.array([b for _, b in pairs])
    found = st.brier_decomposition(p, y)
    assert isinstance(found, st.Brier)
    parts = found.reliability - found.resolution + found.uncertainty
    assert found.brier == pytest.approx(parts, abs=1e-12)


@given(FORECASTS, some.integers(1, 12), some.sampled_from(["equal_width", "equal_mass"]))
def test_bins_hold_every_forecast_once(pairs: list[tuple[int, int]], bins: int, binning: st.Binning) -> None:
    """And the maximum error is at least the mean one."""
    p, y = [a / 10 for a, _ in pairs], [b for _, b in pairs]
    found = st.calibration_error(p, y, bins=bins, binning=binning)
    assert isinstance(found, st.CalibrationError)
    assert sum(b.n for b in found.bins) == len(pairs)
    assert 0.0 <= found.ece <= found.mce + 1e-12 <= 1.0 + 1e-12


def test_a_forecast_on_an_edge_belongs_below_it() -> None:
    """K / bins is in the k-th bin for every k, whatever its float."""
    for bins in (3, 7, 10, 49):
        p = np.arange(bins + 1) / bins
        found = st.calibration_error(p, np.zeros(bins + 1), bins=bins)
        assert isinstance(found, st.CalibrationError)
        assert [b.n for b in found.bins] == [2] + [1] * (bins - 1)


@given(some.lists(some.tuples(some.integers(0, 5), some.floats(-3, 3)), min_size=1, max_size=30))
def test_the_isotonic_fit_rises_and_keeps_the_mean(pairs: list[tuple[int, float]]) -> None:
    """It is the projection onto rising functions."""
    x, y = np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])
    fitted = st.isotonic_fit(x, y)
    assert (np.diff(fitted[np.argsort(x, kind="stable")]) >= -1e-12).all()
    assert fitted.mean() == pytest.approx(y.mean(), abs=1e-9)
    assert st.isotonic_fit(x, fitted) == pytest.approx(fitted, abs=1e-9)


def test_an_in_sample_fit_looks_perfect() -> None:
    """Which is why it must be judged on other data."""
    rng = np.random.default_rng(0)
    p = rng.random(200)
    y = (rng.random(200) < p**2).astype(float)
    found = st.brier_decomposition(np.clip(st.isotonic_fit(p, y), 0.0, 1.0), y)
    assert isinstance(found, st.Brier)
    assert found.reliability == pytest.approx(0.0, abs=1e-20)


@pytest.mark.parametrize(("n", "expected"), [(30, 0.177), (200, 0.069)])
def test_the_null_band_shows_the_bias_of_a_small_sample(n: int, expected: float) -> None:
    """A perfect forecaster has this error on average."""
    rng = np.random.default_rng(1)
    bands = [st.ece_null_band(rng.random(n), seed=s, draws=200) for s in range(40)]
    means = [band.mean for band in bands if isinstance(band, st.NullBand)]
    assert np.mean(means) == pytest.approx(expected, abs=0.01)


def test_the_null_band_holds_a_calibrated_forecaster() -> None:
    """With equal-mass bins too."""
    rng = np.random.default_rng(2)
    p = rng.random(300)
    band = st.ece_null_band(p, seed=0, binning="equal_mass", confidence=0.999)
    found = st.calibration_error(p, rng.random(300) < p, binning="equal_mass")
    assert isinstance(band, st.NullBand)
    assert isinstance(found, st.CalibrationError)
    assert band.low <= found.ece <= band.high


def test_no_forecasts_are_undefined() -> None:
    """Nothing is not calibrated."""
    assert isinstance(st.calibration_error([], []), st.Undefined)
    assert isinstance(st.brier_decomposition([], []), st.Undefined)
    assert isinstance(st.ece_null_band([], seed=0), st.Undefined)
    assert st.isotonic_fit([], []).size == 0


@pytest.mark.parametrize(
    ("p", "y"), [([1.2], [1]), ([-0.1], [1]), ([0.5], [0.5]), ([float("nan")], [1]), ([0.5], [0, 1])]
)
def test_misuse_raises(p: list[float], y: list[float]) -> None:
    """Forecasts are probabilities and outcomes 0 or 1."""
    with pytest.raises(DomainError):
        st.calibration_error(p, y)
