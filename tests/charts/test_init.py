"""The front door is light and complete."""

import subprocess
import sys

import pytest

import walras.charts


def test_importing_charts_loads_no_heavy_library() -> None:
    """The front door loads neither Altair nor vl-convert nor Jinja2."""
    code = (
        "import sys, walras.charts\n"
        "walras.charts.sparkline([1.0], 1)\n"
        "heavy = {'altair', 'vl_convert', 'jinja2', 'pydantic', 'numpy'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", walras.charts.__all__)
def test_every_name_of_the_front_door_exists(name: str) -> None:
    """What `__all__` promises can be had."""
    assert getattr(walras.charts, name) is not None


def test_another_name_is_an_attribute_error() -> None:
    """A misspelt name fails as usual."""
    with pytest.raises(AttributeError, match="no attribute 'pie_chart'"):
        _ = walras.charts.pie_chart
