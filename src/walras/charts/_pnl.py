"""Belief-marked profit and loss over a session, in its 64 equal blocks."""

import math
from collections.abc import Sequence
from itertools import accumulate
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Final

from walras.charts import _altair as draw
from walras.charts._palette import BLUE, GREY
from walras.charts._view import Spec

if TYPE_CHECKING:
    from walras.core import ReportEnvelope

_UPUSD_PER_PUSD: Final = 1e6
_OURS: Final = "Best parameters"
_OTHER: Final = "Defaults"


def pnl_blocks(
    report: "ReportEnvelope",
    *,
    against: "ReportEnvelope | None" = None,
    width: int = 720,
    height: int = 240,
) -> Spec:
    """Return cumulative P&L by block: the mean over scenarios and one standard error around it.

    P&L is belief-marked, net of taker fees, with maker rebates, in pUSD of the synthetic market. One
    scenario has no standard error, so no band.

    Args:
        report: The backtest to show.
        against: A second backtest to compare with, drawn in grey.
        width: Plot width in pixels, axes not counted.
        height: Plot height in pixels.
    """
    title = "Cumulative P&L"
    series = {_OURS: _cumulative(report)} | ({_OTHER: _cumulative(against)} if against else {})
    series = {name: paths for name, paths in series.items() if paths}
    if not series:
        said = "The report holds no P&L blocks."
        empty = draw.panel(draw.message(said), title=title, subtitle="", width=width, height=60)
        return draw.sheet([empty], description=f"{title}: {said}")
    colours = {name: BLUE if name == _OURS else GREY for name in series}
    blocks = max(len(paths[0]) for paths in series.values()) - 1
    x = draw.Axis(title=f"Block of the session (of {blocks})", whole=True, bounds=(0, blocks))
    y = draw.Axis(title="Cumulative P&L (pUSD)", from_zero=True)
    layers = [draw.level(0)]
    for name in reversed(series):
        rows = _rows(series[name], name)
        if len(series[name]) > 1:
            layers.append(draw.band(rows, x, y, colours))
        layers.append(draw.line(rows, x, y, colours))
    count = len(next(iter(series.values())))
    subtitle = f"Belief-marked, after fees; mean over {count} scenario{'s' if count != 1 else ''}"
    subtitle += " ± 1 standard error" if count > 1 else ""
    panel = draw.panel(layers, title=title, subtitle=subtitle, width=width, height=height)
    return draw.sheet([panel], description=f"{title}. {subtitle}.")


def _cumulative(report: "ReportEnvelope") -> list[list[float]]:
    paths = [scenario.block_pnl_upusd for scenario in report.scenarios if scenario.block_pnl_upusd]
    shortest = min((len(path) for path in paths), default=0)
    return [[total / _UPUSD_PER_PUSD for total in accumulate(path[:shortest], initial=0)] for path in paths]


def _rows(paths: Sequence[Sequence[float]], series: str) -> list[draw.Row]:
    rows: list[draw.Row] = []
    for block, values in enumerate(zip(*paths, strict=True)):
        mean = fmean(values)
        error = stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0
        rows.append({"x": block, "y": mean, "low": mean - error, "high": mean + error, "series": series})
    return rows
