"""Text from outside cannot act on a terminal."""

import pytest

from walras.cli._terminal import LIMIT, one_line, scrub

ESC = "\x1b"
PAYLOADS = (
    "<script>window.__xss=1</script>",
    "'-window.__xss=1-'",
    "\u2028\u2029</ScRiPt\n><img/src/onerror=window.__xss=1>",
    "\u202egnp.exe\u202c <b id=__proto__ name=defaultView>clobber</b>",
    f'{ESC}]8;;https://evil.example\x07click{ESC}]8;;\x07{ESC}[2J{ESC}]52;c;ZXZpbA==\x07=HYPERLINK("x")',
    "\x9b2J\x9d0;title\x9c",
    "a\x00b\x08c\x7fd\re",
    "\u061c\u200b\u200f\u2066\u2069\ufeff",
    "\ud800 lone",
    "\U000e0041tag",
)
FORBIDDEN = {chr(code) for code in (*range(9), *range(11, 32), *range(127, 160))} | set(
    "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff"
)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_control_reaches_the_terminal(payload: str) -> None:
    """Of every display payload, nothing that a terminal acts on is left."""
    left = scrub(payload)
    assert not FORBIDDEN & set(left)
    left.encode("utf-8")


def test_plain_text_stays_as_it_is() -> None:
    """Letters of any script, tabs and line feeds pass."""
    assert scrub("a\tb\nč 日本 ±") == "a\tb\nč 日本 ±"


def test_long_text_is_cut() -> None:
    """No outside text is longer than the limit, and the cut shows."""
    assert len(scrub("x" * 5000)) == LIMIT
    assert scrub("x" * 5000).endswith("…")
    assert len(scrub("x" * 5000, None)) == 5000


def test_one_line_has_no_line_feed() -> None:
    """White space of any kind becomes one space."""
    assert one_line(" a\r\n\t b ") == "a b"
    assert one_line("abcdef", 4) == "abc…"
