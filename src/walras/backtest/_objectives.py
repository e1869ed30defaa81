"""Objectives: the one number made of a report, always with its standard error over scenarios.

An objective says what one scenario is worth; the score is the mean over scenarios, so every score has a
standard error and per-scenario scores that can be paired. More objectives come by the entry point group
`walras.objectives`, each entry naming an `Objective`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Final

from walras.backtest._arithmetic import mean, standard_error
from walras.core import Metric, ReportEnvelope, ScenarioReport, Score, Undefined, UnknownName, UsageError

RISK_AVERSION_PER_PUSD: Final = 0.01
"""a of the quadratic-variation charge: one over a risk budget of 100 pUSD."""

DRAWDOWN_WEIGHT: Final = 0.5
"""pUSD charged for each pUSD of a scenario's worst drawdown."""

GROUP: Final = "walras.objectives"


@dataclass(frozen=True, kw_only=True)
class Objective:
    """What one scenario of a report is worth; higher is better.

    Attributes:
        version: Raised whenever the same report would score differently.
        unit: Unit of value and standard error.
        description: One line for people and for the prompt.
        of_scenario: The worth of one scenario, or `Undefined`; correctly rounded operations only.
    """

    name: str
    version: str
    unit: str
    description: str
    of_scenario: Callable[[ScenarioReport], Metric]

    @property
    def fingerprint(self) -> str:
        """Return what must be equal for two scores to be comparable."""
        return f"{self.name}/{self.version}"


def belief_pnl(scenario: ScenarioReport) -> float:
    """Return belief-marked P&L net of fees less a quadratic-variation charge, in pUSD.

    J_s = V_s - fees_s - (a/2) QV_s, QV = sum of position^2 * (belief change)^2, resolution included.
    """
    variation = scenario.quadratic_variation_pusd2 + scenario.resolution_quadratic_variation_pusd2
    return scenario.pnl_upusd / 1e6 - RISK_AVERSION_PER_PUSD / 2 * variation


def resolution_pnl(scenario: ScenarioReport) -> float:
    """Return P&L net of fees with the position paid 0 or 1 at resolution, in pUSD."""
    return scenario.resolution_pnl_upusd / 1e6


def drawdown_penalised(scenario: ScenarioReport) -> float:
    """Return belief-marked P&L net of fees less half the worst drawdown, in pUSD."""
    return scenario.pnl_upusd / 1e6 - DRAWDOWN_WEIGHT * (scenario.max_drawdown_upusd / 1e6)


def sharpe_per_block(scenario: ScenarioReport) -> Metric:
    """Return the Sharpe ratio of the scenario's 64 blocks, per block, not annualised."""
    return scenario.sharpe_per_block


BUILT_IN: Final = (
    Objective(
        name="belief_pnl",
        version="1",
        unit="pUSD",
        description=(
            "Belief-marked P&L net of fees, less 0.005 per pUSD times the quadratic variation of the "
            "position's value (resolution included); mean over scenarios."
        ),
        of_scenario=belief_pnl,
    ),
    Objective(
        name="resolution_pnl",
        version="1",
        unit="pUSD",
        description=(
            "P&L net of fees with the position paid at resolution; mean over scenarios. The noisiest: "
            "luck at resolution dominates it."
        ),
        of_scenario=resolution_pnl,
    ),
    Objective(
        name="drawdown_penalised",
        version="1",
        unit="pUSD",
        description=(
            "Belief-marked P&L net of fees less half the worst drawdown; mean over scenarios. Tends to "
            "choose strategies that hardly trade."
        ),
        of_scenario=drawdown_penalised,
    ),
    Objective(
        name="sharpe_per_block",
        version="1",
        unit="per block",
        description=(
            "Sharpe ratio of 64 block P&Ls; mean over scenarios. Rewards adding variance to a loser, and "
            "has no value where a scenario never trades."
        ),
        of_scenario=sharpe_per_block,
    ),
)


@cache
def _objectives() -> Mapping[str, Callable[[], Objective]]:
    known: dict[str, Callable[[], Objective]] = {
        entry.name: entry.load for entry in entry_points(group=GROUP)
    }
    known |= {item.name: (lambda item=item: item) for item in BUILT_IN}  # type: ignore[misc]
    return known


def objective_names() -> tuple[str, ...]:
    """Return the names of the known objectives, sorted; built-in ones cannot be replaced."""
    return tuple(sorted(_objectives()))


def objective_spec(name: str) -> Objective:
    """Return the objective called `name`.

    Raises:
        UnknownName: If there is none.
        UsageError: If a plugin's entry point names something that is not an `Objective`.
    """
    try:
        load = _objectives()[name]
    except KeyError:
        raise UnknownName("objective", name, known=objective_names()) from None
    found: object = load()
    if not isinstance(found, Objective):
        raise UsageError(
            f"The plugin objective {name!r} is a {type(found).__name__}, not an Objective.",
            hint=f"Its entry point in {GROUP!r} must name a walras.backtest.Objective.",
        )
    return found


def score(name: str, report: ReportEnvelope) -> Score:
    """Return the objective's mean over scenarios with its standard error and the scenarios' scores.

    Where one scenario has no value the score has none: leaving it out would favour strategies that
    fail in hard scenarios.

    Raises:
        UnknownName: If no objective has this name.
    """
    objective = objective_spec(name)
    worths = [objective.of_scenario(scenario) for scenario in report.scenarios]
    for scenario, worth in zip(report.scenarios, worths, strict=True):
        if isinstance(worth, Undefined):
            reason = f"scenario {scenario.seed}: {worth.undefined}"
            return Score(value=None, value_reason=reason, standard_error_reason=reason)
    values = [worth for worth in worths if not isinstance(worth, Undefined)]
    value, error = mean(values), standard_error(values)
    return Score(
        value=None if isinstance(value, Undefined) else value,
        value_reason=value.undefined if isinstance(value, Undefined) else None,
        standard_error=None if isinstance(error, Undefined) else error,
        standard_error_reason=error.undefined if isinstance(error, Undefined) else None,
        per_scenario=tuple(values),
    )
