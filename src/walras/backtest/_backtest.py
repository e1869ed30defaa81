"""Runs one strategy with admitted params over a scenario set."""

from walras.backtest._aggregate import aggregate_report
from walras.backtest._fill import scenario_report
from walras.backtest._fingerprint import engine_fingerprint
from walras.backtest._reasons import reason_codes
from walras.core import ReportEnvelope, ScenarioSet, UsageError
from walras.policy import AdmittedParams, check_gated_config, require_admitted
from walras.strategies import Strategy, load_strategy


def run_backtest(
    strategy: Strategy | str, admitted: AdmittedParams, scenario_set: ScenarioSet
) -> ReportEnvelope:
    """Return what `strategy` measured with `admitted` over every scenario of the set, in order.

    Pure and deterministic: the same arguments give the same bytes on every CPU. About 3 ms per 100,000
    events once the engine is compiled. A strategy that never returns never returns: see
    `walras.execution`.

    Args:
        strategy: A strategy, or the name of one.
        admitted: What the guard admitted; nothing else is accepted, not even a subclass.
        scenario_set: What to run against; at least one scenario.

    Raises:
        RefusedByPolicy: If `admitted` did not come from the guard, or the engine's gated configuration
            is not the reviewed one.
        UsageError: If `admitted` is for another strategy or schema, or there is no scenario.
        UnknownName: If the strategy or the market is unknown.
        DomainError: If a scenario's length is out of range.
    """
    require_admitted(admitted)
    check_gated_config()
    chosen = load_strategy(strategy) if isinstance(strategy, str) else strategy
    if (admitted.strategy, admitted.schema_digest) != (chosen.name, chosen.schema.digest):
        raise UsageError(
            f"The params were admitted for {admitted.strategy!r}, not for this schema of {chosen.name!r}."
        )
    if not scenario_set.scenarios:
        raise UsageError(f"The scenario set {scenario_set.name!r} is empty.")
    return _measure(chosen, admitted, scenario_set)


def _measure(strategy: Strategy, admitted: AdmittedParams, scenario_set: ScenarioSet) -> ReportEnvelope:
    from walras.market import simulate

    params = dict(admitted.effective)
    step, vector = strategy.step, strategy.vector(params)
    scenarios = tuple(
        scenario_report(scenario, simulate(scenario, step, vector)) for scenario in scenario_set.scenarios
    )
    return ReportEnvelope.seal(
        engine_fingerprint=engine_fingerprint(),
        strategy=strategy.name,
        strategy_fingerprint=strategy.fingerprint,
        params=params,
        scenario_set=scenario_set.name,
        scenario_set_digest=scenario_set.digest,
        scenarios=scenarios,
        aggregate=aggregate_report(scenarios),
        reason_codes=reason_codes(scenarios, params),
    )
