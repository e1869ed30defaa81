"""Every picture, once: chart specifications, the static report page, and the terminal's sparkline.

A chart is a Vega-Lite specification made from values; page, report file and notebook show the same one.
Altair, vl-convert and Jinja2 load when the first chart or page is made, not when this folder is imported.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from walras.charts._palette import CHART_STYLE
from walras.charts._sparkline import sparkline
from walras.charts._view import Arm, Difference, Explanation, LockedGate, ReportView, Spec

if TYPE_CHECKING:
    from walras.charts._comparison import comparison_chart
    from walras.charts._page import render_report
    from walras.charts._pnl import pnl_blocks
    from walras.charts._render import to_inline_svg, to_png, to_svg
    from walras.charts._score import score_per_iteration
    from walras.charts._slices import parameter_slice, params_vs_score

__all__ = [
    "CHART_STYLE",
    "Arm",
    "Difference",
    "Explanation",
    "LockedGate",
    "ReportView",
    "Spec",
    "comparison_chart",
    "parameter_slice",
    "params_vs_score",
    "pnl_blocks",
    "render_report",
    "score_per_iteration",
    "sparkline",
    "to_inline_svg",
    "to_png",
    "to_svg",
]

_LAZY = {
    "comparison_chart": "walras.charts._comparison",
    "parameter_slice": "walras.charts._slices",
    "params_vs_score": "walras.charts._slices",
    "pnl_blocks": "walras.charts._pnl",
    "render_report": "walras.charts._page",
    "score_per_iteration": "walras.charts._score",
    "to_inline_svg": "walras.charts._render",
    "to_png": "walras.charts._render",
    "to_svg": "walras.charts._render",
}


def __getattr__(name: str) -> object:
    """Load a chart or the page on first use."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
