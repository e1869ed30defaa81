"""Numbers, times and parameters as people read them."""

import math
from collections.abc import Mapping
from typing import Final

from walras.cli._terminal import one_line

NONE: Final = "\N{EN DASH}"
"""What stands where there is no value."""


def number(value: object, digits: int = 4) -> str:
    """Return a number at `digits` significant digits, a dash for None, other values as text."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    if not isinstance(value, float):
        return one_line(value, 200)
    if not math.isfinite(value):
        return str(value)
    value += 0.0  # so that there is no -0
    if value and not 1e-4 <= abs(value) < 1e7:
        return f"{value:.{digits - 1}e}"
    places = max(digits - 1 - math.floor(math.log10(abs(value))), 0) if value else 0
    text = f"{value:,.{places}f}" if abs(value) >= 10_000 else f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def setting(value: object) -> str:
    """Return a parameter's value at six digits, without separators: it can be typed as it is shown."""
    return number(value, 6).replace(",", "") if isinstance(value, int | float) else number(value)


def score(value: float | None, error: float | None = None) -> str:
    """Return `value ± error`, the error at two digits and the value to the same place."""
    if value is None:
        return NONE
    if error is None or not math.isfinite(error):
        return number(value, 5)
    if error <= 0:
        return f"{number(value, 5)} ± 0"
    places = min(max(1 - math.floor(math.log10(error)), 0), 8)
    return f"{value:.{places}f} ± {error:.{places}f}"


def duration(seconds: float) -> str:
    """Return a time span as `4.2s`, `42s`, `3m12s` or `1h04m`."""
    if seconds < 10:
        return f"{max(seconds, 0.0):.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes:02d}m"
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"


def count(amount: int, noun: str, plural: str = "") -> str:
    """Return `1 pair`, `2 pairs`."""
    return f"{amount:,} {noun if amount == 1 else plural or noun + 's'}"


def when(stamp: str) -> str:
    """Return an ISO time as `2026-11-20 08:31`; it stays in UTC."""
    return one_line(stamp.replace("T", " ")[:16], 16)


def point(params: Mapping[str, object]) -> str:
    """Return params on one line, each under its last segment: `half_spread_ticks=3 mode=join`."""
    return " ".join(f"{one_line(name).rsplit('.', 1)[-1]}={setting(value)}" for name, value in params.items())


def command(text: str, store: str | None) -> str:
    """Return a command line to paste, on the same store that was named; a password is never repeated."""
    if not store:
        return text
    return f"{text} --store {'URL' if holds_secret(store) else quoted(store)}"


def holds_secret(store: str) -> bool:
    """Say whether a store's URL holds, or may hold, a password."""
    from urllib.parse import urlsplit

    if "://" not in store:
        return False
    try:
        parts = urlsplit(store)
        return parts.password is not None or bool(parts.query)
    except ValueError:
        return True


def quoted(text: str) -> str:
    """Return `text` as a shell word, for lines that people paste."""
    from shlex import quote

    return quote(one_line(text))
