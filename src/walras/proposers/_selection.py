"""Choose which iterations of a long record a model is shown: the best, the recent, the far, the failed.

Everything is decided on integers and on + - * /, so that the choice is the same on every machine.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from walras.core import Dimension, SearchSpace, Value
from walras.proposers._history import Scored, status_of

if TYPE_CHECKING:
    from walras.core import Iteration

TOP: Final = 8
_LAST, _DIVERSE, _FAILED = 8, 6, 4
_GRID: Final = 10_000

_Place: TypeAlias = tuple[int | str | None, ...]


def chosen_places(space: SearchSpace, history: Sequence[Iteration], rows: Sequence[Scored]) -> list[int]:
    """Return the indices to show: defaults, 8 best, last 8, last 4 without a score, 6 far from those."""
    place = {iteration.number: index for index, iteration in enumerate(history)}
    chosen = {place[row.number] for row in by_shrunk_mean(rows)[:TOP]}
    chosen |= set(range(max(len(history) - _LAST, 0), len(history)))
    chosen |= {index for index, iteration in enumerate(history) if iteration.number == 0}
    unscored = [index for index, iteration in enumerate(history) if status_of(iteration) != "done"]
    chosen |= set(unscored[-_FAILED:])
    return sorted(chosen | {place[number] for number in _far(space, rows, place, chosen)})


def by_shrunk_mean(rows: Sequence[Scored]) -> list[Scored]:
    """Return rows best first, each score pulled towards the mean of all by how noisy it is."""
    if not rows:
        return []
    mean = statistics.fmean(row.score for row in rows)
    noise = [row.standard_error * row.standard_error for row in rows if row.standard_error]
    spread = statistics.pvariance([row.score for row in rows])
    signal = max(spread - (statistics.fmean(noise) if noise else 0.0), spread * 0.05)

    def shrunk(row: Scored) -> float:
        error = (row.standard_error or 0.0) * (row.standard_error or 0.0)
        weight = signal / (signal + error) if signal + error > 0 else 1.0
        return mean + weight * (row.score - mean)

    return sorted(rows, key=lambda row: (-shrunk(row), row.number))


def _far(space: SearchSpace, rows: Sequence[Scored], place: dict[int, int], chosen: set[int]) -> list[int]:
    """Return up to 6 numbers, each in turn the farthest from all that are shown; the earliest of equals."""
    points = {row.number: _grid_point(space, row) for row in rows}
    shown = [points[row.number] for row in rows if place[row.number] in chosen]
    gaps = {
        row.number: min((_distance(points[row.number], other) for other in shown), default=0)
        for row in rows
        if place[row.number] not in chosen
    }
    far: list[int] = []
    while gaps and len(far) < _DIVERSE:
        number = max(gaps, key=lambda n: (gaps[n], -n))
        far.append(number)
        del gaps[number]
        gaps = {n: min(gap, _distance(points[n], points[number])) for n, gap in gaps.items()}
    return far


def _grid_point(space: SearchSpace, row: Scored) -> _Place:
    return tuple(_on_grid(axis, row.params.get(axis.name)) for axis in space.dimensions)


def _on_grid(axis: Dimension, value: Value | None) -> int | str | None:
    """Return a number's place along its axis in 1/10,000, a choice as text, absence as None."""
    if value is None:
        return None
    if axis.kind in ("categorical", "bool"):
        return str(value)
    return round(axis.to_unit(value) * _GRID)


def _distance(one: _Place, two: _Place) -> int:
    """Return the squared distance; another choice, or absence, counts as the whole axis."""
    total = 0
    for a, b in zip(one, two, strict=True):
        if type(a) is int and type(b) is int:
            total += (a - b) * (a - b)
        elif a != b:
            total += _GRID * _GRID
    return total
