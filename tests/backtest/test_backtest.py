"""run_backtest: the door, the bytes, the envelope's seal."""

import json
import subprocess
import sys

import pytest

from walras import backtest
from walras.backtest import engine_fingerprint, run_backtest, score
from walras.core import RefusedByPolicy, ReportEnvelope, ScenarioSet, UsageError, canonical_json
from walras.market import scenario_set
from walras.policy import FLOOR_POLICY, AdmittedParams, admit_direct
from walras.strategies import load_strategy, strategy_schema

SHORT = scenario_set("liquid_politics", "train", count=3, events=20_000)


def admitted(**changed: object) -> AdmittedParams:
    """Return the market maker's params with `changed` tunables, through the guard."""
    named = {f"strategy.mm.{name}": value for name, value in changed.items()}
    return admit_direct(named, strategy_schema("market_maker"), FLOOR_POLICY)


@pytest.fixture(scope="module")
def report() -> ReportEnvelope:
    """One real report."""
    return run_backtest("market_maker", admitted(half_spread_ticks=2), SHORT)


def test_the_same_inputs_give_the_same_bytes(report: ReportEnvelope) -> None:
    """Pure and deterministic, by name and by value."""
    again = run_backtest(load_strategy("market_maker"), admitted(half_spread_ticks=2), SHORT)
    assert again.to_canonical_json() == report.to_canonical_json()


def test_the_envelope_says_what_ran(report: ReportEnvelope) -> None:
    """Fingerprints, digests and every parameter, defaults included."""
    assert report.engine_fingerprint == engine_fingerprint()
    assert report.strategy_fingerprint == load_strategy("market_maker").fingerprint
    assert report.scenario_set_digest == SHORT.digest
    assert set(report.params) == set(strategy_schema("market_maker").by_name)
    assert report.params["strategy.mm.half_spread_ticks"] == 2
    assert report.notice == "Synthetic replay only. Not a forecast."
    assert [row.seed for row in report.scenarios] == [row.seed for row in SHORT.scenarios]


def test_blocks_and_regimes_sum_to_the_pnl(report: ReportEnvelope) -> None:
    """Nothing is lost between the parts."""
    for row in report.scenarios:
        assert sum(row.block_pnl_upusd) == row.pnl_upusd
        assert sum(part.pnl_pusd for part in row.regimes) == pytest.approx(row.pnl_upusd / 1e6, abs=1e-6)
        assert sum(part.events for part in row.regimes) == row.events


def test_the_envelope_round_trips(report: ReportEnvelope) -> None:
    """Text and back, float bits included; the id is that of the content."""
    text = report.to_canonical_json()
    again = ReportEnvelope.model_validate_json(text)
    assert again == report
    assert again.to_canonical_json() == text
    assert again.computed_id() == report.envelope_id
    assert len(report.envelope_id) == 64


def test_a_changed_number_breaks_the_seal(report: ReportEnvelope) -> None:
    """Every field but the id is under the id."""
    body = json.loads(report.to_canonical_json())
    body["scenarios"][0]["taker_fee_upusd"] += 1
    assert ReportEnvelope.model_validate(body).computed_id() != report.envelope_id


def test_no_float_is_nan_or_infinite(report: ReportEnvelope) -> None:
    """Canonical JSON refuses them, so a report that has a text has none."""
    assert canonical_json(report.model_dump(mode="json"))


def test_params_matter(report: ReportEnvelope) -> None:
    """Another spread, another report; the same market."""
    wide = run_backtest("market_maker", admitted(half_spread_ticks=40), SHORT)
    assert wide.envelope_id != report.envelope_id
    assert [row.resolved_yes for row in wide.scenarios] == [row.resolved_yes for row in report.scenarios]


def test_an_order_below_the_minimum_is_a_recorded_rejection() -> None:
    """One share is below the market's minimum: no fills, and the report says why."""
    got = run_backtest("market_maker", admitted(order_size=1.0), SHORT)
    assert {"NO_ORDERS", "ORDERS_REJECTED_MIN_SIZE"} <= set(got.reason_codes)
    assert score("sharpe_per_block", got).value is None
    assert score("belief_pnl", got).value == 0.0


@pytest.mark.parametrize("impostor", [None, {}, {"strategy.mm.half_spread_ticks": 2}, "params"])
def test_only_admitted_params_run(impostor: object) -> None:
    """Nothing else has the type."""
    with pytest.raises(RefusedByPolicy, match="AdmittedParams"):
        run_backtest("market_maker", impostor, SHORT)  # type: ignore[arg-type]


def test_a_changed_gated_configuration_stops_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The door asks before anything is simulated."""

    def refuse() -> None:
        raise RefusedByPolicy("changed")

    monkeypatch.setattr("walras.backtest._backtest.check_gated_config", refuse)
    with pytest.raises(RefusedByPolicy, match="changed"):
        run_backtest("market_maker", admitted(), SHORT)


def test_params_of_another_strategy_do_not_run() -> None:
    """What was admitted for one is not admitted for another."""
    with pytest.raises(UsageError, match="admitted for 'market_maker'"):
        run_backtest("fair_value_taker", admitted(), SHORT)


def test_an_empty_scenario_set_does_not_run() -> None:
    """There is nothing to measure."""
    with pytest.raises(UsageError, match="is empty"):
        run_backtest("market_maker", admitted(), ScenarioSet(name="none", role="custom", scenarios=()))


@pytest.mark.parametrize("door", ["walras.backtest", "walras.execution"])
def test_the_door_loads_nothing_heavy(door: str) -> None:
    """Scoring, submitting and reading the schema load neither numba nor numpy."""
    code = (
        f"import sys, {door} as door, walras.backtest as b\n"
        "for name in door.__all__: getattr(door, name)\n"
        "b.objective_names(); b.engine_fingerprint(); b.report_schema_text()\n"
        "print(sorted({'numba', 'numpy', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_is_not_at_the_door_is_an_attribute_error() -> None:
    """A wrong name is a wrong name."""
    with pytest.raises(AttributeError):
        backtest.nothing  # noqa: B018
