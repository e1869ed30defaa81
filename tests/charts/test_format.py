"""Numbers and outside text read well."""

import pytest

from walras.charts import _format


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "\N{EN DASH}"),
        (0.0, "0.0000"),
        (3, "3"),
        (-0.12345, "-0.1235"),
        (0.00001, "1e-05"),
        (123.456, "123.46"),
        (12345.67, "12345.7"),
        (2.5e9, "2.5e+09"),
        (float("inf"), "inf"),
    ],
)
def test_numbers_at_reading_precision(value: float | None, text: str) -> None:
    """A number has the digits that its size deserves."""
    assert _format.number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (-3, "0s"),
        (float("nan"), "0s"),
        (4.25, "4.2s"),
        (42, "42s"),
        (192.4, "3m12s"),
        (3840, "1h04m"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    """A time span is short and has its unit."""
    assert _format.duration(seconds) == text


def test_plain_shows_what_hides_and_cuts() -> None:
    """Control and direction characters become escapes; line feeds stay; the cut is marked."""
    assert _format.plain("a\x1b[2J\u202eb\n\tc\r") == "a\\x1b[2J\\u202eb\n\tc\\r"
    assert _format.plain("abcdef", 4) == "abc…"
    assert _format.plain("abcd", 4) == "abcd"


@pytest.mark.parametrize(
    ("names", "prefix"),
    [([], ""), (["a.b.c", "a.b.d"], "a.b."), (["a.x", "b.x"], ""), (["plain"], "")],
)
def test_shared_prefix_ends_at_a_dot(names: list[str], prefix: str) -> None:
    """The last part of a name always stays."""
    assert _format.shared_prefix(names) == prefix
