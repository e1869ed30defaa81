"""Each parameter against the score: one small chart a dimension, on the axis the search used."""

from collections.abc import Sequence
from typing import Final

from walras.charts import _altair as draw
from walras.charts._format import plain
from walras.charts._palette import BLUE, VERMILLION
from walras.charts._view import Spec
from walras.core import Dimension, Iteration, SearchSpace

MOST_POINTS: Final = 400
_TRIED: Final = "Scored iteration"
_BEST: Final = "Best by search score"
_COLOURS: Final = {_TRIED: BLUE, _BEST: VERMILLION}


def params_vs_score(
    space: SearchSpace, iterations: Sequence[Iteration], *, unit: str = "", columns: int = 3
) -> Spec:
    """Return every dimension's slice in one figure, `columns` a row, in name order.

    A slice shows where the search looked, not what a parameter is worth: on adaptive samples the two
    differ, and the figure says so.

    Args:
        space: The searched space; log axes stay log, categories keep their order.
        iterations: Finished iterations; only scored ones are drawn.
        unit: The objective's unit, or "" for none.
        columns: Small charts in a row.
    """
    panels = [_panel(axis, iterations, unit=unit, width=200, height=150) for axis in space.dimensions]
    if not panels:
        said = "This space has no dimension: every parameter is fixed."
        panels = [draw.panel(draw.message(said), title="Parameters", subtitle="", width=400, height=60)]
    return draw.sheet(panels, columns=columns, description="Each parameter against the score.", alike=True)


def parameter_slice(
    axis: Dimension,
    iterations: Sequence[Iteration],
    *,
    unit: str = "",
    width: int = 250,
    height: int = 160,
    legend: bool = True,
) -> Spec:
    """Return one dimension's values against the score, the best in its own colour.

    At most 400 points are drawn: the best, and the others evenly by number. Leave `legend` out where the
    text around the picture says what the diamond is.
    """
    panel = _panel(axis, iterations, unit=unit, width=width, height=height, legend=legend)
    return draw.sheet([panel], description=f"{plain(axis.name, 200)} against the score.")


def _panel(
    axis: Dimension,
    iterations: Sequence[Iteration],
    *,
    unit: str,
    width: int,
    height: int,
    legend: bool = True,
) -> draw.Panel:
    rows = _rows(axis, iterations)
    title = plain(axis.name.rpartition(".")[2], 40)
    if not rows:
        return draw.panel(
            draw.message("No scored iteration yet."), title=title, subtitle="", width=width, height=60
        )
    x, y = _axis(axis), draw.Axis(title=f"Score ({unit})" if unit else "Score")
    best = max(rows, key=lambda row: row[0])
    tried = [_row(row, _TRIED) for row in _thinned(rows) if row is not best]
    layers = [draw.points(tried, x, y, _COLOURS, size=22, opacity=0.55, keyed=legend)] if tried else []
    layers.append(draw.points([_row(best, _BEST)], x, y, _COLOURS, shape="diamond", size=70, keyed=legend))
    drawn = len(tried) + 1
    subtitle = f"{drawn} of {len(rows)} points" if drawn < len(rows) else ""
    return draw.panel(layers, title=title, subtitle=subtitle, width=width, height=height)


def _axis(axis: Dimension) -> draw.Axis:
    unit = " ".join(word for word in (plain(axis.unit, 30), "log scale" if axis.log else "") if word)
    name = plain(axis.name.rpartition(".")[2], 40)
    title = f"{name} ({unit.replace(' log', ', log')})" if unit else name
    if axis.kind == "categorical":
        return draw.Axis(title=title, categories=tuple(plain(choice, 40) for choice in axis.choices))
    if axis.kind == "bool":
        return draw.Axis(title=title, categories=("false", "true"))
    low, high = axis.low, axis.high
    if low is None or high is None or low == high:
        return draw.Axis(title=title, whole=axis.kind == "int")
    log = axis.log and low > 0
    return draw.Axis(title=title, log=log, whole=axis.kind == "int", bounds=(float(low), float(high)))


def _rows(axis: Dimension, iterations: Sequence[Iteration]) -> list[tuple[float, object]]:
    rows: list[tuple[float, object]] = []
    for item in iterations:
        if item.score.value is None or item.proposal is None or axis.name not in item.proposal.params:
            continue
        value = item.proposal.params[axis.name]
        if axis.contains(value):
            rows.append((item.score.value, _shown(axis, value)))
    return rows


def _shown(axis: Dimension, value: object) -> object:
    if axis.kind == "bool":
        return "true" if value else "false"
    return plain(str(value), 40) if axis.kind == "categorical" else value


def _row(row: tuple[float, object], series: str) -> draw.Row:
    return {"x": row[1], "y": row[0], "series": series}


def _thinned(rows: list[tuple[float, object]]) -> list[tuple[float, object]]:
    if len(rows) <= MOST_POINTS:
        return rows
    return [rows[index * len(rows) // MOST_POINTS] for index in range(MOST_POINTS)]
