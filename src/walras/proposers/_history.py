"""Read finished iterations: which were scored, which is best, what is noise."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from walras.core import SearchSpace, Value
from walras.proposers._text import reason_code

if TYPE_CHECKING:
    from walras.core import Iteration


@dataclass(frozen=True)
class Scored:
    """One iteration that was admitted, measured and scored with a finite number."""

    number: int
    params: Mapping[str, Value]
    score: float
    standard_error: float | None


def scored(space: SearchSpace, history: Sequence[Iteration]) -> tuple[Scored, ...]:
    """Return the scored iterations in order. What the guard did not admit is never among them."""
    return tuple(row for row in (as_scored(space, iteration) for iteration in history) if row is not None)


def as_scored(space: SearchSpace, iteration: Iteration) -> Scored | None:
    """Return `iteration` if it is done, admitted, inside `space` and scored; else None."""
    params = admitted_params(space, iteration)
    score = iteration.score.value
    if str(iteration.status) != "done" or params is None or score is None or not math.isfinite(score):
        return None
    error = iteration.score.standard_error
    return Scored(iteration.number, params, score, error if error and math.isfinite(error) else None)


def admitted_params(space: SearchSpace, iteration: Iteration) -> dict[str, Value] | None:
    """Return the params of `iteration` if the guard admitted them and they lie in `space`; else None."""
    if iteration.proposal is None or iteration.verdict is None or not iteration.verdict.allowed:
        return None
    params: dict[str, Value] = dict(iteration.proposal.params)  # type: ignore[arg-type]
    return params if space.contains(params) else None


def status_of(iteration: Iteration) -> str:
    """Return "done", or the reason code of an iteration without a score."""
    if str(iteration.status) == "done":
        return "done" if iteration.score.value is not None else "NO_SCORE"
    if iteration.failure is not None:
        return reason_code(iteration.failure.code)
    if iteration.verdict is not None and not iteration.verdict.allowed:
        return reason_code(iteration.verdict.code)
    return "OTHER"


def best_of(rows: Sequence[Scored]) -> Scored | None:
    """Return the row with the highest score; the earliest of equals."""
    return max(rows, key=lambda row: (row.score, -row.number), default=None)


def noise_of(rows: Sequence[Scored]) -> float | None:
    """Return the median standard error of a score, or None where none is known."""
    known = [row.standard_error for row in rows if row.standard_error is not None]
    return statistics.median(known) if known else None


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return lower quartile, median and upper quartile, by linear interpolation; values is not empty."""
    ordered = sorted(values)

    def at(share: float) -> float:
        place = share * (len(ordered) - 1)
        low = math.floor(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (place - low) * (ordered[high] - ordered[low])

    return at(0.25), at(0.5), at(0.75)


def ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of each value, equal values sharing the mean of their ranks."""
    order = sorted(range(len(values)), key=lambda index: values[index])
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        stop = start
        while stop < len(order) and values[order[stop]] == values[order[start]]:
            stop += 1
        for index in order[start:stop]:
            found[index] = (start + stop - 1) / 2
        start = stop
    return found
