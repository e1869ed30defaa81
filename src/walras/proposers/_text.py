"""Print numbers and outside text for a prompt: short, printable, never an instruction."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from typing import Final

from walras.core import Value

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9 .,;:()%/+\-_'=*^&]")
_SPELLED: Final = {"\u00b1": "+-", "\u2212": "-", "\u00d7": "x", "->": "to", "\u2192": "to", ">=": "at least"}
_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,39}")


def cell(value: Value | None) -> str:
    """Return a parameter value as a table cell: floats at 3 significant digits, "" for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return number(value)
    return str(value)


def number(value: float, digits: int = 3) -> str:
    """Return `value` at `digits` significant digits, without an exponent where that is short."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    rounded = float(f"{value:.{digits}g}")
    if 1e-4 <= abs(rounded) < 1e7:
        places = max(digits - 1 - _exponent(rounded), 0)
        text = f"{rounded:.{places}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{rounded:.{digits}g}"


def score_text(score: float, standard_error: float | None) -> str:
    """Return a score with digits down to a tenth of its standard error."""
    if not standard_error:
        return number(score, 6)
    places = min(max(1 - _exponent(standard_error), 0), 6)
    return f"{score:.{places}f}"


def _exponent(value: float) -> int:
    """Return the decimal exponent, read off the exact decimal text: no logarithm, the same everywhere."""
    return int(f"{value:.16e}".partition("e")[2])


def safe_text(text: str, *, limit: int) -> str:
    """Return the harmless part of outside text on one line: letters, digits, plain punctuation; cut."""
    for mark, word in _SPELLED.items():
        text = text.replace(mark, word)
    flat = " ".join(_UNSAFE.sub(" ", text).split())
    return flat if len(flat) <= limit else flat[: limit - 3].rstrip() + "..."


def shown_text(text: str, *, limit: int) -> str:
    """Return what people may read of a model's text: printable, encodable, on one line, cut."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= limit else flat[: limit - 3].rstrip() + "..."


def reason_code(code: str) -> str:
    """Return `code` if it is an upper-case reason code, else "OTHER"."""
    return code if _CODE.fullmatch(code) else "OTHER"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return CSV with a header line, without a trailing newline."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().rstrip("\n")
