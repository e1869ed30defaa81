"""What is odd or missing is said in words, never hidden and never shown as zero."""

from dataclasses import replace

import pytest
from tests.cli.test_displays import HEAD, RECORD, SPEC, STORY

from walras.cli._headline import bounds_text, objective_text, tell_end, tell_headline
from walras.cli._iteration_view import tell_iteration
from walras.cli._search_view import tell_search
from walras.cli._space_view import tell_dimensions
from walras.core import (
    Dimension,
    Exchange,
    Headline,
    Iteration,
    Message,
    Prompt,
    Proposal,
    Reply,
    SearchSpace,
    Spent,
    Status,
    Verdict,
)
from walras.search import IterationEnded

ROWS = [event.iteration for event in STORY if isinstance(event, IterationEnded)]
OPEN = replace(RECORD, spent=Spent(calls=3, prompt_tokens=10, completion_tokens=5, usd=0.5), iterations=4)
Out = pytest.CaptureFixture[str]


def test_a_search_that_found_nothing_says_why(capsys: Out) -> None:
    """No best iteration: the reason stands where the scores would."""
    tell_headline(OPEN, Headline(best=None, reason="No iteration has a score."), ())
    assert "No iteration has a score." in capsys.readouterr().out
    tell_end(replace(OPEN, headline=Headline(best=None)), None, (), seconds=1, store=None)
    out = capsys.readouterr().out
    assert "walras show abc " in out
    tell_end(OPEN, None, (), seconds=1, store="s.db")
    assert "walras replay abc --store s.db" in capsys.readouterr().out


def test_defaults_that_win_are_named(capsys: Out) -> None:
    """Where iteration 0 is the best, that is the finding; a holdout without a score has its reason."""
    head = replace(HEAD, best=0, holdout_score=None, holdout_reason="scenario 3: no fill\x1b[2J")
    tell_headline(OPEN, head, ())
    out = capsys.readouterr().out
    assert "Nothing beat the strategy's defaults" in out
    assert "no score: scenario 3: no fill[2J" in out


def test_an_open_search_says_how_to_go_on(capsys: Out) -> None:
    """Fates, cost and the resume line; iterations without a score are listed too."""
    tell_search(OPEN, ROWS, params=None, trials=9, every=False, store=None)
    out = capsys.readouterr().out
    for text in (
        "2 scored, 1 refused, 1 failed",
        "walras resume abc",
        "$0.5000, 3 calls",
        "9 iterations ever",
    ):
        assert text in out
    tell_search(OPEN, ROWS[3:], params=None, trials=9, every=False, store=None)
    assert "failed: LLM_REFUSED" in capsys.readouterr().out
    tell_search(replace(OPEN, name=""), [], params=None, trials=0, every=True, store=None)
    assert "Score per iteration" not in capsys.readouterr().out


def test_refused_and_failed_iterations_show_why(capsys: Out) -> None:
    """A refusal names its gate; a failure its code; neither shows a score."""
    verdict = Verdict(
        allowed=False, code="OPT_REFUSED_HARD_GATE", reason="It is locked.", gate="risk.killswitch.*"
    )
    tell_iteration(OPEN, replace(ROWS[2], verdict=verdict), ())
    out = capsys.readouterr().out
    assert "OPT_REFUSED_HARD_GATE (gate risk.killswitch.*): It is locked." in out
    assert "none:" in out
    assert "Measured" not in out
    tell_iteration(OPEN, ROWS[3], ())
    assert "LLM_REFUSED: No answer." in capsys.readouterr().out


def test_an_exchange_is_shown_as_text(capsys: Out) -> None:
    """Prompt and answer, stripped; an answer that is none shows what there is instead."""
    prompt = Prompt(messages=(Message(role="user", content="ask\x1b[2J"),), schema=None, template="t")
    told = [
        Exchange(number=place, iteration=1, turn=place, prompt=prompt, reply=reply)
        for place, reply in enumerate(
            (Reply(text="answer", prompt_tokens=5, completion_tokens=2), Reply(refusal="I will not"), Reply())
        )
    ]
    silent = Iteration(number=1, status=Status.FAILED, proposal=None, verdict=None, score=ROWS[3].score)
    tell_iteration(OPEN, silent, told)
    out = capsys.readouterr().out
    for text in ("ask[2J", "answer", "5 tokens in, 2 out", "I will not", "(none)", "model unknown"):
        assert text in out
    assert "\x1b[2J" not in out
    quiet = Proposal(params={}, reasoning="", source="x")
    tell_iteration(OPEN, replace(silent, proposal=quiet), ())
    assert "Reasoning" not in capsys.readouterr().out


def test_a_plugged_objective_that_is_gone_keeps_its_name() -> None:
    """An unknown objective is shown without a unit."""
    assert objective_text("mine") == "mine"
    assert objective_text("belief_pnl") == "belief_pnl (pUSD)"


def test_a_bool_dimension(capsys: Out) -> None:
    """A bool has two values and no bounds."""
    axis = Dimension(name="a.b", kind="bool", default=True)
    tell_dimensions(SearchSpace(name="s", strategy=SPEC.space.strategy, dimensions=(axis,)))
    assert "false, true" in capsys.readouterr().out
    assert bounds_text(1, 2.5) == "1 .. 2.5"
