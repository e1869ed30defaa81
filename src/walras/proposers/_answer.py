"""Read a model's answer strictly: exactly one JSON object, checked, never clipped and never repaired."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from walras.core import Json, Reply, SearchSpace, Value
from walras.proposers._text import shown_text

INVALID: Final = "PROPOSAL_INVALID"
BOUNDS: Final = "PROPOSAL_BOUNDS"
MALFORMED: Final = "LLM_MALFORMED"
REFUSED: Final = "LLM_REFUSED"

TEXT_LIMIT: Final = 400
_THINK: Final = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL | re.IGNORECASE)
_FENCE: Final = re.compile(r"```[a-zA-Z0-9_-]{0,20}\r?\n(.*?)```", re.DOTALL)
_ENTRY: Final = frozenset({"hypothesis", "params", "predicted_score", "reasoning"})
_LONGEST_NUMBER: Final = 400
_MOST_VALUES: Final = 4000
_DEEPEST: Final = 12
_LONGEST_NAME: Final = 500


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an answer: a code, and the name it concerns, escaped and cut."""

    code: str
    where: str = ""
    what: str = ""

    def __str__(self) -> str:
        return (
            f"{self.code}{f' at {self.where}' if self.where else ''}{f': {self.what}' if self.what else ''}"
        )


@dataclass(frozen=True)
class Entry:
    """One proposal of an answer; `problems` is empty if it can be tried."""

    params: Mapping[str, object] | None
    hypothesis: str | None
    reasoning: str | None
    predicted_score: float | None
    problems: tuple[Problem, ...]
    locked: bool = False

    @property
    def code(self) -> str:
        """Return the reason code of an entry with problems."""
        return BOUNDS if all(problem.code in _BOUND_CODES for problem in self.problems) else INVALID


@dataclass(frozen=True)
class Answer:
    """A whole answer. `code` says why nothing in it can be read; else `entries` are to be looked at.

    `final` marks what no re-ask can mend: a refusal, or a name that belongs to a hard gate.
    """

    entries: tuple[Entry, ...] = ()
    observation: str | None = None
    code: str | None = None
    problems: tuple[Problem, ...] = ()
    final: bool = False

    @property
    def all_problems(self) -> tuple[Problem, ...]:
        """Return the problems of the answer and of all its entries."""
        return (*self.problems, *(problem for entry in self.entries for problem in entry.problems))


_BOUND_CODES: Final = frozenset({"OUT_OF_BOUNDS", "UNKNOWN_CHOICE", "OFF_STEP"})


class BadNumber(str):
    """A number that no finite float of plain spelling stands for; keeps its text for the record."""

    __slots__ = ()


class _Table(dict[str, object]):
    """A JSON object; remembers its duplicate keys."""

    def __init__(self, pairs: Sequence[tuple[str, object]]) -> None:
        super().__init__(pairs)
        counts = Counter(name for name, _ in pairs)
        self.duplicates = tuple(sorted(name for name, count in counts.items() if count > 1))
        self.all_pairs = tuple(pairs)


def read_answer(reply: Reply, space: SearchSpace, *, count: int, is_locked: Callable[[str], bool]) -> Answer:
    """Return what `reply` says; raises nothing, whatever it holds.

    Args:
        reply: The model's final answer, without a transport error.
        space: Which names and values are allowed.
        count: How many proposals were asked for.
        is_locked: Whether a name touches a hard gate.
    """
    if reply.tool_calls:
        return _unreadable(INVALID, "TOOL_CALL", "no tool was offered; answer with JSON text")
    if reply.refusal or reply.finish == "content_filter":
        return Answer(code=REFUSED, problems=(Problem("REFUSAL"),), final=True)
    if reply.finish == "length":
        return _unreadable(MALFORMED, "CUT_OFF", "the answer hit the token limit; be shorter")
    text = reply.text if reply.text.strip() else (reply.reasoning or "")
    if not text.strip():
        return _unreadable(MALFORMED, "EMPTY", "the answer is empty")
    parsed = _parse(_THINK.sub("", text, count=1).strip())
    if isinstance(parsed, Answer):
        return parsed
    return _checked(parsed, space, count, is_locked)


def _parse(text: str) -> _Table | Answer:
    """Return the one JSON object of `text`."""
    fences = _FENCE.findall(text)
    if len(fences) > 1:
        return _unreadable(INVALID, "TWO_OBJECTS", "more than one fenced block")
    if fences and "{" not in _FENCE.sub("", text):
        text = fences[0].strip()
    if "{" not in text and "[" not in text:
        return _unreadable(MALFORMED, "NO_JSON", "the answer holds no JSON object")
    try:
        parsed = json.loads(
            text,
            object_pairs_hook=_Table,
            parse_constant=BadNumber,
            parse_float=_real,
            parse_int=_whole,
        )
    except json.JSONDecodeError as error:
        return _syntax(text, error)
    except (ValueError, RecursionError):
        return _unreadable(MALFORMED, "NOT_JSON", "the JSON cannot be read")
    if not isinstance(parsed, _Table):
        return _unreadable(INVALID, "NOT_AN_OBJECT", "the answer must be one JSON object")
    if _is_bulky(parsed):
        return _unreadable(INVALID, "TOO_BIG", f"more than {_MOST_VALUES} values or {_DEEPEST} levels")
    return parsed


def _is_bulky(value: object) -> bool:
    """Say whether parsed JSON is too deep or too large to be looked at name by name."""
    stack, seen = [(value, 0)], 0
    while stack:
        node, depth = stack.pop()
        children = list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
        seen += 1 + len(children)
        if depth > _DEEPEST or seen > _MOST_VALUES:
            return True
        stack += [(child, depth + 1) for child in children]
    return False


def _syntax(text: str, error: json.JSONDecodeError) -> Answer:
    if error.msg == "Extra data":
        return _unreadable(INVALID, "TWO_OBJECTS", "text or a second object after the first")
    at = text[error.pos : error.pos + 1]
    if at.isdigit() and not at.isascii():
        return _unreadable(INVALID, "BAD_NUMBER", "digits must be 0 to 9")
    return _unreadable(MALFORMED, "NOT_JSON", f"not valid JSON at character {error.pos}")


def _checked(body: _Table, space: SearchSpace, count: int, is_locked: Callable[[str], bool]) -> Answer:
    rows, problems = _rows(body, count)
    problems += [Problem("DUPLICATE_KEY", printable_name(name)) for name in body.duplicates]
    allowed = {"observation", "proposals", "reasoning"} if count > 1 else {"observation", *_ENTRY}
    problems += [Problem("UNKNOWN_FIELD", printable_name(name)) for name in body if name not in allowed]
    observation, wrong = _text(body, "observation")
    problems += wrong
    entries = tuple(_entry(row, space, count, is_locked) for row in rows)
    inside = any(entry.locked for entry in entries)
    outside = any(is_locked(name) for name in _names(body))
    if outside and not inside:
        problems.append(Problem("LOCKED_NAME", what="a name of a hard gate stands outside params"))
    if problems and not inside:
        return Answer(entries, observation, INVALID, tuple(problems), final=outside)
    return Answer(entries, observation, None, tuple(problems), final=inside or outside)


def _rows(body: _Table, count: int) -> tuple[list[object], list[Problem]]:
    """Return the proposals of an answer, each still unchecked."""
    if count == 1:
        return [body], []
    rows = body.get("proposals")
    if not isinstance(rows, list):
        return [], [Problem("MISSING_FIELD", "proposals", f"a list of {count} is needed")]
    wrong = [] if len(rows) == count else [Problem("WRONG_COUNT", "proposals", f"{len(rows)}, not {count}")]
    return (rows if len(rows) <= count else []), wrong


def _entry(row: object, space: SearchSpace, count: int, is_locked: Callable[[str], bool]) -> Entry:
    if not isinstance(row, _Table):
        return Entry(None, None, None, None, (Problem("NOT_AN_OBJECT", "proposals"),))
    problems: list[Problem] = []
    if count > 1:
        problems += [Problem("UNKNOWN_FIELD", printable_name(name)) for name in row if name not in _ENTRY]
        problems += [Problem("DUPLICATE_KEY", printable_name(name)) for name in row.duplicates]
    hypothesis, wrong = _text(row, "hypothesis")
    reasoning, also_wrong = _text(row, "reasoning")
    predicted = row.get("predicted_score")
    problems += [*wrong, *also_wrong]
    if predicted is not None and (_finite(predicted) is None):
        problems.append(Problem("WRONG_TYPE", "predicted_score", "a finite number or null is needed"))
    params = row.get("params")
    if not isinstance(params, _Table):
        problems.append(Problem("MISSING_FIELD" if params is None else "NOT_AN_OBJECT", "params"))
        return Entry(None, hypothesis, reasoning, _finite(predicted), tuple(problems))
    locked = [name for name in _names(params) if is_locked(name)]
    problems += [Problem("LOCKED_NAME", printable_name(name)) for name in dict.fromkeys(locked)]
    present = {name: value for name, value in params.items() if not _is_absent(space, name, value)}
    problems += _param_problems(params, present, space)
    kept = _plain(present)
    assert isinstance(kept, dict)  # noqa: S101  # a table stays a table
    for name in locked:  # one that a twin key hid has to reach the guard too
        kept.setdefault(name, None)
    return Entry(kept, hypothesis, reasoning, _finite(predicted), tuple(problems), locked=bool(locked))


def _is_absent(space: SearchSpace, name: str, value: object) -> bool:
    """Say whether null means that a conditional parameter is left out, as strict schemas need it."""
    axis = space.by_name.get(name)
    return value is None and axis is not None and axis.when is not None


def _param_problems(params: _Table, present: Mapping[str, object], space: SearchSpace) -> list[Problem]:
    problems = [Problem("DUPLICATE_KEY", printable_name(name)) for name in params.duplicates]
    typed: dict[str, Value] = {}
    for name, value in present.items():
        if name not in space.by_name:
            problems.append(Problem("UNKNOWN_PARAMETER", printable_name(name)))
            continue
        wrong = _value_problem(space, name, value)
        if wrong is None or wrong.code in _BOUND_CODES:
            typed[name] = value  # type: ignore[assignment]
        if wrong is not None:
            problems.append(wrong)
    known = {name for name in present if name in space.by_name}
    if known == typed.keys():
        active = space.active(typed)
        problems += [Problem("INACTIVE_PARAMETER", name) for name in sorted(known - active.keys())]
        problems += [Problem("MISSING_PARAMETER", name) for name in space.missing(typed)]
    else:
        always = {axis.name for axis in space.dimensions if axis.when is None}
        problems += [Problem("MISSING_PARAMETER", name) for name in sorted(always - known)]
    return problems


def _value_problem(space: SearchSpace, name: str, value: object) -> Problem | None:
    axis = space.by_name[name]
    if isinstance(value, BadNumber):
        return Problem("BAD_NUMBER", name, "a finite number in plain digits is needed")
    if axis.kind == "categorical":
        if type(value) is not str:
            return Problem("WRONG_TYPE", name, "text is needed")
        return None if value in axis.choices else Problem("UNKNOWN_CHOICE", name)
    if axis.kind == "bool":
        return None if type(value) is bool else Problem("WRONG_TYPE", name, "true or false is needed")
    number = value if type(value) is int else _finite(value)
    if number is None or (axis.kind == "int" and type(value) is not int):
        wanted = "a whole number" if axis.kind == "int" else "a number"
        return Problem("WRONG_TYPE", name, f"{wanted} is needed")
    assert axis.low is not None  # noqa: S101  # an int or float axis always has bounds
    assert axis.high is not None  # noqa: S101
    if not axis.low <= number <= axis.high:
        return Problem("OUT_OF_BOUNDS", name, f"allowed {axis.low:g} to {axis.high:g}")
    if not axis.contains(value):
        return Problem("OFF_STEP", name, f"allowed steps of {axis.step:g} from {axis.low:g}")
    return None


def _text(body: Mapping[str, object], name: str) -> tuple[str | None, list[Problem]]:
    value = body.get(name)
    if value is None:
        return None, []
    if type(value) is not str:
        return None, [Problem("WRONG_TYPE", name, "text is needed")]
    return shown_text(value, limit=TEXT_LIMIT), []


def _names(value: object) -> list[str]:
    """Return every key in `value`, at any depth, duplicates included; deeper ones also joined by dots."""
    names: list[str] = []
    stack: list[tuple[object, str]] = [(value, "")]
    while stack:
        node, path = stack.pop()
        if isinstance(node, _Table):
            for name, child in node.all_pairs:
                short = name[:_LONGEST_NAME]
                names += [short, f"{path}{short}"] if path else [short]
                stack.append((child, f"{path}{short}."[-_LONGEST_NAME:]))
        elif isinstance(node, list):
            stack += [(child, path) for child in node]
    return list(dict.fromkeys(names))


def _plain(value: object) -> object:
    """Return parsed JSON in plain types; a bad number becomes its text, marked."""
    if isinstance(value, BadNumber):
        return f"<bad number> {printable_name(value)}"
    if isinstance(value, dict):
        return {name: _plain(child) for name, child in value.items()}
    if isinstance(value, list):
        return [_plain(child) for child in value]
    return value


def _finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _real(text: str) -> float | BadNumber:
    number = float(text) if len(text) <= _LONGEST_NUMBER else math.inf
    lost = number == 0 and any(digit in "123456789" for digit in text.lower().split("e")[0])
    if not math.isfinite(number) or lost or (number == 0 and text.startswith("-")):
        return BadNumber(text)
    return number


def _whole(text: str) -> int | BadNumber:
    return BadNumber(text) if len(text) > 300 or text == "-0" else int(text)


def _unreadable(code: str, problem: str, what: str) -> Answer:
    return Answer(code=code, problems=(Problem(problem, what=what),))


def printable_name(name: str) -> str:
    """Return a name from outside, escaped to ASCII and cut to 80 characters."""
    escaped = ascii(str(name))[1:-1]
    return escaped if len(escaped) <= 80 else escaped[:77] + "..."


def problem_lines(problems: Sequence[Problem]) -> list[Json]:
    """Return the problems as text, each once, at most 12."""
    lines: list[Json] = [str(problem) for problem in dict.fromkeys(problems)]
    return lines[:12]
