"""What one sees of a running search: the panel, the lines, the log."""

import io
import json
import logging
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.console import Console

from walras.cli._arms import ArmLines, ArmPanel, choose_arms
from walras.cli._displays import Display, JsonLines, Logged, Panel, PlainLines, choose_display
from walras.cli._logging import configure, logger
from walras.cli._progress import Progress
from walras.core import (
    NOTICE,
    Candidate,
    Failure,
    Headline,
    Iteration,
    Proposal,
    ProposerSpec,
    Scenario,
    ScenarioSet,
    Score,
    SearchRecord,
    SearchSpace,
    SearchSpec,
    SearchState,
    Spent,
    Status,
)
from walras.search import Event, IterationEnded, Judging, SearchCreated, SearchFinished, SearchResumed


def scenarios(role: str) -> ScenarioSet:
    """Return a set of one scenario."""
    return ScenarioSet(name=role, role=role, scenarios=(Scenario("m", 1, 10_000),))  # type: ignore[arg-type]


SPEC = SearchSpec(
    space=SearchSpace(name="sp\x1b[2Jace", strategy="market_maker", dimensions=()),
    proposer=ProposerSpec(kind="llm"),
    seed=3,
    batch=1,
    objective="belief_pnl",
    train=scenarios("train"),
    validate=scenarios("validate"),
    holdout=scenarios("holdout"),
    engine="e",
    strategy_schema="s",
    policy="p",
)
RECORD = SearchRecord(
    id="abc",
    spec=SPEC,
    budget=4,
    state=SearchState.OPEN,
    created_at="2026-11-20T08:31:00+00:00",
    name="n\x07ame",
)
HEAD = Headline(
    best=1,
    search_score=2.0,
    search_se=0.5,
    holdout_score=1.0,
    holdout_se=0.5,
    candidates=(Candidate(number=1, search_score=2.0, validate_score=1.5, validate_se=0.5),),
)


def ended(
    number: int, value: float | None, status: Status = Status.DONE, *, text: str = "why \x1b]52;c;x\x07"
) -> Event:
    """Return the event of one iteration, with a hostile reasoning."""
    failure = None if status is Status.DONE else Failure(code="LLM_REFUSED", text=text)
    proposal = (
        None if status is Status.FAILED else Proposal(params={"a.b": number}, reasoning=text, source="llm")
    )
    row = Iteration(
        number=number,
        status=status,
        proposal=proposal,
        verdict=None,
        score=Score(value=value, standard_error=0.25 if value is not None else None),
        failure=failure,
    )
    spent = Spent(calls=2, prompt_tokens=900, completion_tokens=100, usd=0.0123)
    return IterationEnded(search="abc", iteration=row, best=None, best_number=None, spent=spent)


STORY: tuple[Event, ...] = (
    SearchCreated(RECORD),
    ended(0, 1.0),
    ended(1, 2.0),
    ended(2, None, Status.REFUSED, text="A gate locks it."),
    ended(3, None, Status.FAILED, text="No answer."),
)
END: tuple[Event, ...] = (
    Judging("abc", (1, 0)),
    SearchFinished(replace(RECORD, iterations=4), HEAD, {"a.b": 1}),
)


def seen(display: Panel | ArmPanel, width: int = 100) -> str:
    """Return a panel as text."""
    console = Console(file=io.StringIO(), width=width, highlight=False)
    console.print(display.panel())
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def clock(*, step: float = 1.0) -> Callable[[], float]:
    """Return a clock that moves by `step` at each look."""
    now = [0.0]

    def tick() -> float:
        now[0] += step
        return now[0]

    return tick


def test_the_panel_shows_all_that_matters(capsys: pytest.CaptureFixture[str]) -> None:
    """Best with error and number, progress, sparkline, time, losses, cost, the last reasoning, the notice."""
    panel = Panel(Progress(seconds=clock()))
    assert "starting" in seen(panel)
    with panel:
        for event in STORY[:3]:
            panel(event)
        text = seen(panel)
        for part in (
            "2/4",
            "2.00 ± 0.25  (#1)",
            "▁█",
            "left",
            "$0.0123, 2 calls, 1000 tokens",
            "why ]52;c;x",
            NOTICE,
        ):
            assert part in text
        assert "lost" not in text
        for event in STORY[3:]:
            panel(event)
        assert "1 failed, 1 refused" in seen(panel)
        assert "No answer." in seen(panel)
        assert "left" not in seen(panel)
        for event in END:
            panel(event)
        assert "judging the best 2" in seen(panel)
    assert "\x1b" not in seen(panel)
    assert all(len(line) <= 40 for line in seen(panel, width=40).splitlines())


def test_plain_lines_tell_each_iteration(capsys: pytest.CaptureFixture[str]) -> None:
    """One line an iteration, the new best marked, nothing hostile left."""
    lines = PlainLines()
    with lines:
        for event in (*STORY, *END):
            lines(event)
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert out.count("best") == 3  # two new bests and the judging
    assert "refused: LLM_REFUSED" in out
    assert "failed: LLM_REFUSED" in out


def test_a_resumed_search_shows_the_whole_of_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """What was done before counts, but the estimate of what is left is made of this process's pace."""
    progress = Progress(seconds=clock())
    progress.recall([event.iteration for event in STORY[1:3] if isinstance(event, IterationEnded)])
    lines = PlainLines(progress)
    lines(SearchResumed(RECORD))
    assert "resumed at 2/4; best 2.00 ± 0.25  (#1)" in capsys.readouterr().out
    assert progress.left is None
    lines(ended(2, 3.0))
    assert progress.left is not None
    fresh = PlainLines()
    fresh(SearchResumed(RECORD))
    assert "resumed at" not in capsys.readouterr().out.splitlines()[-1]


def test_many_searches_in_lines_and_in_a_panel(capsys: pytest.CaptureFixture[str]) -> None:
    """Each finished search is a line; the panel shows the one that runs."""
    for display in (ArmLines(2), ArmPanel(2)):
        with display:
            for event in (*STORY, *END):
                display(event)
        assert "1/2  llm      seed 3    holdout 1.00 ± 0.50" in capsys.readouterr().out
    panel = ArmPanel(2)
    assert "starting" in seen(panel)
    for event in STORY:
        panel(event)
    assert "4/4  best 2.00 ± 0.25" in seen(panel)
    assert "search 1/2" in seen(panel)


def kind(display: Display) -> type[Display]:
    """Return what a display is under its log."""
    return type(display._inner) if isinstance(display, Logged) else type(display)


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("verbosity", [0, 1])
def test_the_place_chooses_the_display(
    terminal: bool, verbosity: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JSON where asked for, a panel on a quiet terminal alone, lines else; a log only with -v."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    calm = terminal and not verbosity
    assert kind(choose_display(as_json=True, verbosity=verbosity)) is JsonLines
    assert kind(choose_display(as_json=False, verbosity=verbosity)) is (Panel if calm else PlainLines)
    assert kind(choose_arms(2, as_json=True, verbosity=verbosity)) is JsonLines
    assert kind(choose_arms(2, as_json=False, verbosity=verbosity)) is (ArmPanel if calm else ArmLines)
    assert isinstance(choose_display(as_json=True, verbosity=verbosity), Logged) is bool(verbosity)


def test_the_log_binds_search_and_iteration(capsys: pytest.CaptureFixture[str]) -> None:
    """Each event is one JSON object with its search, an iteration's with its number; no control survives."""
    configure(verbosity=2, as_json=True)
    try:
        with Logged(PlainLines()) as display:
            for event in (*STORY, *END):
                display(event)
        logger(search="x\x1b[2J").info("a\nb")
    finally:
        configure(verbosity=0, as_json=False)
    rows = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert rows[0]["search"] == "abc"
    assert [row["iteration"] for row in rows if row["event"].startswith("iteration.")][:2] == [0, 0]
    assert (rows[-1]["search"], rows[-1]["event"]) == ("x[2J", "a b")


def test_the_log_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """-v logs an event on one line; by default there is none."""
    configure(verbosity=1, as_json=False)
    logger(search="abc").info("search.created")
    configure(verbosity=0, as_json=False)
    logger(search="abc").info("search.finished")
    err = capsys.readouterr().err
    assert "search.created" in err
    assert "search.finished" not in err


def test_third_parties_are_capped(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library that sets itself to DEBUG still brings warnings only, on one harmless line."""
    configure(verbosity=2, as_json=False)
    noisy = logging.getLogger("noisy.library")
    noisy.setLevel(logging.DEBUG)
    noisy.debug("secret")
    noisy.info("secret")
    configure(verbosity=0, as_json=False)
    noisy.warning("odd\r\n\x1b[2Jthing %s", 1)
    err = capsys.readouterr().err
    assert "secret" not in err
    assert err == "warning: noisy.library: odd [2Jthing 1\n"
    monkeypatch.setattr("logging.raiseExceptions", False)
    noisy.warning("%d", "no number")
