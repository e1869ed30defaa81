"""Numbers are read as they were meant."""

import math

import pytest

from walras.cli import _format as shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "\N{EN DASH}"),
        (True, "true"),
        (False, "false"),
        (12, "12"),
        (123456, "123,456"),
        (0.0, "0"),
        (0.5, "0.5"),
        (12.3456, "12.35"),
        (123456.7, "123,457"),
        (1.5e-7, "1.500e-07"),
        (2e9, "2.000e+09"),
        (math.inf, "inf"),
        ("a\x1b[2Jb", "a[2Jb"),
    ],
)
def test_number(value: object, text: str) -> None:
    """A number is shown at four digits, other values as harmless text."""
    assert shown.number(value) == text


def test_a_setting_can_be_typed_as_it_is_shown() -> None:
    """A parameter's value has no separators."""
    assert shown.setting(60000) == "60000"
    assert shown.setting("join") == "join"


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (None, None, "\N{EN DASH}"),
        (12.34567, 0.0567, "12.346 ± 0.057"),
        (1234.5, 88.0, "1234 ± 88"),
        (3.0, None, "3"),
        (3.0, 0.0, "3 ± 0"),
        (3.0, math.nan, "3"),
    ],
)
def test_score_goes_with_its_error(value: float | None, error: float | None, text: str) -> None:
    """The error has two digits, the value as many places."""
    assert shown.score(value, error) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(-1, "0.0s"), (4.23, "4.2s"), (42, "42s"), (192, "3m12s"), (3840, "1h04m")]
)
def test_duration(seconds: float, text: str) -> None:
    """A time span is short to read."""
    assert shown.duration(seconds) == text


def test_words() -> None:
    """Counts agree with their nouns, points are short, commands can be pasted."""
    assert shown.count(1, "search", "searches") == "1 search"
    assert shown.count(2, "search", "searches") == "2 searches"
    assert shown.point({"a.b.half": 3, "a.b.mode": "join"}) == "half=3 mode=join"
    assert shown.command("walras list", None) == "walras list"
    assert shown.command("walras list", "my store.db") == "walras list --store 'my store.db'"
    assert shown.command("walras list", "postgresql://u:secret@h/d") == "walras list --store URL"
