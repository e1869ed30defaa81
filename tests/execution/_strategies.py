"""Strategies that misbehave, each in the way its name says; loaded from this file in the workers."""

from typing import Any

from walras.core import ParameterSpec, StrategySchema
from walras.market import layout as at
from walras.strategies import register


def schema(name: str) -> StrategySchema:
    """Return a schema with one harmless parameter."""
    knob = ParameterSpec(
        name="strategy.odd.knob", kind="int", low=0, high=9, default=1, description="Does nothing."
    )
    return StrategySchema(strategy=name, description="For tests.", parameters=(knob,))


def endless_step(view: Any, params: Any, memory: Any, actions: Any) -> int:
    """Never return."""
    n = 0
    while view[at.TICKS_PER_UNIT] > 0:
        n = (n + 1) % 7
    return n


def idle_step(view: Any, params: Any, memory: Any, actions: Any) -> int:
    """Do nothing."""
    return 0


def untypable_step(view: Any, params: Any, memory: Any, actions: Any) -> int:
    """Fail to compile: numba cannot make an int of a text."""
    return "no" + view[0]  # type: ignore[no-any-return]


def crashing_step(view: Any, params: Any, memory: Any, actions: Any) -> int:
    """Write far outside an array, which numba does not check."""
    for i in range(1_000_000_000):
        view[i * 4_096] = 1
    return 0


ENDLESS = register(schema("endless"), endless_step)
IDLE = register(schema("idle"), idle_step)
UNTYPABLE = register(schema("untypable"), untypable_step)
CRASHING = register(schema("crashing"), crashing_step)
