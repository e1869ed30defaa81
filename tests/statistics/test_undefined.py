"""What an undefined statistic is, and that misuse is told apart from it."""

import subprocess
import sys

import numpy as np
import pytest

from walras import statistics as st
from walras.core import DomainError


def test_an_undefined_statistic_gives_its_reason() -> None:
    """A person can read why."""
    assert str(st.sharpe([0.1])) == "undefined: 1 values; at least 2 needed"


def test_an_undefined_statistic_is_not_a_number() -> None:
    """Comparing it with a threshold fails loudly instead of passing a gate."""
    with pytest.raises(TypeError):
        _ = st.sharpe([0.1]) > 0.0  # type: ignore[operator]
    with pytest.raises(TypeError):
        float(st.sharpe([0.1]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["a"], "numbers"),
        ([[1.0]], "dimensions"),
        ([1.0, float("nan")], "1 NaN or infinite of 2"),
        ([1.0, float("inf")], "must be finite"),
    ],
)
def test_misuse_names_what_is_wrong(values: list[object], message: str) -> None:
    """The message says what was given and what is allowed."""
    with pytest.raises(DomainError, match=message):
        st.mean_and_standard_error(np.asarray(values))


def test_an_empty_table_counts_as_no_rows() -> None:
    """An empty list is an empty table, not a series."""
    assert isinstance(st.interquartile_mean([]), st.Undefined)


def test_importing_the_package_does_not_load_scipy() -> None:
    """Scipy loads when a function first needs it."""
    code = "import sys, walras.statistics; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_public_name_exists() -> None:
    """The front door names only what is behind it."""
    assert all(hasattr(st, name) for name in st.__all__)
    assert len(set(st.__all__)) == len(st.__all__)
