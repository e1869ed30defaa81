"""Numbers and outside text as people read them."""

import math
import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from walras.core import Iteration

NONE: Final = "\N{EN DASH}"
"""What stands where there is no value yet."""

_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def plain(text: str, limit: int | None = None) -> str:
    r"""Return outside text with what cannot be seen made visible, cut to `limit` characters.

    Control, zero-width and direction-changing characters and lone surrogates become their `\x1b` or
    `\u202e` escape; line feed and tab stay. Markup is left to the template's escaping.
    """
    if limit is not None and len(text) > limit:
        text = text[: max(limit - 1, 0)].rstrip() + "…"
    return _UNSEEN.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)


def weight(text: str) -> int:
    """Return the bytes that `text` takes in a page."""
    return len(escape(plain(text)).encode("utf-8"))


def number(value: float | None) -> str:
    """Return a measured number at reading precision; an en dash for None."""
    if value is None:
        return NONE
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    size = abs(value)
    if size >= 1e7 or 0 < size < 5e-4:
        return f"{value:.3g}"
    if size >= 1000:
        return f"{value:.1f}"
    return f"{value:.2f}" if size >= 100 else f"{value:.4f}"


def setting(value: object) -> str:
    """Return a parameter's value, a float at six significant digits."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6g}"
    return plain(str(value), 80)


def duration(seconds: float) -> str:
    """Return a time span as `42s`, `3m12s` or `1h04m`."""
    whole = round(seconds) if math.isfinite(seconds) and seconds > 0 else 0
    if 0 < seconds < 10 and math.isfinite(seconds):
        return f"{seconds:.1f}s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes:02d}m"
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"


def best_so_far(iterations: "Sequence[Iteration]") -> list[float | None]:
    """Return the highest score up to each iteration; None before the first score."""
    best: float | None = None
    series: list[float | None] = []
    for item in iterations:
        value = item.score.value
        if value is not None and (best is None or value > best):
            best = value
        series.append(best)
    return series


def shared_prefix(names: Sequence[str]) -> str:
    """Return the dotted prefix that all names share, its last dot included."""
    if not names:
        return ""
    parts = [name.split(".")[:-1] for name in names]
    shared: list[str] = []
    for column in zip(*parts, strict=False):
        if len(set(column)) > 1:
            break
        shared.append(column[0])
    return ".".join(shared) + "." if shared else ""
