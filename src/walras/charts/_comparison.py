"""Proposers side by side: best score so far over seeds, and the paired differences that decide."""

import math
from collections.abc import Sequence
from statistics import fmean, stdev

from walras.charts import _altair as draw
from walras.charts._format import plain
from walras.charts._palette import SERIES
from walras.charts._view import Arm, Difference, Spec


def comparison_chart(
    arms: Sequence[Arm],
    differences: Sequence[Difference] = (),
    *,
    objective: str = "score",
    unit: str = "",
    width: int = 640,
    height: int = 280,
) -> Spec:
    """Return best-so-far by iteration for each proposer, and below it the paired differences.

    A line is the mean over seeds, its band one standard error around it; iterations before every seed
    has a score are left out, so that no mean mixes different seeds. The picture ranks nobody: the
    interval of a paired difference does, and it is drawn against zero.

    Args:
        arms: One entry a proposer, in legend order.
        differences: Paired differences of final scores; none leaves the lower panel out.
        objective: Name of the objective, for the axis titles.
        unit: The objective's unit, or "" for none.
        width: Plot width in pixels, axes not counted.
        height: Height of the upper plot in pixels.
    """
    measured = f"{objective} ({unit})" if unit else objective
    panels = [_curves(arms, measured, width=width, height=height)]
    known = [row for row in differences if row.mean is not None]
    if known:
        panels.append(_forest(known, measured, width=width))
    return draw.sheet(panels, description="Best score so far for each proposer, with paired differences.")


def _curves(arms: Sequence[Arm], measured: str, *, width: int, height: int) -> draw.Panel:
    title = "Best score so far"
    names = [plain(arm.label, 60) for arm in arms]
    colours = {name: SERIES[index % len(SERIES)] for index, name in enumerate(names)}
    rows = {name: _rows(arm, name) for name, arm in zip(names, arms, strict=True)}
    drawn = {name: points for name, points in rows.items() if points}
    if not drawn:
        said = "No iteration of any proposer was scored."
        return draw.panel(draw.message(said), title=title, subtitle="", width=width, height=60)
    last = max(max(len(run) for run in arm.runs) for arm in arms if arm.runs) - 1
    x = draw.iteration_axis(last)
    y = draw.Axis(title=measured)
    layers: list[draw.Layer] = []
    for points in drawn.values():
        layers.append(draw.band(points, x, y, colours, steps=True))
        layers.append(draw.line(points, x, y, colours, steps=True))
    seeds = sorted({len(arm.runs) for arm in arms})
    said = f"Mean over {' or '.join(map(str, seeds))} seeds ± 1 standard error; one seed has no band"
    return draw.panel(layers, title=title, subtitle=said, width=width, height=height)


def _rows(arm: Arm, series: str) -> list[draw.Row]:
    rows: list[draw.Row] = []
    for number, values in enumerate(zip(*arm.runs, strict=False)):
        known = [value for value in values if value is not None]
        if len(known) < len(arm.runs):
            continue
        mean = fmean(known)
        error = stdev(known) / math.sqrt(len(known)) if len(known) > 1 else 0.0
        rows.append({"x": number, "y": mean, "low": mean - error, "high": mean + error, "series": series})
    return rows


def _forest(differences: Sequence[Difference], measured: str, *, width: int) -> draw.Panel:
    names = [plain(f"{row.label} minus {row.baseline} (n={row.pairs})", 80) for row in differences]
    rows: list[draw.Row] = [
        {
            "x": row.mean,
            "low": row.mean if row.low is None else row.low,
            "high": row.mean if row.high is None else row.high,
            "y": name,
            "series": "difference",
        }
        for name, row in zip(names, differences, strict=True)
    ]
    x = draw.Axis(title=f"Difference in {measured}")
    y = draw.Axis(title="", categories=tuple(names))
    layers = draw.forest(rows, x, y, {"difference": SERIES[0]})
    percent = " or ".join(f"{level:.0%}" for level in sorted({row.confidence for row in differences}))
    subtitle = f"Same seeds on both sides; {percent} interval. Across zero means: not decided"
    height = 34 * len(names) + 10
    return draw.panel(layers, title="Paired differences", subtitle=subtitle, width=width, height=height)
