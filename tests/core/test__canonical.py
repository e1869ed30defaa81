"""Canonical JSON: one text for one value, and nothing that is not JSON."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walras.core import NOTICE, canonical_json, digest, digest_text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_a_value_comes_back_from_its_text(value: object) -> None:
    """Reading and writing again gives the same ASCII text."""
    text = canonical_json(value)  # type: ignore[arg-type]
    assert text.isascii()
    assert canonical_json(json.loads(text)) == text


@given(st.dictionaries(st.text(), st.integers(), max_size=6))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    """Two dicts that are equal have one digest."""
    assert digest(value) == digest(dict(reversed(value.items())))


def test_numbers_keep_their_type_and_sign() -> None:
    """1, 1.0, true, 0.0 and -0.0 are five texts."""
    assert [canonical_json(value) for value in (1, 1.0, True, 0.0, -0.0)] == [
        "1",
        "1.0",
        "true",
        "0.0",
        "-0.0",
    ]


def test_nul_and_lone_surrogates_are_escaped() -> None:
    """Every database can store the text."""
    assert canonical_json("\x00\ud800") == '"\\u0000\\ud800"'


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(value: float) -> None:
    """NaN and infinity have no JSON."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json([value])


def test_what_is_no_json_is_refused() -> None:
    """A set has no JSON form."""
    with pytest.raises(TypeError):
        canonical_json({1, 2})  # type: ignore[arg-type]


def test_a_digest_is_the_sha256_of_the_text() -> None:
    """So that anyone can compute it."""
    assert (
        digest({}) == digest_text("{}") == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    )


def test_the_notice_is_word_for_word() -> None:
    """Every page, report and export carries these words."""
    assert NOTICE == "Synthetic replay only. Not a forecast."
