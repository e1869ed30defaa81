"""Where backtests run: this process, or local worker processes that a wall limit can end.

A job goes in as text and comes back as a report or as a failure value; one worker and sixteen give the
same bytes. The parent of the workers never imports numba or numpy on this door's account.
"""

from typing import TYPE_CHECKING

from walras.execution._job import BACKTEST_CRASHED, BACKTEST_FAILED, BACKTEST_REFUSED, BACKTEST_TIMEOUT, Job

if TYPE_CHECKING:
    from walras.execution._executor import Executor
    from walras.execution._in_process import InProcess
    from walras.execution._lent import Lent
    from walras.execution._local import LocalWorkers
    from walras.execution._result import JobResult

__all__ = [
    "BACKTEST_CRASHED",
    "BACKTEST_FAILED",
    "BACKTEST_REFUSED",
    "BACKTEST_TIMEOUT",
    "Executor",
    "InProcess",
    "Job",
    "JobResult",
    "Lent",
    "LocalWorkers",
]

_LAZY = {
    "Executor": "_executor",
    "InProcess": "_in_process",
    "JobResult": "_result",
    "Lent": "_lent",
    "LocalWorkers": "_local",
}


def __getattr__(name: str) -> object:
    """Load an executor on first use."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
