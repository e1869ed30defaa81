"""The report page: one static HTML file with nothing to fetch and nothing to run. Knows Jinja2."""

from collections.abc import Iterator
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from walras.charts._format import number, plain
from walras.charts._headline import Best, best_of, cards, tiles
from walras.charts._measurements import metric_rows, regime_rows
from walras.charts._palette import CHART_STYLE
from walras.charts._pnl import pnl_blocks
from walras.charts._render import to_inline_svg
from walras.charts._reproduce import commands, facts, scenario_rows
from walras.charts._score import score_per_iteration
from walras.charts._slices import parameter_slice
from walras.charts._trajectory import trajectory
from walras.charts._view import ReportView, Spec
from walras.core import NOTICE, ReportEnvelope

_MOST_SLICES: Final = 12
_NARROW: Final = 270


def render_report(view: ReportView) -> str:
    """Return the whole report of one search as one HTML page.

    The same view gives the same page: no clock and no random id. Everything from outside is text; no
    link in it can be followed. The page holds no script, and its policy forbids every request.
    """
    best = best_of(view)
    defaults = view.iterations[0].report if view.iterations else None
    report = best.iteration.report if best is not None else None
    template = _environment().get_template("report.html.j2")
    return template.render(
        notice=NOTICE,
        chart_style=Markup(CHART_STYLE),  # noqa: S704  # our own constant
        view=view,
        record=view.record,
        title=plain(view.record.name or view.record.spec.space.name or view.record.id, 200),
        tiles=tiles(view),
        cards=cards(view),
        score_charts=_score_charts(view),
        table=trajectory(view, best.iteration.number if best is not None else None),
        best=best,
        slices=tuple(_slices(view)),
        dimension_count=len(view.record.spec.space.dimensions),
        pnl_charts=_pnl_charts(report, defaults, best),
        metrics=metric_rows(report, defaults),
        regimes=regime_rows(report),
        reason_codes=() if report is None else tuple(plain(code, 80) for code in report.reason_codes),
        commands=commands(view),
        facts=facts(view),
        scenario_rows=scenario_rows(view),
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("walras.charts"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plain"] = plain
    environment.filters["number"] = number
    return environment


def _picture(spec: Spec, label: str) -> Markup:
    return Markup(to_inline_svg(spec, label=label))  # noqa: S704  # vl-convert escapes text, we the label


def _score_charts(view: ReportView) -> tuple[Markup, ...]:
    """Return the chart for a wide and for a narrow screen; none without a score."""
    scores = [item.score.value for item in view.iterations if item.score.value is not None]
    if not scores:
        return ()
    label = (
        f"Score per iteration: {len(scores)} of {len(view.iterations)} iterations scored, "
        f"from {number(min(scores))} to {number(max(scores))}. The table below holds every value."
    )
    objective = plain(view.record.spec.objective, 60)
    wide = score_per_iteration(view.iterations, objective=objective, unit=view.score_unit, width=880)
    narrow = score_per_iteration(
        view.iterations, objective=objective, unit=view.score_unit, width=_NARROW, height=240
    )
    return _picture(wide, label), _picture(narrow, label)


def _pnl_charts(
    report: ReportEnvelope | None, defaults: ReportEnvelope | None, best: Best | None
) -> tuple[Markup, ...]:
    if report is None or best is None or not report.scenarios:
        return ()
    other = defaults if defaults is not None and best.iteration.number != 0 else None
    label = "Cumulative belief-marked P&L of the best parameters over the session, mean over scenarios"
    label += ", beside the defaults." if other is not None else "."
    wide = pnl_blocks(report, against=other, width=880)
    narrow = pnl_blocks(report, against=other, width=_NARROW, height=200)
    return _picture(wide, label), _picture(narrow, label)


def _slices(view: ReportView) -> Iterator[tuple[str, Markup]]:
    if not any(item.score.value is not None for item in view.iterations):
        return
    for axis in view.record.spec.space.dimensions[:_MOST_SLICES]:
        name = plain(axis.name, 200)
        spec = parameter_slice(axis, view.iterations, unit=view.score_unit, legend=False)
        yield name, _picture(spec, f"{name} against the score of each scored iteration.")
