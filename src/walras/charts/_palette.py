"""The colours of every chart, light and dark, after Okabe and Ito's colour-blind safe set.

A specification holds the light colours. A picture inside a page, or an SVG file on its own, carries
`CHART_STYLE`, which turns each of them into its dark partner where the reader prefers dark.
"""

from typing import Final

INK: Final = "#16202c"
MUTED: Final = "#556274"
AXIS: Final = "#8c97a6"
GRID: Final = "#e6eaf0"
BLUE: Final = "#0072b2"
VERMILLION: Final = "#c65102"
GREEN: Final = "#00815f"
PURPLE: Final = "#8a4b86"
GREY: Final = "#6b7787"

SERIES: Final = (BLUE, VERMILLION, GREEN, PURPLE, GREY)
"""Colours for arms that have no colour of their own, in order; each is at least 4.5:1 on white."""

_DARK: Final = {
    INK: "#e7ecf3",
    MUTED: "#a3b0c2",
    AXIS: "#6f7d90",
    GRID: "#2a3442",
    BLUE: "#62b5f0",
    VERMILLION: "#ff9a5c",
    GREEN: "#3fc79c",
    PURPLE: "#dd9ad8",
    GREY: "#a9b4c3",
}

FONT: Final = "'Liberation Sans', Arial, Helvetica, sans-serif"
"""Faces of equal metrics: the text that was measured when the chart was laid out fits where it is shown."""


def _rules() -> str:
    return "".join(
        f'svg [fill="{light}"]{{fill:{dark}}}svg [stroke="{light}"]{{stroke:{dark}}}'
        for light, dark in _DARK.items()
    )


CHART_STYLE: Final = f"@media screen and (prefers-color-scheme:dark){{{_rules()}}}"
"""CSS that shows charts in dark colours on a dark screen; paper stays light."""
