"""The loop: propose, guard, backtest, record. And what is said about finished searches."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from walras.search._audit import audit_refusal
    from walras.search._bench import Answerer, Bench, EndpointChoice
    from walras.search._compare import (
        Arm,
        Comparison,
        ComparisonRequest,
        PairedDifference,
        compare,
        compare_stored,
    )
    from walras.search._events import (
        Event,
        IterationEnded,
        Judging,
        Listener,
        SearchCreated,
        SearchFinished,
        SearchResumed,
    )
    from walras.search._explain import Contribution, Explanation, MetricChange, explain
    from walras.search._finalists import judge_finalists
    from walras.search._import import import_file
    from walras.search._locate import best_number, iteration_of, locate
    from walras.search._loop import failed_turn, measured, refused_turn, waiting_turn
    from walras.search._once import BacktestFailed, run_backtest_once
    from walras.search._ranking import best_of, finalists, scored
    from walras.search._request import SearchRequest
    from walras.search._start import resume, specify, start

_HOMES = {
    "_audit": ("audit_refusal",),
    "_bench": ("Answerer", "Bench", "EndpointChoice"),
    "_compare": (
        "Arm",
        "Comparison",
        "ComparisonRequest",
        "PairedDifference",
        "compare",
        "compare_stored",
    ),
    "_events": (
        "Event",
        "IterationEnded",
        "Judging",
        "Listener",
        "SearchCreated",
        "SearchFinished",
        "SearchResumed",
    ),
    "_explain": ("Contribution", "Explanation", "MetricChange", "explain"),
    "_finalists": ("judge_finalists",),
    "_import": ("import_file",),
    "_locate": ("best_number", "iteration_of", "locate"),
    "_loop": ("failed_turn", "measured", "refused_turn", "waiting_turn"),
    "_once": ("BacktestFailed", "run_backtest_once"),
    "_ranking": ("best_of", "finalists", "scored"),
    "_request": ("SearchRequest",),
    "_start": ("resume", "specify", "start"),
}
_LAZY = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Answerer",
    "Arm",
    "BacktestFailed",
    "Bench",
    "Comparison",
    "ComparisonRequest",
    "Contribution",
    "EndpointChoice",
    "Event",
    "Explanation",
    "IterationEnded",
    "Judging",
    "Listener",
    "MetricChange",
    "PairedDifference",
    "SearchCreated",
    "SearchFinished",
    "SearchRequest",
    "SearchResumed",
    "audit_refusal",
    "best_number",
    "best_of",
    "compare",
    "compare_stored",
    "explain",
    "failed_turn",
    "finalists",
    "import_file",
    "iteration_of",
    "judge_finalists",
    "locate",
    "measured",
    "refused_turn",
    "resume",
    "run_backtest_once",
    "scored",
    "specify",
    "start",
    "waiting_turn",
]


def __getattr__(name: str) -> object:
    """Load a part of the loop on first use, so that `list` and `show` load no proposer."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
