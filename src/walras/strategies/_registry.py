"""Finds strategies by name: the built-in ones, and those that other packages offer."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from walras.core import StrategySchema, UnknownName, UsageError
from walras.policy import check_schema
from walras.strategies import _fair_value_taker, _inventory_maker, _market_maker
from walras.strategies._strategy import Strategy

ENTRY_POINT_GROUP: Final = "walras.strategies"
"""Group under which a package offers a `Strategy`; the entry's name is the strategy's."""

_MODULES: Final = (_fair_value_taker, _inventory_maker, _market_maker)


def strategy_names() -> tuple[str, ...]:
    """Return the names of every strategy that can be loaded, sorted; none is imported for it."""
    return tuple(sorted({*_built_in(), *_offered()}))


def strategy_schema(name: str) -> StrategySchema:
    """Return the schema of one strategy, without compiling it.

    Raises:
        UnknownName: If there is no such strategy.
        UsageError: If a package offers it under a taken name or in a wrong form.
        RefusedByPolicy: If its schema declares a parameter that a hard gate locks.
    """
    return load_strategy(name).schema


def load_strategy(name: str) -> Strategy:
    """Return one strategy; its step function is compiled on first use of `Strategy.step`.

    Raises:
        UnknownName: If there is no such strategy.
        UsageError: If a package offers it under a taken name or in a wrong form.
        RefusedByPolicy: If its schema declares a parameter that a hard gate locks.
    """
    built_in = _built_in()
    offered = _offered()
    clash = sorted(set(built_in) & set(offered))
    if clash:
        raise UsageError(
            f"A package offers {offered[clash[0]].value!r} as strategy {clash[0]!r}, a built-in name.",
            hint=f"Rename its entry point in the group {ENTRY_POINT_GROUP!r}, or uninstall the package.",
        )
    if name in built_in:
        return built_in[name]
    if name not in offered:
        raise UnknownName("strategy", name, known=(*built_in, *offered))
    found = offered[name].load()
    if not isinstance(found, Strategy) or found.name != name:
        raise UsageError(
            f"Entry point {offered[name].value!r} is not a Strategy named {name!r}.",
            hint="Point it at the result of walras.strategies.register.",
        )
    check_schema(found.schema)
    return found


def register(schema: StrategySchema, step: Callable[..., Any]) -> Strategy:
    """Return a strategy made of a schema and a step function, once both are fit to run.

    It is a value: to make it known by name, a package points an entry point of the group
    `walras.strategies` at it.

    Raises:
        UsageError: If the schema takes a built-in strategy's name.
        RefusedByPolicy: If it declares a parameter that a hard gate locks.
    """
    if schema.strategy in _built_in():
        raise UsageError(
            f"Strategy {schema.strategy!r} is built in and cannot be registered again.",
            hint="Give the strategy another name.",
        )
    check_schema(schema)
    return Strategy(schema, step)


def _built_in() -> dict[str, Strategy]:
    return {module.SCHEMA.strategy: Strategy(module.SCHEMA, module.step) for module in _MODULES}


def _offered() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=ENTRY_POINT_GROUP)}
