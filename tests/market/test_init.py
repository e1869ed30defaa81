"""The front door is light: numba and numpy load only when something runs."""

import subprocess
import sys

import pytest

import walras.market


def test_every_name_at_the_front_door_exists():
    """`__all__` promises nothing that is not there."""
    for name in walras.market.__all__:
        assert getattr(walras.market, name) is not None


def test_unknown_attributes_are_refused():
    """A misspelt name is an AttributeError, as for any module."""
    with pytest.raises(AttributeError, match="simulat"):
        walras.market.simulat  # noqa: B018


@pytest.mark.parametrize("module", ["walras.market", "walras.strategies"])
def test_import_loads_no_compiler(module):
    """Importing the front door, and reading every schema, loads neither numba nor numpy."""
    script = (
        f"import sys, {module}, walras.strategies as s; [s.strategy_schema(n) for n in s.strategy_names()];"
        "assert not {'numba', 'numpy'} & set(sys.modules), 'heavy'"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
