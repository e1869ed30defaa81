"""Numbers and outside text are printed short, exactly as far as they mean something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walras.proposers._history import quartiles, ranks
from walras.proposers._text import cell, number, reason_code, safe_text, score_text, shown_text, table


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1234.5, "1230"),
        (0.0123456, "0.0123"),
        (12.0, "12"),
        (-3.14159, "-3.14"),
        (9.999, "10"),
        (1e-7, "1e-07"),
        (123456789.0, "1.23e+08"),
        (float("inf"), "inf"),
    ],
)
def test_numbers_have_three_significant_digits(value: float, text: str) -> None:
    """Plain digits where they are short, an exponent where they are not."""
    assert number(value) == text


@given(st.floats(-1e12, 1e12))
def test_a_printed_number_is_near(value: float) -> None:
    """What is printed is within half a unit of the third digit."""
    assert float(number(value)) == pytest.approx(value, rel=5.1e-3)


@pytest.mark.parametrize(
    ("score", "error", "text"),
    [
        (1.23456, 0.4, "1.23"),
        (1.23456, 0.004, "1.2346"),
        (123.4, 50.0, "123"),
        (1.5, None, "1.5"),
        (2.0, 0.0, "2"),
    ],
)
def test_a_score_has_the_digits_that_its_error_supports(score: float, error: float | None, text: str) -> None:
    """Digits go down to a tenth of the standard error."""
    assert score_text(score, error) == text


def test_cells() -> None:
    """Ints are exact, bools are JSON's words, nothing is empty."""
    assert [cell(v) for v in (60000, 0.123456, True, "join", None)] == ["60000", "0.123", "true", "join", ""]


@given(st.text())
def test_outside_text_is_harmless(text: str) -> None:
    """Whatever comes in, one ASCII line without tags, fences or quotes of code comes out."""
    safe = safe_text(text, limit=80)
    assert safe.isascii()
    assert len(safe) <= 80
    assert not set(safe) & set('<>`{}"\n\r')
    assert "\n" not in shown_text(text, limit=80)
    shown_text(text, limit=80).encode()


def test_marks_that_carry_meaning_are_spelled() -> None:
    """Plus-minus, arrows and P&L survive as plain words."""
    assert (
        safe_text("P&L 3 \u00b1 1: 0.5 -> 1, \u22122 \u2192 3 <b>", limit=80)
        == "P&L 3 +- 1: 0.5 to 1, -2 to 3 b"
    )


def test_codes_and_tables() -> None:
    """Reason codes are checked, and CSV quotes what it must."""
    assert [reason_code(c) for c in ("LLM_TIMEOUT", "x", "A" * 41, "")] == [
        "LLM_TIMEOUT",
        "OTHER",
        "OTHER",
        "OTHER",
    ]
    assert table(("a", "b"), [("1", "x,y")]) == 'a,b\n1,"x,y"'


def test_ranks_and_quartiles() -> None:
    """Ties share their mean rank; quartiles interpolate."""
    assert ranks([3.0, 1.0, 3.0, 2.0]) == [2.5, 0.0, 2.5, 1.0]
    assert quartiles([1.0, 2.0, 3.0, 4.0]) == (1.75, 2.5, 3.25)
    assert quartiles([7.0]) == (7.0, 7.0, 7.0)
