"""Runs a strategy over scenarios, fills the report, scores it.

Nothing here loads numba until a backtest runs; scoring a stored report needs neither numba nor numpy.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from walras.backtest._backtest import run_backtest
    from walras.backtest._fingerprint import REPORT_VERSION, engine_fingerprint
    from walras.backtest._objectives import Objective, objective_names, objective_spec, score
    from walras.backtest._reasons import ReasonCode
    from walras.backtest._schema import report_schema, report_schema_text

__all__ = [
    "REPORT_VERSION",
    "Objective",
    "ReasonCode",
    "engine_fingerprint",
    "objective_names",
    "objective_spec",
    "report_schema",
    "report_schema_text",
    "run_backtest",
    "score",
]

_LAZY = {
    "Objective": "_objectives",
    "REPORT_VERSION": "_fingerprint",
    "ReasonCode": "_reasons",
    "engine_fingerprint": "_fingerprint",
    "objective_names": "_objectives",
    "objective_spec": "_objectives",
    "report_schema": "_schema",
    "report_schema_text": "_schema",
    "run_backtest": "_backtest",
    "score": "_objectives",
}


def __getattr__(name: str) -> object:
    """Load a part on first use."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
