"""One backtest of one point, outside of any search, through the same guard and the same engine."""

from collections.abc import Mapping
from pathlib import Path

from walras.core import InvalidFile, RefusedByPolicy, ReportEnvelope, Role, Value, WalrasError
from walras.execution import Job
from walras.policy import Guard, read_params
from walras.search._audit import audit_refusal
from walras.search._bench import Bench


class BacktestFailed(WalrasError):
    """The backtest measured nothing; `code` says how it ended."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code  # type: ignore[misc]  # an instance knows better than its class
        super().__init__(f"The backtest failed: {code}: {text}")


def run_backtest_once(
    bench: Bench,
    strategy: str,
    *,
    assignments: Mapping[str, str] | None = None,
    params_file: Path | None = None,
    params: Mapping[str, Value] | None = None,
    market: str = "liquid_politics",
    role: Role = "train",
    scenarios: int | None = None,
    events: int | None = None,
) -> ReportEnvelope:
    """Return the report of one backtest; what is not assigned keeps the strategy's default.

    Args:
        assignments: Name to text, as typed after `--set`.
        params_file: YAML or JSON mapping of names to values, as `walras params` prints.
        params: Values from Python; they win over the file, and `assignments` over them.

    Raises:
        RefusedByPolicy: If a name is behind a hard gate; audited, nothing ran.
        UsageError: If a name is unknown or a value out of bounds.
        BacktestFailed: If the strategy raised, crashed or never returned.
    """
    schema = bench.schema_of(strategy)
    guard = Guard.for_schema(bench.policy, schema)
    try:
        candidate = read_params(schema, bench.policy, file=params_file, values=params, texts=assignments)
        admitted = guard.admit(candidate)
    except (RefusedByPolicy, InvalidFile) as refusal:
        audit_refusal(bench.store, refusal, channel="backtest", subject=strategy)
        raise
    with bench.executor(1) as executor:
        (result,) = executor.run(
            [
                Job(
                    strategy=strategy,
                    wire=admitted.to_wire(),
                    scenarios=bench.scenarios(market, role, scenarios, events),
                )
            ]
        )
    if result.report is None:
        failure = result.failure
        raise BacktestFailed(
            failure.code if failure else "BACKTEST_FAILED", failure.text if failure else "no reason"
        )
    return result.report
