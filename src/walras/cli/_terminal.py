"""Text from outside, made fit for a terminal: no control bytes, no direction tricks, never endless."""

import re
from typing import Final

LIMIT: Final = 2000
"""Characters of one outside text that reach a terminal."""

_UNFIT: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and line feed, DEL, C1
    "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # direction, zero width, separators
    "\U000e0000-\U000e007f"  # tags
    "\ud800-\udfff]"  # lone surrogates
)
_SPACE: Final = re.compile(r"\s+")


def scrub(text: object, limit: int | None = LIMIT) -> str:
    """Return `text` without control and direction characters, cut to `limit` characters.

    Tab and line feed stay. What is left of an escape sequence stays visible as plain text.
    """
    plain = _UNFIT.sub("", str(text))
    if limit is not None and len(plain) > limit:
        return plain[: limit - 1] + "…"
    return plain


def shortened(text: object, limit: int) -> str:
    """Return `text` on one line, cut between two words to `limit` characters."""
    line = one_line(text)
    if len(line) <= limit:
        return line
    kept, space, _ = line[:limit].rpartition(" ")
    return f"{kept.rstrip(' ,;:')} …" if space and len(kept) > limit // 2 else one_line(line, limit)


def one_line(text: object, limit: int = LIMIT) -> str:
    """Return `text` scrubbed, on one line, cut to `limit` characters."""
    return scrub(_SPACE.sub(" ", scrub(text, None)).strip(), max(limit, 1))
