"""Objectives: exact values, honest errors, names and plugins."""

from dataclasses import dataclass
from typing import Any

import pytest
from tests.backtest._outcomes import blocks, outcome

from walras import backtest
from walras.backtest import Objective, objective_names, objective_spec, score
from walras.backtest import _objectives as module
from walras.backtest._aggregate import aggregate_report
from walras.backtest._fill import scenario_report
from walras.core import ReportEnvelope, Scenario, Undefined, UnknownName, UsageError
from walras.market import ScenarioOutcome


def report_of(*outcomes: ScenarioOutcome) -> ReportEnvelope:
    """Return an envelope over hand-made outcomes."""
    rows = tuple(
        scenario_report(Scenario("liquid_politics", 900_000 + number, 6_400), one)
        for number, one in enumerate(outcomes)
    )
    return ReportEnvelope.seal(
        engine_fingerprint="e",
        strategy="s",
        strategy_fingerprint="f",
        params={},
        scenario_set="set",
        scenario_set_digest="d",
        scenarios=rows,
        aggregate=aggregate_report(rows),
    )


FIRST = outcome(
    block_pnl_upusd=blocks(4_000_000, 1_000_000),
    resolution_pnl_upusd=9_000_000,
    quadratic_variation=30_000_000_000,
    resolution_quadratic_variation=10_000_000_000,
    max_drawdown_upusd=2_000_000,
)
SECOND = outcome(
    block_pnl_upusd=blocks(1_000_000, 0), resolution_pnl_upusd=-1_000_000, max_drawdown_upusd=1_000_000
)


def test_belief_pnl_as_in_the_reference() -> None:
    """J = mean of V - fees - (a/2) QV: 5 - 0.005 * 400 = 3 and 1; mean 2, standard error 1."""
    got = score("belief_pnl", report_of(FIRST, SECOND))
    assert (got.value, got.standard_error, got.per_scenario) == (2.0, 1.0, (3.0, 1.0))
    assert got.value_reason is None
    assert got.standard_error_reason is None


def test_resolution_pnl_pays_the_position() -> None:
    """9 and -1: mean 4, standard error 5."""
    got = score("resolution_pnl", report_of(FIRST, SECOND))
    assert (got.value, got.standard_error) == (4.0, 5.0)


def test_drawdown_penalised_charges_half() -> None:
    """5 - 1 = 4 and 1 - 0.5."""
    assert score("drawdown_penalised", report_of(FIRST, SECOND)).per_scenario == (4.0, 0.5)


def test_sharpe_per_block_is_the_scenarios_own() -> None:
    """The score is the mean of the scenarios' Sharpe ratios."""
    report = report_of(FIRST, SECOND)
    assert score("sharpe_per_block", report).per_scenario == tuple(
        one.sharpe_per_block for one in report.scenarios
    )


def test_one_undefined_scenario_undoes_the_score() -> None:
    """Leaving out a scenario without a value would favour who fails in it."""
    got = score("sharpe_per_block", report_of(FIRST, outcome()))
    assert got.value is None
    assert got.value_reason == got.standard_error_reason == "scenario 900001: all returns are equal"
    assert got.per_scenario == ()


def test_one_scenario_scores_without_an_error() -> None:
    """The value stands, its error says why it is missing."""
    got = score("belief_pnl", report_of(FIRST))
    assert got.value == 3.0
    assert got.standard_error is None
    assert got.standard_error_reason == "1 scenario; at least 2 needed"


def test_no_scenario_has_no_score() -> None:
    """A report without scenarios (only possible by hand) gives reasons, not zeros."""
    empty = report_of(FIRST).model_copy(update={"scenarios": ()})
    got = score("belief_pnl", empty)
    assert got.value is None
    assert got.value_reason == "there are no values"


def test_unknown_names_say_what_is_known() -> None:
    """The message names the near miss."""
    with pytest.raises(UnknownName, match="Did you mean 'belief_pnl'"):
        score("beleif_pnl", report_of(FIRST))


def test_every_objective_describes_itself() -> None:
    """Names match, units and descriptions are there, fingerprints differ."""
    assert objective_names() == ("belief_pnl", "drawdown_penalised", "resolution_pnl", "sharpe_per_block")
    specs = [objective_spec(name) for name in objective_names()]
    assert [spec.name for spec in specs] == list(objective_names())
    assert all(spec.unit and spec.description for spec in specs)
    assert len({spec.fingerprint for spec in specs}) == len(specs)


@dataclass(frozen=True)
class Entry:
    name: str
    value: Any

    def load(self) -> Any:
        return self.value


def test_a_plugin_objective_is_found_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point brings an objective; it cannot take a built-in name, and must be an Objective."""
    mine = Objective(
        name="fills", version="1", unit="fills", description="x", of_scenario=lambda one: one.maker_fills
    )
    offered = [Entry("fills", mine), Entry("belief_pnl", mine), Entry("broken", 3)]
    monkeypatch.setattr(module, "entry_points", lambda group: offered)
    module._objectives.cache_clear()
    try:
        assert score("fills", report_of(FIRST, SECOND)).value == 0.0
        assert objective_spec("belief_pnl") is not mine
        with pytest.raises(UsageError, match="is a int, not an Objective"):
            objective_spec("broken")
    finally:
        module._objectives.cache_clear()


def test_an_objective_may_be_undefined_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin says why it has no value."""
    never = Objective(
        name="never",
        version="1",
        unit="",
        description="x",
        of_scenario=lambda one: Undefined(undefined="never"),
    )
    monkeypatch.setattr(module, "entry_points", lambda group: [Entry("never", never)])
    module._objectives.cache_clear()
    try:
        assert score("never", report_of(FIRST)).value_reason == "scenario 900000: never"
    finally:
        module._objectives.cache_clear()


def test_the_front_door_refuses_what_is_not_there() -> None:
    """A wrong name is an AttributeError."""
    with pytest.raises(AttributeError, match="nothing_here"):
        backtest.nothing_here  # noqa: B018


GOLDEN = {"1": "e05f7107ba1e5693716172cae6a9972acfd685195e3e68120fa66c419d2c77af"}
"""REPORT_VERSION to the digest of one hand-made report: a change of any number needs a new version."""


def test_the_reports_arithmetic_is_frozen() -> None:
    """The same integers give the same report in every release that says so; independent of the engine."""
    assert report_of(FIRST, SECOND).envelope_id == GOLDEN[backtest.REPORT_VERSION]
