"""The synthetic exchange: matching, fees, order flow, scenarios. It knows nothing of search.

`simulate`, `replay_book` and what needs numba or numpy load on first use.
"""

from typing import TYPE_CHECKING

from walras.market import _layout as layout
from walras.market._maths import exp, ln, log_odds, probability
from walras.market._outcome import BLOCKS, MARKOUT_HORIZONS, REGIMES, REJECTIONS, ScenarioOutcome
from walras.market._profile import MarketProfile, market_profile, market_profile_names
from walras.market._scenarios import DEFAULT_EVENTS, RESERVED_SEED, scenario_set
from walras.market._version import ENGINE_VERSION, engine_fingerprint

if TYPE_CHECKING:
    from walras.market._simulate import BookReplay, Tape, read_tape, replay_book, simulate
    from walras.market._step import Step, compile_step

__all__ = [
    "BLOCKS",
    "DEFAULT_EVENTS",
    "ENGINE_VERSION",
    "MARKOUT_HORIZONS",
    "REGIMES",
    "REJECTIONS",
    "RESERVED_SEED",
    "BookReplay",
    "MarketProfile",
    "ScenarioOutcome",
    "Step",
    "Tape",
    "compile_step",
    "engine_fingerprint",
    "exp",
    "layout",
    "ln",
    "log_odds",
    "market_profile",
    "market_profile_names",
    "probability",
    "read_tape",
    "replay_book",
    "scenario_set",
    "simulate",
]


def __getattr__(name: str) -> object:
    if name in {"BookReplay", "Tape", "read_tape", "replay_book", "simulate"}:
        from walras.market import _simulate

        return getattr(_simulate, name)
    if name in {"Step", "compile_step"}:
        from walras.market import _step

        return getattr(_step, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
