"""The only file that knows vl-convert: specifications to SVG and PNG, with no network and no browser."""

import re
from html import escape
from typing import Any, Final

import vl_convert

from walras.charts._format import plain
from walras.charts._palette import CHART_STYLE
from walras.charts._view import Spec

_NO_ADDRESS: Final[list[str]] = []
_EMPTY_PATH: Final = re.compile(r'<path class="(?:fore|back)ground"[^<>]*?/>')
_PAINTED: Final = re.compile(r' (?:fill|stroke)="(?!none)')
_TAG: Final = re.compile(r"<[a-z][^<>]*>")
_NOISE: Final = re.compile(
    r' (?:xmlns|xmlns:xlink|version|class|role|aria-[a-z]+|pointer-events|stroke-miterlimit)="[^"]*"'
    r'| font-weight="normal"| opacity="1"'
)
_GEOMETRY: Final = re.compile(r' (?:d|transform|x2|y2)="[^"]*"')
_LONG_NUMBER: Final = re.compile(r"(\d\.\d)\d+")


def to_svg(spec: Spec) -> str:
    """Return a stand-alone SVG file that follows the reader's light or dark preference.

    Nothing is fetched: data is inline, and every address is refused.
    """
    svg = _svg(spec)
    style = f"<style>{CHART_STYLE}</style>"
    start = svg.index(">") + 1
    return svg[:start] + style + svg[start:]


def to_png(spec: Spec, *, scale: float = 2.0) -> bytes:
    """Return a PNG on white, `scale` times the size on screen."""
    paper = {**_visible(spec), "background": "#ffffff"}
    return vl_convert.vegalite_to_png(paper, scale=scale, allowed_base_urls=_NO_ADDRESS)


def to_inline_svg(spec: Spec, *, label: str) -> str:
    """Return an SVG element for a page: one named picture, without title, script, id or address.

    The title stays out because the page has its own heading; the notice stays in. Coordinates are
    rounded to a tenth of a pixel. The page must hold `CHART_STYLE`.

    Args:
        spec: What a chart function returned.
        label: What the picture shows, for people who do not see it.
    """
    svg = _EMPTY_PATH.sub(_kept_if_painted, _svg(_untitled(spec)))
    svg = _TAG.sub(lambda tag: _lean(tag.group()), svg)
    name = escape(plain(label, 300), quote=True)
    return svg.replace("<svg", f'<svg class="chart" role="img" aria-label="{name}"', 1)


def _kept_if_painted(path: re.Match[str]) -> str:
    return path.group() if _PAINTED.search(path.group()) else ""


def _lean(tag: str) -> str:
    return _GEOMETRY.sub(lambda part: _LONG_NUMBER.sub(r"\1", part.group()), _NOISE.sub("", tag))


def _svg(spec: Spec) -> str:
    return vl_convert.vegalite_to_svg(_visible(spec), allowed_base_urls=_NO_ADDRESS)


def _visible(spec: Spec) -> Spec:
    """Return `spec` with every string on one line and printable: a control character aborts vl-convert."""
    return {key: _cleaned(value) for key, value in spec.items()}


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value).replace("\n", " ")
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    return [_cleaned(item) for item in value] if isinstance(value, list) else value


def _untitled(spec: Spec) -> Spec:
    panels = [{key: part for key, part in panel.items() if key != "title"} for panel in spec["concat"]]
    return {**spec, "concat": panels} if len(panels) == 1 else spec
