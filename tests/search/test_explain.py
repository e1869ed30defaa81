"""Explanations compute first: ablations on fresh scenarios; a model's words come after and are stored."""

from pathlib import Path
from typing import Any

import pytest
from tests.search._benches import SCRIPTED, SPACE, Script, bench_at, request_for, space_of

from walras.core import Reply, Unavailable, UnknownName
from walras.search import explain, start


def test_facts_are_computed_on_validate_scenarios(tmp_path: Path) -> None:
    """Each changed parameter has its worth with a standard error over the validate scenarios."""
    with bench_at(tmp_path / "a.db") as bench:
        record = start(bench, request_for(bench, budget=5))
        number = next(row.number for row in bench.store.iterations(record.id) if row.number > 0)
        found = explain(bench, f"{record.id}:{number}")
        assert found.iteration == number
        assert found.pairs == len(record.spec.validate.scenarios)
        assert found.contributions
        assert all(row.best != row.default for row in found.contributions)
        assert all(row.gain is None or row.standard_error is not None for row in found.contributions)
        assert any("against the defaults" in line for line in found.facts)
        assert found.words is None
        assert found.to_json()["notice"] == "Synthetic replay only. Not a forecast."


HALF = "strategy.mm.half_spread_ticks"
CONDITIONAL: dict[str, Any] = {
    "name": "conditional",
    "strategy": "market_maker",
    "parameters": {
        "strategy.mm.mode": {"type": "categorical", "choices": ["join", "improve"]},
        "strategy.mm.half_spread_ticks": {
            "type": "int",
            "low": 1,
            "high": 10,
            "when": {"strategy.mm.mode": "join"},
        },
        "strategy.mm.order_size": {
            "type": "float",
            "low": 5,
            "high": 500,
            "when": {"strategy.mm.mode": "improve"},
        },
    },
}


def test_a_parameter_that_only_the_best_has_is_explained_too(tmp_path: Path) -> None:
    """Putting a parent back brings its own children's defaults; a child of the best has its own worth."""
    with bench_at(tmp_path / "a.db") as bench:
        record = start(bench, request_for(bench, space=space_of(bench, CONDITIONAL), budget=8))
        usual = record.spec.space.defaults["strategy.mm.mode"]
        number = next(
            row.number
            for row in bench.store.iterations(record.id)
            if row.proposal is not None
            and row.proposal.params["strategy.mm.mode"] != usual
            and row.proposal.params.get(HALF) != record.spec.space.by_name[HALF].default
        )
        found = explain(bench, f"{record.id}:{number}")
        child = "strategy.mm.order_size" if usual == "join" else "strategy.mm.half_spread_ticks"
        assert {row.parameter for row in found.contributions} == {"strategy.mm.mode", child}
        parent = next(row for row in found.contributions if row.parameter == "strategy.mm.mode")
        assert (parent.gain, parent.standard_error) == (found.gain, found.gain_se)


def test_every_call_of_an_explanation_is_counted(tmp_path: Path) -> None:
    """Retries cost too."""
    script = Script("Because.", meta={"calls": 3})
    with bench_at(tmp_path / "a.db", answerer=script) as bench:
        record = start(bench, request_for(bench, budget=2))
        explain(bench, record.id, endpoint=SCRIPTED)
        assert bench.store.find(record.id).spent.calls == 3


def test_the_defaults_explain_themselves(tmp_path: Path) -> None:
    """Iteration 0 changes nothing and says so."""
    with bench_at(tmp_path / "a.db") as bench:
        record = start(bench, request_for(bench, budget=1))
        found = explain(bench, record.id)
        assert found.contributions == ()
        assert "Its parameters are the strategy's defaults." in found.facts
        assert found.gain == 0


def test_a_model_puts_the_facts_into_words_once(tmp_path: Path) -> None:
    """The words are marked with their model, stored, and not paid for twice."""
    script = Script("Wider quotes were picked off less.")
    with bench_at(tmp_path / "a.db", answerer=script) as bench:
        record = start(bench, request_for(bench, budget=3))
        found = explain(bench, record.id, endpoint=SCRIPTED)
        again = explain(bench, record.id, endpoint=SCRIPTED)
        assert found.words == again.words == "Wider quotes were picked off less."
        assert found.model == "script"
        assert len(script.asked) == 1
        assert len(bench.store.exchanges(record.id, purpose="explain")) == 1
        assert bench.store.find(record.id).spent.calls == 1
        assert bench.store.verify() == ()


def test_the_scripted_endpoint_explains_offline(tmp_path: Path) -> None:
    """Rules can answer an explain prompt too."""
    with bench_at(tmp_path / "a.db") as bench:
        record = start(bench, request_for(bench, budget=3))
        assert explain(bench, record.id, endpoint=SCRIPTED).words


def test_a_dead_endpoint_leaves_the_facts(tmp_path: Path) -> None:
    """The error says that facts need no endpoint."""
    down = Script(Reply(error="LLM_TIMEOUT", error_text="60 s"))
    with bench_at(tmp_path / "a.db", answerer=down) as bench:
        record = start(bench, request_for(bench, budget=2))
        with pytest.raises(Unavailable, match="leave --endpoint out"):
            explain(bench, record.id, endpoint=SCRIPTED)


def test_an_unscored_iteration_cannot_be_explained(tmp_path: Path, monkeypatch: Any) -> None:
    """A failed iteration has nothing to explain."""
    script = Script(*(["no"] * 3))
    with bench_at(tmp_path / "a.db", answerer=script) as bench:
        record = start(bench, request_for(bench, proposer="llm", budget=2))
        with pytest.raises(UnknownName, match="not scored"):
            explain(bench, f"{record.id}:1")


def test_an_empty_explanation_is_said(tmp_path: Path) -> None:
    """A model that says nothing is no explanation; the facts still are."""
    with bench_at(tmp_path / "a.db", answerer=Script("")) as bench:
        record = start(bench, request_for(bench, budget=2))
        with pytest.raises(Unavailable, match="no usable explanation"):
            explain(bench, record.id, endpoint=SCRIPTED)


def test_points_that_cannot_be_measured_have_no_worth(tmp_path: Path) -> None:
    """Where a backtest fails, its contribution says so and no metric is compared."""
    from walras.core import Failure
    from walras.execution import InProcess, JobResult

    class Failing(InProcess):  # type: ignore[misc]  # final for users, not for this test
        def next_done(self) -> tuple[int, JobResult]:
            ticket, _ = super().next_done()
            return ticket, JobResult(failure=Failure(code="BACKTEST_TIMEOUT", text="killed"))

    with bench_at(tmp_path / "a.db") as bench:
        record = start(bench, request_for(bench, budget=2))
        with bench_at(tmp_path / "a.db", executor=lambda count: Failing()) as broken:
            found = explain(broken, f"{record.id}:1")
    assert found.gain is None
    assert found.metrics == ()
    assert all(row.reason == "one side has no score" for row in found.contributions)
    assert any("worth unknown" in line for line in found.facts)


def test_a_parameter_without_effect_is_said_to_have_none(tmp_path: Path) -> None:
    """A difference of exactly zero is told in words, not as -0 plus or minus 0."""
    quiet = {
        **SPACE,
        "fixed": {"strategy.mm.half_spread_ticks": 50},
        "parameters": {
            "strategy.mm.order_size": {"type": "float", "low": 5, "high": 500},
            "strategy.mm.inventory_skew": {"type": "float", "low": 0, "high": 2},
        },
    }
    with bench_at(tmp_path / "a.db") as bench:
        record = start(bench, request_for(bench, space=space_of(bench, quiet), budget=3))
        found = explain(bench, f"{record.id}:2")
        assert any("the score does not change" in line for line in found.facts), found.facts
