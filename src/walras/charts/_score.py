"""Score per iteration: what each proposal scored, the best so far, and what was refused or failed."""

from collections.abc import Sequence
from typing import Final

from walras.charts import _altair as draw
from walras.charts._format import best_so_far
from walras.charts._palette import BLUE, GREEN, GREY, PURPLE, VERMILLION
from walras.charts._view import Spec
from walras.core import Iteration, Status

_SCORE: Final = "Score ± 1 standard error"
_BEST: Final = "Best so far"
_PREDICTED: Final = "Predicted (diamond)"
_REFUSED: Final = "Refused (cross)"
_FAILED: Final = "Failed (triangle)"
_COLOURS: Final = {_SCORE: BLUE, _BEST: VERMILLION, _PREDICTED: GREEN, _REFUSED: PURPLE, _FAILED: GREY}


def score_per_iteration(
    iterations: Sequence[Iteration],
    *,
    objective: str = "score",
    unit: str = "",
    width: int = 720,
    height: int = 300,
) -> Spec:
    """Return the chart of score by iteration.

    A score has its standard error as a bar, and no bar where that is undefined; the step line is the
    best score so far. Refused and failed iterations are marks on the axis, predictions diamonds
    in their own colour. Without any score, the chart says so in words.

    Args:
        iterations: Finished iterations in order.
        objective: Name of the objective, for the axis title.
        unit: The objective's unit, or "" for none.
        width: Plot width in pixels, axes not counted.
        height: Plot height in pixels.
    """
    title = "Score per iteration"
    scored = [(item, item.score.value) for item in iterations if item.score.value is not None]
    if not scored:
        said = "No iteration has finished yet." if not iterations else _none_scored(len(iterations))
        empty = draw.panel(draw.message(said), title=title, subtitle="", width=width, height=60)
        return draw.sheet([empty], description=f"{title}: {said}")
    x = draw.iteration_axis(iterations[-1].number)
    y = draw.Axis(title=f"{objective} ({unit})" if unit else objective)
    rows = _rows(iterations)
    used = {name: colour for name, colour in _COLOURS.items() if rows[name]}
    size = 26 if len(scored) <= 300 else 9
    layers = [draw.intervals(_with_error(iterations), x, y, used)] if _with_error(iterations) else []
    layers.append(draw.line(rows[_BEST], x, y, used, steps=True))
    layers.append(draw.points(rows[_SCORE], x, y, used, size=size))
    if rows[_PREDICTED]:
        layers.append(draw.points(rows[_PREDICTED], x, y, used, shape="diamond", size=34))
    for name, shape in ((_REFUSED, draw.CROSS), (_FAILED, "triangle-up")):
        if rows[name]:
            layers.append(draw.marks_on_axis(rows[name], x, used, shape=shape))
    subtitle = f"{len(scored)} of {len(iterations)} iterations scored; higher is better"
    chart = draw.panel(layers, title=title, subtitle=subtitle, width=width, height=height)
    columns = 0 if width >= 600 else 1  # a legend in one line, or one that a phone can hold
    return draw.sheet([chart], description=f"{title}. {subtitle}.", legend_columns=columns)


def _rows(iterations: Sequence[Iteration]) -> dict[str, list[draw.Row]]:
    rows: dict[str, list[draw.Row]] = {name: [] for name in _COLOURS}
    for item, best in zip(iterations, best_so_far(iterations), strict=True):
        if best is not None:
            rows[_BEST].append({"x": item.number, "y": best, "series": _BEST})
        if item.score.value is not None:
            rows[_SCORE].append({"x": item.number, "y": item.score.value, "series": _SCORE})
            if item.proposal is not None and item.proposal.predicted_score is not None:
                predicted = item.proposal.predicted_score
                rows[_PREDICTED].append({"x": item.number, "y": predicted, "series": _PREDICTED})
        elif item.status is Status.REFUSED:
            rows[_REFUSED].append({"x": item.number, "series": _REFUSED})
        else:
            rows[_FAILED].append({"x": item.number, "series": _FAILED})
    return rows


def _with_error(iterations: Sequence[Iteration]) -> list[draw.Row]:
    rows: list[draw.Row] = []
    for item in iterations:
        value, error = item.score.value, item.score.standard_error
        if value is not None and error is not None:
            rows.append({"x": item.number, "low": value - error, "high": value + error, "series": _SCORE})
    return rows


def _none_scored(count: int) -> str:
    return f"None of the {count} iterations was scored: every one was refused or failed."
