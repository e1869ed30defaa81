"""What a name may be, how a refused one is shown, and what else its text may decode to."""

import html
import re
from typing import Final
from urllib.parse import unquote

MAX_NAME: Final = 128
SHOWN: Final = 200

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)+")
_BACKSLASH: Final = re.compile(r"\\x([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})")
_ROUNDS: Final = 3


def is_name(text: str) -> bool:
    """Say whether `text` is a plain ASCII name, `segment(.segment)+`, of at most 128 characters."""
    return len(text) <= MAX_NAME and _NAME.fullmatch(text) is not None


def printable(text: str) -> str:
    """Return `text` in quotes, non-printing and non-ASCII characters escaped, cut to 200 characters."""
    shown = ascii(text[: SHOWN + 1])
    return shown if len(shown) <= SHOWN else shown[: SHOWN - 3] + "..."


def plain_text(value: object) -> str:
    """Return the text that a key stands for, whatever its type; a subclass of str cannot interfere."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("latin-1")
    return "" if value is None else ascii(value)[:SHOWN]


def decodings(text: str) -> tuple[str, ...]:
    """Return `text` and what percent, HTML and backslash decoding make of it, three rounds deep."""
    if not any(mark in text for mark in "%&\\"):
        return (text,)
    seen = [text]
    for _ in range(_ROUNDS):
        for decode in (unquote, html.unescape, _unbackslash):
            text = decode(text)
            if text not in seen:
                seen.append(text)
    return tuple(seen)


def _unbackslash(text: str) -> str:
    return _BACKSLASH.sub(lambda match: chr(int(match[1] or match[2], 16)), text)
