"""Answer prompts by fixed rules, offline: the same path as a model, with nothing intelligent in it.

It reads only what a model would read: the parameter table, the state and the history in the prompt.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from walras.core import Json, Prompt, Reply
from walras.endpoint._base import Answer, Endpoint, estimate_text_tokens, estimate_tokens

SCRIPTED_MODEL: Final = "scripted-rules-1"

_FIRST_STEP: Final = 0.25


class ScriptedEndpoint(Endpoint):
    """Coordinate steps around the best point so far, ever smaller; a function of the prompt alone."""

    kind = "scripted"
    model = SCRIPTED_MODEL

    def answer(self, prompt: Prompt, *, key: tuple[int, int], most_calls: int | None = None) -> Answer:
        """Return what the rules say to `prompt`."""
        del most_calls
        text = _explanation(prompt) if prompt.purpose == "explain" else _proposals(prompt)
        sent, got = estimate_tokens(prompt), estimate_text_tokens(text)
        reply = Reply(
            text=text, finish="stop", model=SCRIPTED_MODEL, prompt_tokens=sent, completion_tokens=got
        )
        return reply, {
            "kind": self.kind,
            "key": list(key),
            "endpoint": self.kind,
            "model": SCRIPTED_MODEL,
            "model_mismatch": False,
            "request": prompt.digest,
            "attempts": [],
            "calls": 1,
            "latency_ms": 0,
            "tokens": {"prompt": sent, "completion": got, "estimated": True},
            "usd": 0.0,
        }


@dataclass(frozen=True)
class _Axis:
    name: str
    kind: str
    low: float
    high: float
    choices: tuple[str, ...]
    log: bool
    step: float
    default: str
    when: tuple[str, tuple[str, ...]] | None

    def at(self, unit: float) -> bool | int | float | str:
        """Return the value at `unit` in [0, 1] along the axis."""
        unit = min(max(unit, 0.0), 1.0)
        if self.kind == "bool":
            return unit >= 0.5
        if self.kind == "categorical":
            return self.choices[min(int(unit * len(self.choices)), len(self.choices) - 1)]
        if self.log:
            number = math.exp(math.log(self.low) + unit * (math.log(self.high) - math.log(self.low)))
        else:
            number = self.low + unit * (self.high - self.low)
        if self.step:
            number = self.low + math.floor((number - self.low) / self.step + 0.5) * self.step
            if number > self.high:
                number -= self.step
        else:
            number = float(f"{number:.6g}")
        number = min(max(number, self.low), self.high)
        return round(number) if self.kind == "int" else number

    def unit(self, cell: str) -> float:
        """Return where the printed value `cell` lies along the axis; 0.5 where it cannot be read."""
        if self.kind == "bool":
            return 0.75 if cell == "true" else 0.25
        if self.kind == "categorical":
            return (self.choices.index(cell) + 0.5) / len(self.choices) if cell in self.choices else 0.5
        try:
            number = min(max(float(cell), self.low), self.high)
        except ValueError:
            return 0.5
        if self.high == self.low:
            return 0.5
        if self.log:
            return math.log(number / self.low) / math.log(self.high / self.low)
        return (number - self.low) / (self.high - self.low)

    def exists(self, point: Mapping[str, Json], fixed: Mapping[str, str]) -> bool:
        """Say whether the axis is part of `point`."""
        if self.when is None:
            return True
        parent, values = self.when
        return (parent in point and _cell(point[parent]) in values) or fixed.get(parent, "") in values


def _proposals(prompt: Prompt) -> str:
    """Return the JSON answer to a request for proposals."""
    system, user = prompt.messages[0].content, prompt.messages[1].content
    axes = [_axis(row) for row in _table(system, "parameters")]
    fixed = {row["name"]: row["value"] for row in _table(system, "fixed")}
    rows = _table(user, "history")
    finished, wanted = _number(user, "finished"), _number(user, "wanted")
    done = [row for row in rows if row.get("status") == "done"]
    best = max(done, key=lambda row: float(row["score"]), default=None)
    points: list[dict[str, Json]] = []
    for turn in range(wanted):
        move = max(finished, 1) - 1 + turn
        if move == 0:
            units = {axis.name: 0.5 for axis in axes}
            why = "The middle of every range is a start that favours no side."
        else:
            start = best or {}
            units = {axis.name: axis.unit(start.get(axis.name) or axis.default) for axis in axes}
            why = _step(axes, units, move - 1)
        points.append(
            {
                "hypothesis": why,
                "params": _point(axes, units, fixed),
                "predicted_score": float(best["score"]) if best is not None else None,
            }
        )
    observation = _observation(rows, best)
    answer: dict[str, Json] = {"observation": observation}
    answer |= points[0] if wanted == 1 else {"proposals": points}
    return json.dumps(answer)


def _step(axes: Sequence[_Axis], units: dict[str, float], move: int) -> str:
    """Move one axis in `units`; return why. Each round visits every axis both ways, then halves."""
    axis = axes[move % len(axes)]
    lap = move // len(axes)
    size = max(_FIRST_STEP * 0.5 ** (lap // 2), 0.01)
    if axis.kind in ("categorical", "bool"):
        size = 1 / max(len(axis.choices), 2)
    up = lap % 2 == 0
    target = units[axis.name] + (size if up else -size)
    if not 0.0 <= target <= 1.0:
        target = units[axis.name] - (size if up else -size)
    units[axis.name] = min(max(target, 0.0), 1.0)
    return f"A step of {size:.3g} of the range on {axis.name} shows which way the score rises."


def _point(axes: Sequence[_Axis], units: Mapping[str, float], fixed: Mapping[str, str]) -> dict[str, Json]:
    """Return the point at `units`, with exactly the axes that exist in it."""
    point: dict[str, Json] = {}
    for _ in axes:  # as many passes as conditions can be deep
        for axis in axes:
            if axis.name not in point and axis.exists(point, fixed):
                point[axis.name] = axis.at(units[axis.name])
    return point


def _observation(rows: Sequence[Mapping[str, str]], best: Mapping[str, str] | None) -> str:
    if best is None or not rows:
        return "Nothing has been scored yet."
    last = max(rows, key=lambda row: int(row["n"]))
    if last["status"] != "done":
        return f"The last iteration ended with {last['status']}; it says nothing about the score."
    if last["n"] == best["n"]:
        return f"The last iteration has the best score so far, {best['score']}."
    return f"The last iteration scored {last['score']}, not above the best score {best['score']}."


def _explanation(prompt: Prompt) -> str:
    facts = _block(prompt.messages[-1].content, "facts").strip().splitlines()
    listed = " ".join(line.strip(" -").rstrip(".") + "." for line in facts[:6])
    return f"Fixed rules wrote this, not a model. They only repeat the computed facts: {listed}"


def _axis(row: Mapping[str, str]) -> _Axis:
    numeric = row["type"] in ("int", "float")
    parent, _, values = row["when"].partition("=")
    step = row["step"] or ("1" if row["type"] == "int" else "0")
    return _Axis(
        name=row["name"],
        kind=row["type"],
        low=float(row["low"]) if numeric else 0.0,
        high=float(row["high"]) if numeric else 0.0,
        choices=tuple(row["choices"].split("|")) if row["choices"] else (),
        log=row["scale"] == "log",
        step=float(step),
        default=row["default"],
        when=(parent, tuple(values.split("|"))) if parent else None,
    )


def _table(text: str, tag: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(_block(text, tag).strip())))


def _block(text: str, tag: str) -> str:
    found = re.search(rf"^<{tag}>\n(.*?)^</{tag}>$", text, re.DOTALL | re.MULTILINE)
    return found.group(1) if found else ""


def _number(text: str, name: str) -> int:
    found = re.search(rf"^{name}: (\d+)$", text, re.MULTILINE)
    return int(found.group(1)) if found else 1


def _cell(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
