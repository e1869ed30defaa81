"""What the charts and the report page are made of: core values, gathered by the caller."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from walras.core import SearchRecord

if TYPE_CHECKING:
    from walras.core import Iteration

Spec: TypeAlias = dict[str, Any]
"""A Vega-Lite specification, ready for JSON."""


@dataclass(frozen=True, kw_only=True)
class LockedGate:
    """One family of parameters that no search may touch."""

    pattern: str
    why: str
    change: str


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Why the best run is the best: facts that were computed, and a model's words, kept apart.

    `model` names who wrote `words`; both are empty where no model was asked.
    """

    facts: tuple[str, ...]
    words: str = ""
    model: str = ""


@dataclass(frozen=True, kw_only=True)
class ReportView:
    """Everything the report page shows.

    Attributes:
        locked: The hard gates in force when the search ran.
        trials: Finished iterations of every search over this space and these scenarios, so far.
        score_unit: The objective's unit, or "" where it has none.
    """

    record: SearchRecord
    iterations: "tuple[Iteration, ...]"
    locked: tuple[LockedGate, ...] = ()
    trials: int = 0
    explanation: Explanation | None = None
    score_unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One proposer in a comparison: its best score so far after each iteration, once for each seed."""

    label: str
    runs: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A paired difference of final scores, `label` minus `baseline`, with its interval.

    `mean` is None where there is nothing to pair; `low` and `high` are None where one pair or none
    leaves the interval undefined.
    """

    label: str
    baseline: str
    mean: float | None
    low: float | None
    high: float | None
    pairs: int
    confidence: float = 0.95
