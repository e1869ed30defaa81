"""What travels to a worker: names, canonical params and digests; never an `AdmittedParams`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from walras.core import IntegrityError, Json, ScenarioSet

BACKTEST_FAILED: Final = "BACKTEST_FAILED"
"""The strategy or the market raised."""

BACKTEST_TIMEOUT: Final = "BACKTEST_TIMEOUT"
"""No answer within the wall limit; the worker was killed."""

BACKTEST_CRASHED: Final = "BACKTEST_CRASHED"
"""The worker process ended without an answer."""

BACKTEST_REFUSED: Final = "BACKTEST_REFUSED"
"""The guard in the worker did not admit what the guard in the parent had."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One backtest to run.

    Attributes:
        strategy: A strategy's name, known to the worker by itself, by entry point or by `strategy_file`.
        wire: `AdmittedParams.to_wire()`: canonical params with schema and policy digests. The worker
            calls the guard on it again.
        scenarios: What to run against.
        strategy_file: A Python file that defines the strategy, or "".
        policy_file: The policy file the parent's guard used, or ""; the digest in `wire` tells if it changed.
    """

    strategy: str
    wire: Mapping[str, Json]
    scenarios: ScenarioSet
    strategy_file: str = ""
    policy_file: str = ""

    def to_json(self) -> dict[str, Json]:
        """Return the job as JSON."""
        return {
            "strategy": self.strategy,
            "wire": dict(self.wire),
            "scenarios": self.scenarios.to_json(),
            "strategy_file": self.strategy_file,
            "policy_file": self.policy_file,
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Job":
        """Rebuild a job from `to_json`.

        Raises:
            IntegrityError: If the scenarios are not those the digest was made of.
        """
        scenarios = ScenarioSet.from_json(body["scenarios"])
        if scenarios.digest != body["scenarios"]["digest"]:
            raise IntegrityError("The scenario set changed on its way to the worker.")
        return cls(
            strategy=body["strategy"],
            wire=body["wire"],
            scenarios=scenarios,
            strategy_file=body["strategy_file"],
            policy_file=body["policy_file"],
        )
