"""Every chart renders, says the notice, and shows what the values hold."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from tests.charts._values import aggregate, failed, finished, iteration, refused, report, space

from walras.charts import (
    Arm,
    Difference,
    Spec,
    comparison_chart,
    parameter_slice,
    params_vs_score,
    pnl_blocks,
    score_per_iteration,
    to_inline_svg,
    to_png,
    to_svg,
)
from walras.core import NOTICE, Dimension, Iteration, Proposal, Score

VIEW = finished(40)
ARMS = (
    Arm(label="random", runs=((None, 0.1, 0.3, 0.3), (0.0, 0.2, 0.2, 0.4))),
    Arm(label="tpe", runs=((0.1, 0.2, 0.6, 0.7), (0.0, 0.3, 0.5, 0.9))),
)
DIFFERENCES = (
    Difference(label="tpe", baseline="random", mean=0.45, low=-0.1, high=1.0, pairs=2),
    Difference(label="llm", baseline="random", mean=0.1, low=None, high=None, pairs=1),
    Difference(label="none", baseline="random", mean=None, low=None, high=None, pairs=0),
)
SPECS = {
    "score": score_per_iteration(VIEW.iterations, objective="belief_pnl", unit="pUSD"),
    "no score yet": score_per_iteration(()),
    "none scored": score_per_iteration((refused(0), failed(1))),
    "slices": params_vs_score(space(), VIEW.iterations, unit="pUSD"),
    "no dimension": params_vs_score(space(dimensions=()), VIEW.iterations),
    "slice without scores": parameter_slice(space().dimensions[0], ()),
    "pnl": pnl_blocks(report(), against=report(drift=-0.5)),
    "pnl of one scenario": pnl_blocks(report(scenarios=1)),
    "no pnl": pnl_blocks(report(scenarios=0)),
    "comparison": comparison_chart(ARMS, DIFFERENCES, objective="belief_pnl", unit="pUSD"),
    "comparison of one seed": comparison_chart([Arm(label="a", runs=((0.1, 0.2),))]),
    "comparison of nothing": comparison_chart([Arm(label="a", runs=((None,),)), Arm(label="b", runs=())]),
}


def rows(spec: Spec) -> list[dict[str, Any]]:
    """Return every data row of a specification."""
    return [row for data in spec["datasets"].values() for row in data]


def of_series(spec: Spec, start: str) -> list[dict[str, Any]]:
    """Return the rows of the series whose name starts with `start`."""
    return [row for row in rows(spec) if str(row.get("series", "")).startswith(start)]


@pytest.mark.parametrize("name", SPECS)
def test_every_chart_renders_with_the_notice(name: str) -> None:
    """SVG and PNG come out, and the words are in the picture."""
    spec = SPECS[name]
    json.dumps(spec, allow_nan=False)
    assert NOTICE in to_svg(spec)
    assert NOTICE in to_inline_svg(spec, label="a chart")
    assert to_png(spec, scale=1).startswith(b"\x89PNG")


def test_score_chart_holds_scores_bars_best_predictions_and_marks() -> None:
    """Each fate of an iteration has its own series."""
    spec = SPECS["score"]
    scored = [item for item in VIEW.iterations if item.score.value is not None]
    dots = [row for row in of_series(spec, "Score") if "tooltip" not in row and row["y"] is not None]
    assert len(dots) == 3 * len(scored)  # the dot, and two ends of its bar
    best = [row["y"] for row in of_series(spec, "Best so far")]
    assert best == sorted(best)
    assert best[-1] == max(item.score.value for item in scored if item.score.value is not None)
    assert {row["x"] for row in of_series(spec, "Refused")} == {9, 26}
    assert {row["x"] for row in of_series(spec, "Failed")} == {7, 20, 33}
    predicted = [item for item in scored if item.proposal and item.proposal.predicted_score is not None]
    assert len(of_series(spec, "Predicted")) == len(predicted)


def test_an_undefined_standard_error_has_no_bar() -> None:
    """A score without standard error is a dot alone."""
    one = Iteration(
        number=0,
        status=iteration(0).status,
        proposal=None,
        verdict=None,
        score=Score(value=1.0, standard_error_reason="one scenario"),
    )
    assert len(of_series(score_per_iteration([one]), "Score")) == 1


def test_a_chart_without_scores_says_so() -> None:
    """An empty chart is a sentence, not empty axes."""
    assert "No iteration has finished yet." in to_svg(SPECS["no score yet"])
    assert "None of the 2 iterations was scored" in to_svg(SPECS["none scored"])
    assert "every parameter is fixed" in to_svg(SPECS["no dimension"])
    assert "holds no P&amp;L blocks" in to_svg(SPECS["no pnl"])
    assert "No iteration of any proposer was scored." in to_svg(SPECS["comparison of nothing"])


def test_a_log_axis_is_drawn_as_log() -> None:
    """The slice of a log dimension has a log scale over its bounds and says so."""
    axis = space().by_name["strategy.mm.order_size"]
    spec = parameter_slice(axis, VIEW.iterations)
    scale = spec["concat"][0]["layer"][0]["encoding"]["x"]["scale"]
    assert (scale["type"], scale["domain"]) == ("log", [5.0, 500.0])
    assert "order_size (shares, log scale)" in to_svg(spec)


def test_equal_bounds_and_foreign_values_do_not_break_a_slice() -> None:
    """A degenerate axis is drawn; a value outside the axis is left out."""
    axis = Dimension(name="a.b", kind="int", low=3, high=3, default=3)
    inside = iteration(0)
    odd = Iteration(**{**vars(inside), "proposal": None})
    spec = parameter_slice(axis, [inside, odd])
    assert "No scored iteration yet." in to_svg(spec)
    same = Dimension(name="strategy.mm.half_spread_ticks", kind="int", low=3, high=3, default=3)
    assert len(of_series(parameter_slice(same, [inside]), "Best")) == 1


def test_a_slice_of_many_points_is_thinned_and_says_so() -> None:
    """A thousand points become at most 401, the best among them."""
    many = [iteration(k) for k in range(1000)]
    spec = parameter_slice(space().dimensions[1], many)
    assert len(rows(spec)) <= 401
    top = max(item.score.value for item in many if item.score.value is not None)
    assert [row["y"] for row in of_series(spec, "Best")] == [top]
    assert re.search(r"\d+ of 1000 points", to_svg(spec))


def test_pnl_ends_at_the_mean_of_the_scenarios() -> None:
    """The last point of the mean is the mean P&L in pUSD."""
    measured = report()
    ends = [row["y"] for row in of_series(pnl_blocks(measured), "Best") if row["x"] == 64]
    mean = sum(row.pnl_upusd for row in measured.scenarios) / len(measured.scenarios) / 1e6
    assert ends == pytest.approx([mean] * len(ends))


def test_comparison_waits_until_every_seed_has_a_score() -> None:
    """No mean mixes different seeds; differences without a value are left out."""
    spec = SPECS["comparison"]
    assert {row["x"] for row in of_series(spec, "random")} == {1, 2, 3}
    named = {row["y"] for row in of_series(spec, "difference")}
    assert named == {"tpe minus random (n=2)", "llm minus random (n=1)"}


def test_aggregate_factory_is_whole() -> None:
    """The test value has every field the model declares."""
    assert aggregate().scenarios == 4


def test_standalone_svg_follows_dark_mode() -> None:
    """A file on its own carries the dark palette."""
    assert "prefers-color-scheme:dark" in to_svg(SPECS["score"])


def test_inline_svg_is_named_and_refers_to_nothing() -> None:
    """No id, address, title or script; the label is escaped."""
    svg = to_inline_svg(SPECS["score"], label='a "quoted" <b>name</b>')
    assert 'role="img" aria-label="a &quot;quoted&quot; &lt;b&gt;name&lt;/b&gt;"' in svg
    for banned in (" id=", "http", "href", "<script", "Score per iteration", "url("):
        assert banned not in svg


def test_rendering_opens_no_connection() -> None:
    """A process that has rendered SVG and PNG holds no network socket."""
    code = (
        "import pathlib, sys\n"
        "from walras.charts import score_per_iteration, to_png, to_svg\n"
        "to_svg(score_per_iteration(())), to_png(score_per_iteration(()))\n"
        "held = {str(f.readlink()) for f in pathlib.Path('/proc/self/fd').iterdir() if f.is_symlink()}\n"
        "lines = [line.split() for name in ('tcp', 'tcp6', 'udp', 'udp6')\n"
        "         for line in pathlib.Path('/proc/net', name).read_text().splitlines()[1:]]\n"
        "sys.exit(str(held & {f'socket:[{words[9]}]' for words in lines} or ''))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def test_a_chart_that_asks_for_an_address_is_refused() -> None:
    """Data behind an address is never fetched."""
    with pytest.raises(ValueError, match=r"(?i)allowed"):
        to_svg({"data": {"url": "http://127.0.0.1:9/x.json"}, "mark": "point"})


@pytest.mark.parametrize("text", ["a\x1b[2Jb", "a\ud800b", "a\u2028\nb", "a\x00b", "datum['x']", "\\\"'"])
def test_hostile_text_renders_and_is_visible(text: str) -> None:
    """Text that would abort the renderer, or end a Vega expression, is drawn as text."""
    axis = Dimension(name=text, kind="categorical", choices=(text, "b"), default="b", unit=text)
    one = Iteration(
        **{**vars(iteration(0)), "proposal": Proposal(params={text: text}, reasoning="", source="")}
    )
    for spec in (
        parameter_slice(axis, [one], unit=text),
        score_per_iteration([one], objective=text, unit=text),
        comparison_chart([Arm(label=text, runs=((0.1, 0.2),))], objective=text, unit=text),
    ):
        assert to_png(spec, scale=1).startswith(b"\x89PNG")
        assert not re.search("[\x00-\x09\x0b-\x1f]", to_svg(spec))


def test_a_slice_can_leave_its_legend_to_the_page() -> None:
    """Without a legend the series are drawn and not listed."""
    spec = parameter_slice(space().dimensions[0], VIEW.iterations, legend=False)
    assert "Scored iteration" not in to_svg(spec)


def test_a_lone_iteration_has_the_only_tick() -> None:
    """There is no iteration 1 to point at."""
    text = json.dumps(score_per_iteration((iteration(0),)))
    assert '"values": [0]' in text
    assert '"domain": [-1, 1]' in text
