"""The report page is complete, safe, self-contained, and true where there is nothing to show."""

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from tests.charts._payloads import PAYLOADS
from tests.charts._values import (
    GATES,
    aggregate,
    failed,
    finished,
    fresh,
    headline,
    iteration,
    record,
    refused,
    report,
    space,
)

from walras.charts import Explanation, LockedGate, ReportView, render_report
from walras.core import (
    NOTICE,
    Dimension,
    Headline,
    Iteration,
    Proposal,
    ProposerSpec,
    Scenario,
    ScenarioSet,
    Score,
    Spent,
    Status,
    Verdict,
)


class Outline(HTMLParser):
    """Collects element counts, attributes, headings and visible text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.counts[tag] = self.counts.get(tag, 0) + 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in ("meta", "br"):
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and self._open and self._open[-1] not in ("style",):
            self.texts.append((self._open[-1], data.strip()))

    def all(self, tag: str) -> list[str]:
        """Return the texts directly inside elements called `tag`."""
        return [text for where, text in self.texts if where == tag]


PAGE = render_report(finished())
OUTLINE = Outline(PAGE)


def hostile(text: str) -> ReportView:
    """Return a view in which every outside field holds `text`."""
    told = {"reasoning": text, "observation": text, "hypothesis": text}
    odd = Iteration(
        number=1,
        status=Status.REFUSED,
        proposal=Proposal(params={text: text}, source=text, **told),
        verdict=Verdict(allowed=False, code=text, reason=text, gate=text, names=(text,)),
        score=Score(value=None, value_reason=text),
        engine=text,
    )
    undefined = aggregate(pnl_pusd=type(aggregate().profit_factor_per_block)(undefined=text))
    first = iteration(0, **told)
    first = Iteration(**{**vars(first), "report": report(aggregate=undefined, reason_codes=(text,))})
    axes = (
        *space().dimensions,
        Dimension(
            name=text, kind="categorical", choices=(text, "b"), default="b", unit=text, description=text
        ),
    )
    first = Iteration(
        **{**vars(first), "proposal": Proposal(params={**space().defaults, text: text}, source="x", **told)}
    )
    return ReportView(
        record=record(
            id=text,
            name=text,
            note=text,
            tags=(text,),
            created_at=text,
            space=space(dimensions=axes, name=text, strategy=text, fixed={text: text}),
            proposer=ProposerSpec(kind=text, options={text: text}),
            headline=Headline(best=None, reason=text, holdout_reason=text),
            meta={text: {text: text}},
        ),
        iterations=(first, odd, failed(2, text)),
        locked=(LockedGate(pattern=text, why=text, change=text),),
        explanation=Explanation(facts=(text,), words=text, model=text),
        score_unit=text,
    )


HARMLESS = Outline(render_report(hostile("harmless words")))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_outside_text_leaves_no_markup(payload: str) -> None:
    """Each payload, in every field at once, leaves the same elements and attributes as harmless text."""
    page = render_report(hostile(payload))
    outline = Outline(page)
    assert outline.counts == HARMLESS.counts
    pairs = Counter(row[:2] for row in outline.attributes)
    assert pairs == Counter(row[:2] for row in HARMLESS.attributes)
    assert "\x1b" not in page
    assert "\u202e" not in page
    page.encode("utf-8")


def test_a_lone_surrogate_can_be_written() -> None:
    """Text with no UTF-8 form is escaped visibly."""
    page = render_report(hostile("a\ud800b\u2028c"))
    assert r"a\ud800b\u2028c" in page
    page.encode("utf-8")


def test_policy_forbids_every_request_and_nothing_asks_for_one() -> None:
    """The CSP is strict; no element loads anything; links stay on the page."""
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in PAGE
    banned = {"script", "img", "link", "iframe", "object", "embed", "base", "form", "input", "image", "use"}
    assert not banned & set(OUTLINE.counts)
    assert "http" not in PAGE.replace("http-equiv", "")
    targets = [value for _, name, value in OUTLINE.attributes if name in ("href", "src", "action", "srcset")]
    assert targets
    assert all(value.startswith("#") for value in targets)
    assert not [name for _, name, _ in OUTLINE.attributes if name.startswith("on")]
    assert "url(" not in PAGE
    assert "@import" not in PAGE


def test_every_link_has_its_target() -> None:
    """The skip link and the contents lead somewhere."""
    ids = [value for _, name, value in OUTLINE.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {value[1:] for _, name, value in OUTLINE.attributes if name == "href"} <= set(ids)


def test_notice_stands_first_last_in_title_and_in_print() -> None:
    """The exact words open and close the page and head every printed sheet."""
    words = [text for where, text in OUTLINE.texts if where not in ("title", "a")]
    assert words[0] == NOTICE
    assert words[-1] == NOTICE
    assert NOTICE in OUTLINE.all("title")[0]
    assert f'@top-center{{content:"{NOTICE}"' in PAGE
    assert all(NOTICE in svg for svg in re.findall(r"<svg.*?</svg>", PAGE, re.DOTALL))


def test_sections_come_in_the_agreed_order() -> None:
    """One h1, then the sections of the design."""
    assert OUTLINE.all("h1") == ["Weekend market maker"]
    assert OUTLINE.all("h2") == [
        "Which number is which",
        "Score per iteration",
        "Search trajectory",
        "Best parameters found",
        "Parameters and score",
        "P&L of the best parameters",
        "Measurements",
        "Locked from optimization: hard safety gates",
        "How to reproduce",
    ]


def test_tables_are_named_and_headed() -> None:
    """Every table has a caption, every header a scope, every scrolling box a name and the keyboard."""
    assert OUTLINE.counts["caption"] == OUTLINE.counts["table"]
    scopes = [value for tag, name, value in OUTLINE.attributes if tag == "th" and name == "scope"]
    assert len(scopes) == OUTLINE.counts["th"]
    assert PAGE.count('class="scroll') == PAGE.count('role="region" aria-label=')
    assert '<th scope="col">#</th><th scope="col">Score</th><th scope="col">Params</th>' in PAGE
    assert 'lang="en"' in PAGE
    assert PAGE.count("<svg") == PAGE.count('<svg class="chart" role="img" aria-label="')


def tiles(view: ReportView) -> dict[str, str]:
    """Return the tiles of a page by name."""
    page = render_report(view)
    return dict(re.findall(r'<dt>([^<]*)</dt><dd><span class="value">([^<]*)</span>', page))


def test_tiles_of_a_finished_search() -> None:
    """Best score, Iterations, Elapsed, and the cost where a model was paid."""
    assert list(tiles(finished())) == ["Best score", "Iterations", "Elapsed", "Model cost"]
    assert tiles(finished())["Elapsed"] == "3m12s"


def test_the_best_score_is_said_to_be_a_maximum() -> None:
    """Beside the holdout score where there is one; else the page says when, or why not."""

    def caution(view: ReportView) -> str:
        found = re.search('<span class="caution">([^<]*)</span>', render_report(view))
        assert found is not None
        return found[1]

    assert "chosen as a maximum" in caution(finished())
    assert caution(finished()).endswith("Honest number, the holdout score: 1.2200 ± 0.2100 s.e.")
    head = finished().record.headline
    assert head is not None
    assert caution(finished(headline=replace(head, holdout_se=None))).endswith("holdout score: 1.2200")
    assert "no holdout score" in caution(finished(headline=Headline(best=None, reason="none")))
    assert "when the budget is used up" in caution(finished(headline=None))


def test_an_explained_search_without_a_model_has_no_model_cost() -> None:
    """A scripted explanation is a call that costs nothing."""
    view = finished()
    plain = tuple(replace(item, exchanges=()) for item in view.iterations)
    told = replace(view, iterations=plain, record=replace(view.record, spent=Spent(calls=1, seconds=3.0)))
    assert list(tiles(told)) == ["Best score", "Iterations", "Elapsed"]


def test_a_nameless_search_is_called_by_its_space() -> None:
    """The id stands below the title, whatever the title is."""
    view = finished(name="")
    assert "<h1>market-maker</h1>" in render_report(view)


def test_an_empty_search_is_shown_as_empty() -> None:
    """A search that has not begun shows a dash and zeros, and says that nothing has finished."""
    assert tiles(fresh()) == {"Best score": "\N{EN DASH}", "Iterations": "0", "Elapsed": "0s"}
    page = render_report(fresh())
    assert "No iteration has finished yet." in page
    assert "<svg" not in page


def test_a_search_without_any_score_says_so() -> None:
    """All refused or failed: the page says it and still lists every row."""
    unscored = Iteration(
        number=2,
        status=Status.DONE,
        proposal=None,
        verdict=None,
        score=Score(value=None, value_reason="no fills in any scenario"),
    )
    page = render_report(
        ReportView(record=record(), iterations=(refused(0), failed(1, said=False), unscored))
    )
    assert "None of the 3 iterations was scored." in page
    assert "OPT_REFUSED_HARD_GATE</code> sec.signer.* is a hard gate." in page
    assert "BACKTEST_TIMEOUT" in page
    assert "NOT_SCORED</code> no fills in any scenario" in page
    assert "nothing to recommend" in page


def test_headline_says_which_number_is_which() -> None:
    """Search, validate and holdout stand with their errors, meanings and the count of looks."""
    for text in ("1.9400", "1.4100", "1.2200", "± 0.2100 s.e.", "looked at 3 times", "too high by selection"):
        assert text in PAGE
    assert "187 iterations of all searches" in PAGE
    none = finished(12, headline=Headline(best=None, reason="nothing was scored"), holdout_looks=1, trials=1)
    page = render_report(none)
    assert "No winner." in page
    assert "nothing was scored" in page
    assert "highest search score; it has not been checked" in page
    assert "looked at 1 time for" in page


def test_an_undefined_measurement_gives_its_reason() -> None:
    """A metric without a value says why."""
    assert "undefined: no block lost" in PAGE
    assert "undefined: no fills" in PAGE


def test_defaults_as_best_are_not_compared_with_themselves() -> None:
    """Where iteration 0 is best, the P&L chart has one line."""
    view = ReportView(record=record(headline=headline(0)), iterations=(iteration(0),), locked=GATES)
    assert "beside the defaults" not in render_report(view)


def test_a_winner_without_report_has_no_measurements() -> None:
    """A score without its report leaves the tables out and says so."""
    bare = Iteration(**{**vars(iteration(0)), "report": None})
    page = render_report(ReportView(record=record(), iterations=(bare,)))
    assert "No scored iteration has a report." in page
    assert "No report of a scored iteration holds P&amp;L." in page


def test_a_space_without_dimensions_is_shown() -> None:
    """Everything fixed: nothing to slice, and the fixed values are still in the YAML."""
    one = Iteration(**{**vars(iteration(0)), "proposal": Proposal(params={}, reasoning="", source="default")})
    page = render_report(ReportView(record=record(space=space(dimensions=())), iterations=(one,)))
    assert "every parameter of this space is fixed" in page
    assert "strategy.mm.max_inventory: 500" in page


def test_more_parameters_than_pictures_is_said() -> None:
    """A wide space shows its first slices and says how many there are."""
    axes = tuple(Dimension(name=f"a{k}.x", kind="float", low=0.0, high=1.0, default=0.5) for k in range(15))
    one = Iteration(
        **{
            **vars(iteration(0)),
            "proposal": Proposal(params={axis.name: 1e-05 for axis in axes}, reasoning="r", source="x"),
        }
    )
    page = render_report(ReportView(record=record(space=space(dimensions=axes, fixed={})), iterations=(one,)))
    assert "The first 12 of 15 parameters, by name." in page
    assert "a0.x: 1e-05" in page


def test_yaml_reads_back_exactly() -> None:
    """The block to copy is YAML with the values at full precision and the notice as a comment."""
    yaml = pytest.importorskip("ruamel.yaml").YAML(typ="safe")
    found = re.search(r'aria-label="Best parameters as YAML"><code>(.*?)</code>', PAGE, re.DOTALL)
    assert found is not None
    text = found.group(1).replace("&#34;", '"')
    assert text.startswith(f"# {NOTICE}\n")
    chosen = finished().iterations[40]
    assert chosen.proposal is not None
    assert yaml.load(text) == {**chosen.proposal.params, "strategy.mm.max_inventory": 500}


def test_the_same_view_gives_the_same_page() -> None:
    """No clock and no random id."""
    assert render_report(finished()) == PAGE


def test_a_thousand_wordy_iterations_stay_below_three_megabytes() -> None:
    """Texts are cut further as rows grow, and the page says where."""
    rows = tuple(
        iteration(k, reasoning="<why> " * 400, observation="o" * 3000, hypothesis="h" * 3000)
        for k in range(1000)
    )
    page = render_report(ReportView(record=record(budget=1000), iterations=rows, locked=GATES))
    assert len(page.encode()) < 3_000_000
    assert "Texts are cut at 250 characters" in page


def test_ordinary_texts_are_cut_at_two_thousand_characters() -> None:
    """A long reasoning ends in an ellipsis."""
    page = render_report(ReportView(record=record(), iterations=(iteration(0, reasoning="r" * 5000),)))
    assert "r" * 1999 + "…" in page
    assert "r" * 2000 not in page


def test_reproduction_names_what_fixes_the_search() -> None:
    """Commands, seeds, digests, options and versions are there."""
    for text in (
        "walras replay s-7f3a9c21",
        "100 to 107",
        "e" * 64,
        record().spec.digest,
        record().spec.space.digest,
        "{&#34;startup&#34;: 10}",
        "versions optuna",
        "5.0.0",
    ):
        assert text in PAGE


def test_irregular_scenario_sets_are_listed() -> None:
    """Seeds that are no range are listed, cut after 64; an empty set is said to be empty."""
    odd = tuple(Scenario("m", seed * seed, 10) for seed in range(80))
    page = render_report(
        ReportView(
            record=record(train=ScenarioSet(name="squares", role="custom", scenarios=odd)), iterations=()
        )
    )
    assert "0, 1, 4, 9" in page
    assert "and 16 more" in page
    page = render_report(
        ReportView(record=record(train=ScenarioSet(name="none", role="custom", scenarios=())), iterations=())
    )
    assert "<td>empty</td>" in page
