"""The sparkline keeps the best score visible and never fails on what a score can be."""

import math

import pytest

from walras.charts import sparkline


def test_spans_from_lowest_to_highest_block() -> None:
    """The lowest value is the lowest block, the highest the highest."""
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8) == "▁▂▃▄▅▆▇█"


def test_a_constant_series_is_a_middle_line() -> None:
    """Equal values do not divide by zero."""
    assert sparkline([2.5, 2.5, 2.5], 10) == "▄▄▄"


def test_gaps_stay_gaps() -> None:
    """None, NaN and infinities are shown as gaps and do not stretch the scale."""
    assert sparkline([None, 0.0, math.nan, 1.0, math.inf], 9) == "·▁·█·"
    assert sparkline([None, None], 9) == "··"


@pytest.mark.parametrize("width", [1, 7, 40])
def test_a_long_series_fits_and_keeps_its_best(width: int) -> None:
    """Bins show their highest value, so the best of a thousand is still there."""
    values: list[float | None] = [0.0] * 1000
    values[613] = 9.0
    line = sparkline(values, width)
    assert len(line) == width
    assert ("█" in line) == (width > 1)


def test_extreme_range_does_not_overflow() -> None:
    """A range wider than the largest float is drawn."""
    assert sparkline([-1.7e308, 1.7e308], 2) == "▁█"


@pytest.mark.parametrize(("values", "width"), [([], 10), ([1.0], 0), ([1.0], -3)])
def test_nothing_to_draw_is_empty(values: list[float | None], width: int) -> None:
    """No values or no room gives no characters."""
    assert sparkline(values, width) == ""
