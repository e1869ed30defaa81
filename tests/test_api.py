"""The Python door: the same functions as the command line, and arrays and tables for notebooks."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.search._benches import EVENTS, SPACE

from walras import SearchView, api, compare, load, search, wiring
from walras.core import (
    NOTICE,
    Caps,
    Iteration,
    Proposal,
    RefusedByPolicy,
    Score,
    Status,
    UnknownName,
    UsageError,
    Verdict,
)
from walras.execution import InProcess
from walras.search import SearchCreated

HALF = "strategy.mm.half_spread_ticks"
SIZE = "strategy.mm.order_size"
MODE = "strategy.mm.mode"
CONDITIONAL: dict[str, Any] = {
    **SPACE,
    "parameters": {
        **SPACE["parameters"],
        SIZE: {"type": "float", "low": 5, "high": 500, "when": {MODE: "join"}},
    },
}
SMALL: dict[str, Any] = {"proposer": "random", "scenarios": 2, "events": EVENTS, "seed": 3}


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run backtests in this process."""
    monkeypatch.setattr("walras.execution.LocalWorkers", lambda count, **limits: InProcess())


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Name a store."""
    return tmp_path / "a.db"


def test_a_search_is_stored_and_loaded_again(store: Path) -> None:
    """What `search` returns is what `load` finds, from a path or a text."""
    seen: list[object] = []
    found = search(SPACE, budget=3, store=store, listen=seen.append, tags=["a"], **SMALL)
    assert isinstance(seen[0], SearchCreated)
    assert load(store=str(store)) == replace(found, store=str(store))
    assert load(found.id[:8], store=store) == found
    assert found.record.tags == ("a",)
    assert found.best is found.iterations[found.record.headline.best]  # type: ignore[union-attr, index]
    assert set(found.params) == set(SPACE["parameters"])
    assert repr(found) == (
        f"<Search {found.id} random on small: 3 of 3 iterations, "
        f"holdout {found.record.headline.holdout_score:.4g}. {NOTICE}>"  # type: ignore[union-attr]
    )


def test_columns_are_arrays_with_holes_where_there_is_nothing(store: Path) -> None:
    """NaN or "" where a dimension does not exist, a proposal was refused, or none was made."""
    found = search(CONDITIONAL, budget=8, store=store, **SMALL)
    nothing = Score(value=None, value_reason="none")
    refused = Iteration(
        number=8,
        status=Status.REFUSED,
        proposal=Proposal(params={HALF: "wide", "risk.killswitch.x": 0}, reasoning="", source="llm"),
        verdict=Verdict(allowed=False, code="OPT_REFUSED_HARD_GATE", reason=""),
        score=nothing,
    )
    failed = Iteration(number=9, status=Status.FAILED, proposal=None, verdict=None, score=nothing)
    columns = replace(found, iterations=(*found.iterations, refused, failed)).columns()
    assert list(columns) == ["number", "status", "score", "score_se", HALF, MODE, SIZE]
    assert columns["number"].tolist() == list(range(10))
    assert columns["number"].dtype == np.int64
    assert columns["status"].tolist() == ["done"] * 8 + ["refused", "failed"]
    assert np.isnan(columns["score"]).tolist() == [False] * 8 + [True] * 2
    assert columns[MODE].tolist()[8:] == ["", ""]
    joins = columns[MODE] == "join"
    assert 0 < joins.sum() < 8
    assert (np.isnan(columns[SIZE]) == ~joins).all()
    assert np.isnan(columns[HALF]).tolist() == [False] * 8 + [True] * 2


def test_a_search_without_a_headline_shows_its_best_so_far(store: Path) -> None:
    """An open search is open; one without a score has no best and no params."""
    found = search(SPACE, budget=3, store=store, **SMALL)
    opened = replace(found, record=replace(found.record, headline=None))
    scores = [row.score.value for row in found.iterations]
    assert opened.best is not None
    assert opened.best.score.value == max(score for score in scores if score is not None)
    assert "open." in repr(opened)
    empty = replace(opened, iterations=())
    assert empty.best is None
    assert empty.params == {}


def test_a_notebook_escapes_what_strangers_wrote(store: Path) -> None:
    """Names, values and ids are text, never markup; the notice is there."""
    found = search({**SPACE, "name": "<script>alert(1)</script>"}, budget=1, store=store, **SMALL)
    page = found._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert NOTICE in page
    assert HALF in page


def test_a_view_replays_and_reports(store: Path, tmp_path: Path) -> None:
    """The same replay and the same page as on the command line."""
    found = search(SPACE, budget=2, store=store, **SMALL)
    assert found.replay().ok
    page = found.report(str(tmp_path / "page.html"))
    assert NOTICE in page.read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be written"):
        found.report(tmp_path)


def test_a_comparison_runs_every_arm(store: Path) -> None:
    """Two proposers and two seeds are four searches, with the options that each was given."""
    seen: list[object] = []
    found = compare(
        SPACE,
        repeats=2,
        budget=2,
        scenarios=2,
        events=EVENTS,
        options={"tpe": {"n_startup_trials": 3}},
        store=store,
        listen=seen.append,
    )
    assert [arm.proposer for arm in found.arms] == ["random", "tpe"]
    specs = [event.record.spec for event in seen if isinstance(event, SearchCreated)]
    assert len(specs) == 4
    assert {spec.proposer.options.get("n_startup_trials") for spec in specs} == {None, 3}
    assert compare(SPACE, repeats=1, budget=1, scenarios=2, events=EVENTS, store=store).repeats == 1


def test_extra_gates_hold_in_python_too(store: Path, tmp_path: Path) -> None:
    """A policy file is named by text or path, and a view keeps it for its replay."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("extra_gates: [strategy.mm.order_size]\n")
    with pytest.raises(RefusedByPolicy):
        search(SPACE, store=store, policy=str(policy), **SMALL)
    found = search(SPACE, budget=1, store=store, **SMALL)
    with pytest.raises(RefusedByPolicy):
        replace(found, policy=policy).replay()
    assert load(store=store, policy=policy).policy == policy


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"space": 5}, "A space is a path or a dict"),
        ({"space": "name: x\n" * 200}, "is no file"),
        ({"space": "~nobody-of-that-name/x.yaml"}, "names the home of nobody"),
        ({"space": "market_makr"}, "market_maker"),
        ({"store": "~nobody-of-that-name/x.db"}, "names the home of nobody"),
        ({"budget": "60"}, "--budget '60' is out of range"),
        ({"budget": 6.0}, "--budget"),
        ({"seed": np.int64(3)}, "--seed"),
        ({"proposer": None}, "Unknown proposer"),
        ({"market": 5}, "market: is 5, not text"),
        ({"objective": "fame"}, "belief_pnl"),
        ({"tags": "one"}, "tags is a sequence"),
        ({"name": 5}, "name is text"),
        ({"caps": {"max_usd": 1}}, "caps is a Caps"),
        ({"proposer": "llm", "model": "m", "base_url": "https://u:secret@h/v1"}, "user name or password"),
        ({"proposer": "llm", "model": "m", "endpoint": "oracle"}, "Unknown endpoint 'oracle'"),
    ],
)
def test_misuse_is_one_clear_error(store: Path, changes: dict[str, Any], said: str) -> None:
    """Whatever is handed over, the answer is a usage error, and nothing is stored."""
    wanted = {"space": SPACE, "store": store, **SMALL, **changes}
    with pytest.raises(UsageError, match=said) as caught:
        search(wanted.pop("space"), **wanted)
    assert "secret" not in str(caught.value)
    with pytest.raises(UnknownName):
        load(store=store)


def test_a_comparison_takes_names_and_not_a_text(store: Path) -> None:
    """A text is a sequence of letters, which nobody means."""
    with pytest.raises(UsageError, match="proposers is a sequence of names"):
        compare(SPACE, proposers="random", store=store)


def test_money_can_be_capped_from_python(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cap on money needs the price, and takes it."""
    monkeypatch.setenv("WALRAS_API_KEY", "k")
    asked: dict[str, Any] = {"proposer": "llm", "model": "m", "base_url": "http://127.0.0.1:9/v1"}
    capped = {**SMALL, **asked, "caps": Caps(max_usd=1.0)}
    with pytest.raises(UsageError, match="price"):
        search(SPACE, budget=1, store=store, **capped)
    found = search(SPACE, budget=1, store=store, price_in=1.0, price_out=2.0, **capped)
    assert found.record.meta["endpoint"]["price_out"] == 2.0  # type: ignore[call-overload, index]


def test_the_door_is_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """`from walras import ...` gives these functions, and a default store is one for all of them."""
    assert (search, load, compare, SearchView) == (api.search, api.load, api.compare, api.SearchView)
    urls: list[Sequence[object]] = []

    def opened(*, store: str | None, policy: Path | None) -> Any:
        urls.append((store, policy))
        raise KeyboardInterrupt

    monkeypatch.setattr(wiring, "open_bench", opened)
    with pytest.raises(KeyboardInterrupt):
        load()
    assert urls == [(None, None)]


def test_a_view_resumes_and_explains(tmp_path: Path) -> None:
    """What the command line does with an id, a view does with itself."""
    found = search(
        "market_maker", proposer="random", budget=2, scenarios=2, events=6400, store=tmp_path / "a.db"
    )
    longer = found.resume(budget=3)
    assert [row.number for row in longer.iterations] == [0, 1, 2]
    assert longer.iterations[:2] == found.iterations
    assert longer.explain().search == found.id
