"""Reads the golden file and decides whether a result is the expected one."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from walras.core import WalrasError

GOLDEN_FILE = Path(__file__).parent / "golden_statistics.json"

_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


@dataclass(frozen=True)
class Case:
    """One golden case; `inputs` has its 'nan' and 'inf' strings turned into floats."""

    id: str
    method: str
    inputs: dict[str, object]
    expected: object
    rtol: float
    atol: float


def load_cases(path: Path = GOLDEN_FILE) -> list[Case]:
    """Return every case of a golden file, in order."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return [
        Case(
            c["id"],
            c["method"],
            {k: _floats(v) for k, v in c["inputs"].items()},
            c["expected"],
            c["rtol"],
            c["atol"],
        )
        for c in document["cases"]
    ]


def _floats(value: object) -> object:
    if isinstance(value, list):
        return [_floats(item) for item in value]
    if isinstance(value, dict):
        return {key: _floats(item) for key, item in value.items()}
    return _FLOATS.get(value, value) if isinstance(value, str) else value


def outcome(answer: Callable[[str, dict[str, object]], object], case: Case) -> object:
    """Return the answer to a case, or the project error that it raised."""
    try:
        return answer(case.method, case.inputs)
    except WalrasError as error:
        return error


def mismatch(case: Case, got: object) -> str | None:
    """Return where and how `got` differs from what the case expects, or None if it matches."""
    return _compare(case.expected, got, case, "$")


def _compare(expected: object, got: object, case: Case, where: str) -> str | None:
    if isinstance(expected, dict) and expected.keys() == {"any_of"}:
        found = [_compare(option, got, case, where) for option in expected["any_of"]]
        return None if None in found else f"{where}: {got!r} is none of {expected['any_of']}"
    if isinstance(expected, dict) and expected.keys() == {"range"}:
        low, high = expected["range"]
        inside = isinstance(got, int | float) and low <= got <= high
        return None if inside else f"{where}: {got!r} outside [{low}, {high}]"
    if isinstance(expected, str) and expected in _WORDS:
        return None if _WORDS[expected](got) else f"{where}: {got!r} is not {expected}"
    if isinstance(got, Exception):
        return f"{where}: raised {got!r}"
    if isinstance(expected, dict | list):
        return _compare_parts(expected, got, case, where)
    return _compare_leaf(expected, got, case, where)


def _compare_parts(
    expected: dict[str, object] | list[object], got: object, case: Case, where: str
) -> str | None:
    if isinstance(expected, list):
        if not isinstance(got, list | tuple) or len(got) != len(expected):
            return f"{where}: {got!r} is not a list of {len(expected)}"
        pairs = [(f"{where}[{i}]", e, g) for i, (e, g) in enumerate(zip(expected, got, strict=True))]
    else:
        if not isinstance(got, dict) or not expected.keys() <= got.keys():
            return f"{where}: {got!r} lacks some of {sorted(expected)}"
        pairs = [(f"{where}.{key}", e, got[key]) for key, e in expected.items()]
    return next((found for at, e, g in pairs if (found := _compare(e, g, case, at)) is not None), None)


def _compare_leaf(expected: object, got: object, case: Case, where: str) -> str | None:
    wrong = f"{where}: {got!r} instead of {expected!r}"
    if isinstance(expected, bool | str) or expected is None:
        return None if expected == got else wrong
    if isinstance(expected, int) and isinstance(got, int):
        return None if expected == got else wrong
    if not isinstance(expected, int | float) or not isinstance(got, int | float):
        return wrong
    return None if abs(got - expected) <= case.atol + case.rtol * abs(expected) else wrong


def _is_error(got: object) -> bool:
    return isinstance(got, Exception)


def _is_undefined(got: object) -> bool:
    if isinstance(got, dict):
        values = [value for value in got.values() if not isinstance(value, int)]
        return bool(values) and all(map(_is_undefined, values))
    return got is None or isinstance(got, Exception) or (isinstance(got, float) and math.isnan(got))


_WORDS: dict[str, Callable[[object], bool]] = {
    "error": _is_error,
    "undefined": _is_undefined,
    "undefined_or_error": _is_undefined,
    "inf": lambda got: got == math.inf,
}
