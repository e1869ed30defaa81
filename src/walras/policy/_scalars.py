"""Read a plain YAML 1.2 scalar by JSON-like rules, and complain about every text that parsers disagree on."""

import math
import re
from typing import Final

MAX_DIGITS: Final = 18

_INT: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT: Final = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_NON_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_AMBIGUOUS_WORD: Final = re.compile(r"yes|no|on|off", re.IGNORECASE)
_AMBIGUOUS_NUMBER: Final = re.compile(
    r"[-+]?(?:0[0-9][0-9_.]*(?:[eE][-+]?[0-9]+)?|0[xXbBoO][0-9a-fA-F_]+|[0-9][0-9_]*_[0-9_.]*"
    r"|[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?)"
)
_WORDS: Final = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}


def resolve(text: str) -> tuple[object, str]:
    """Return the value of a plain scalar and a complaint, "" where all parsers agree."""
    if text in _WORDS:
        return _WORDS[text], ""
    if _AMBIGUOUS_WORD.fullmatch(text):
        return text, "some parsers read this as a truth value; write true or false, or quote it."
    if _AMBIGUOUS_NUMBER.fullmatch(text):
        return text, "parsers disagree on this number; write it in plain decimal digits, or quote it."
    if _NON_FINITE.fullmatch(text):
        return math.nan, "is not finite; write a finite number."
    if _INT.fullmatch(text):
        return integer(text)
    if _FLOAT.fullmatch(text):
        return real(text)
    return text, ""


def integer(text: str) -> tuple[object, str]:
    """Return a decimal integer and a complaint if it is longer than any bound could be."""
    if len(text) > MAX_DIGITS:
        return math.nan, f"has more than {MAX_DIGITS} digits; write a smaller number."
    return int(text), ""


def real(text: str) -> tuple[object, str]:
    """Return a decimal fraction and a complaint if it overflows."""
    number = float(text)
    if not math.isfinite(number):
        return math.nan, "is too large for a number; write a finite one."
    return number, ""
