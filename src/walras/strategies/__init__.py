"""What is tuned: one file a strategy, with its parameter schema and its step function.

Schemas are read without numba; `Strategy.step` compiles on first use.
"""

from walras.strategies._registry import (
    ENTRY_POINT_GROUP,
    load_strategy,
    register,
    strategy_names,
    strategy_schema,
)
from walras.strategies._strategy import Strategy

__all__ = [
    "ENTRY_POINT_GROUP",
    "Strategy",
    "load_strategy",
    "register",
    "strategy_names",
    "strategy_schema",
]
