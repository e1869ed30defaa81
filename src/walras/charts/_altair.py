"""The only file that knows Altair: a handful of marks, and the frame that every chart shares.

Rows hold the fields `x`, `y`, `low`, `high` and `series`, never a name from outside, so that no text
can become a Vega expression. The finished specification is checked against the Vega-Lite schema.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import altair as alt

from walras.charts._palette import AXIS, FONT, GRID, INK, MUTED
from walras.charts._view import Spec
from walras.core import NOTICE

Row: TypeAlias = Mapping[str, object]
Layer: TypeAlias = alt.Chart
Panel: TypeAlias = alt.LayerChart | alt.FacetChart
Colours: TypeAlias = Mapping[str, str]
"""Series name to colour, in legend order."""


CROSS: Final = "M-.7,-.7L.7,.7M-.7,.7L.7,-.7"
"""A diagonal cross, as a path; Vega's own `cross` is upright and reads as a box on an axis."""


@dataclass(frozen=True, kw_only=True)
class Axis:
    """How one direction is drawn: title with unit, scale, and the bounds or the categories in order."""

    title: str
    log: bool = False
    whole: bool = False
    bounds: tuple[float, float] | None = None
    categories: tuple[str, ...] = ()
    from_zero: bool = False
    ticks: tuple[int, ...] = ()


def iteration_axis(last: int) -> Axis:
    """Return the axis of iterations 0 to `last`; a lone one stands in the middle, with the only tick."""
    if last == 0:
        return Axis(title="Iteration", whole=True, bounds=(-1, 1), ticks=(0,))
    return Axis(title="Iteration", whole=True, bounds=(0, last))


def points(
    rows: Sequence[Row],
    x: Axis,
    y: Axis,
    colours: Colours,
    *,
    shape: str = "circle",
    size: float = 26,
    opacity: float = 1.0,
    keyed: bool = True,
) -> Layer:
    """Return one filled symbol a row; `keyed` points have their series in a legend."""
    chart = alt.Chart(_data(rows)).mark_point(filled=True, shape=shape, size=size, opacity=opacity)
    layer: Layer = chart.encode(_x(x), _y(y), _colour(colours, keyed=keyed), tooltip=_tips(x))
    return layer


def marks_on_axis(rows: Sequence[Row], x: Axis, colours: Colours, *, shape: str) -> Layer:
    """Return one symbol a row, on the x axis itself: something happened here that has no y."""
    chart = alt.Chart(_data(rows)).mark_point(filled=False, shape=shape, size=42, strokeWidth=1.6, opacity=1)
    layer: Layer = chart.encode(_x(x), _colour(colours), y=alt.value("height"))
    return layer


def line(
    rows: Sequence[Row], x: Axis, y: Axis, colours: Colours, *, steps: bool = False, width: float = 2
) -> Layer:
    """Return one line a series; a null `y` breaks it."""
    chart = alt.Chart(_data(rows)).mark_line(
        interpolate="step-after" if steps else "linear",
        strokeWidth=width,
        strokeJoin="round",
        invalid="break-paths-show-domains",
    )
    layer: Layer = chart.encode(_x(x), _y(y), _colour(colours))
    return layer


def intervals(rows: Sequence[Row], x: Axis, y: Axis, colours: Colours) -> Layer:
    """Return one vertical bar a row from `low` to `high`, drawn as a single broken line to stay small."""
    ends: list[Row] = []
    for row in rows:
        at = {"x": row["x"], "series": row["series"]}
        ends += [{**at, "y": row["low"]}, {**at, "y": row["high"]}, {**at, "y": None}]
    chart = alt.Chart(_data(ends)).mark_line(
        strokeWidth=1.2, opacity=0.45, invalid="break-paths-show-domains"
    )
    layer: Layer = chart.encode(_x(x), _y(y), _colour(colours))
    return layer


def band(rows: Sequence[Row], x: Axis, y: Axis, colours: Colours, *, steps: bool = False) -> Layer:
    """Return one shaded area a series between `low` and `high`."""
    chart = alt.Chart(_data(rows)).mark_area(
        opacity=0.18, interpolate="step-after" if steps else "linear", line=False
    )
    low = alt.Y("low:Q", title=y.title, scale=alt.Scale(zero=y.from_zero))
    layer: Layer = chart.encode(_x(x), low, _colour(colours), y2="high:Q")
    return layer


def level(value: float) -> Layer:
    """Return a thin horizontal line at `value`."""
    rows: list[Row] = [{"y": value}]
    chart = alt.Chart(_data(rows)).mark_rule(color=AXIS, strokeWidth=1, strokeDash=[3, 3])
    layer: Layer = chart.encode(y="y:Q")
    return layer


def forest(rows: Sequence[Row], x: Axis, y: Axis, colours: Colours) -> tuple[Layer, ...]:
    """Return a horizontal interval from `low` to `high` with a dot at `x`, one a category in `y`."""
    base = alt.Chart(_data(rows))
    where = alt.Y("y:N", title=y.title or None, sort=list(y.categories), axis=alt.Axis(labelLimit=220))
    bars = base.mark_rule(strokeWidth=2).encode(
        alt.X("low:Q", title=x.title, scale=alt.Scale(zero=True)), where, _colour(colours), x2="high:Q"
    )
    dots = base.mark_point(filled=True, size=70, opacity=1).encode(
        alt.X("x:Q", title=x.title), where, _colour(colours)
    )
    zero: list[Row] = [{"x": 0}]
    rule = alt.Chart(_data(zero)).mark_rule(color=AXIS, strokeDash=[3, 3]).encode(x="x:Q")
    return rule, bars, dots


def message(text: str) -> tuple[Layer, ...]:
    """Return a sentence in the middle of an otherwise empty chart."""
    rows: list[Row] = [{"text": text}]
    chart = alt.Chart(_data(rows)).mark_text(fontSize=13, color=MUTED, font=FONT, align="left", x=0, y=24)
    return (chart.encode(text="text:N"),)


def panel(layers: Sequence[Layer], *, title: str, subtitle: str, width: int, height: int) -> Panel:
    """Return the layers over each other, under a title."""
    head = alt.TitleParams(text=title, subtitle=subtitle or alt.Undefined, anchor="start")
    return alt.layer(*layers).properties(width=width, height=height, title=head)


def sheet(
    panels: Sequence[Panel],
    *,
    description: str,
    columns: int = 1,
    legend_columns: int = 0,
    alike: bool = False,
) -> Spec:
    """Return panels in rows of `columns` with the notice as caption, as a checked specification.

    `alike` panels share one legend; a legend of 0 columns is one line.
    """
    caption = alt.TitleParams(
        text=NOTICE, orient="bottom", anchor="start", fontSize=11, fontWeight="normal", color=MUTED, offset=8
    )
    whole = alt.concat(*panels, columns=columns, title=caption, description=description)
    colour: Literal["shared", "independent"] = "shared" if alike else "independent"
    framed = whole.resolve_scale(x="independent", y="independent", color=colour)
    key = {"columns": legend_columns}
    spec: Spec = framed.configure(**_config(key)).to_dict()
    return spec


def _config(key: Mapping[str, object]) -> dict[str, Any]:
    text: dict[str, Any] = {"labelFont": FONT, "titleFont": FONT}
    axis = {
        "labelFontSize": 11,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": MUTED,
        "titleColor": MUTED,
        "domainColor": AXIS,
        "tickColor": AXIS,
        "gridColor": GRID,
        "titlePadding": 8,
        "tickSize": 4,
        **text,
    }
    legend = {
        "labelFontSize": 12,
        "labelColor": INK,
        "symbolSize": 80,
        "labelLimit": 220,
        "columnPadding": 18,
        **text,
        **key,
    }
    title = {
        "font": FONT,
        "subtitleFont": FONT,
        "fontSize": 15,
        "fontWeight": 600,
        "subtitleFontSize": 12,
        "color": INK,
        "subtitleColor": MUTED,
        "subtitlePadding": 4,
        "offset": 12,
    }
    # aria: the page names each picture as a whole; a name for each of a thousand points would drown it.
    return {
        "aria": False,
        "background": "transparent",
        "view": {"stroke": None},
        "axis": axis,
        "legend": legend,
        "title": title,
    }


def _data(rows: Sequence[Row]) -> alt.InlineData:
    return alt.InlineData(values=[dict(row) for row in rows])


def _scale(axis: Axis) -> alt.Scale:
    if axis.bounds is not None:
        return alt.Scale(
            type="log" if axis.log else "linear", domain=list(axis.bounds), nice=False, zero=False
        )
    return alt.Scale(zero=axis.from_zero, nice=not axis.whole)


def _x(axis: Axis) -> alt.X:
    if axis.categories:
        look = alt.Axis(labelAngle=0, labelLimit=90, grid=False)
        return alt.X("x:N", title=axis.title, scale=alt.Scale(domain=list(axis.categories)), axis=look)
    values = list(axis.ticks) or alt.Undefined
    look = alt.Axis(grid=False, tickCount=5)
    if axis.whole:
        look = alt.Axis(format="d", tickMinStep=1, grid=False, values=values)
    return alt.X("x:Q", title=axis.title, scale=_scale(axis), axis=look)


def _y(axis: Axis) -> alt.Y:
    return alt.Y("y:Q", title=axis.title, scale=_scale(axis), axis=alt.Axis(tickCount=6))


def _colour(colours: Colours, *, keyed: bool = True) -> alt.Color:
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    if len(colours) < 2 or not keyed:
        return alt.Color("series:N", scale=scale, legend=None)
    look = alt.Legend(title=None, orient="bottom", symbolType="circle", symbolOpacity=1)
    return alt.Color("series:N", scale=scale, legend=look)


def _tips(x: Axis) -> list[alt.Tooltip]:
    kind = "N" if x.categories else "Q"
    # A tooltip's title becomes part of a Vega expression, so it holds no text from outside.
    return [alt.Tooltip(f"x:{kind}", title="at"), alt.Tooltip("y:Q", title="score")]
