"""Strategies are found by name, built-in ones cannot be taken over, gates cannot be declared."""

import dataclasses
from importlib.metadata import EntryPoint

import pytest

from walras.core import ParameterSpec, RefusedByPolicy, StrategySchema, UnknownName, UsageError
from walras.strategies import (
    ENTRY_POINT_GROUP,
    Strategy,
    _registry,
    load_strategy,
    register,
    strategy_names,
    strategy_schema,
)


def do_nothing(view, params, memory, actions):
    """Never trade."""
    return 0


def schema(name="theirs", parameter="strategy.theirs.width"):
    spec = ParameterSpec(name=parameter, kind="int", low=1, high=9, default=2, description="d", risk="r")
    return StrategySchema(name, "Does nothing.", (spec,))


THEIRS = Strategy(schema(), do_nothing)
GATED = Strategy(schema("gated", "risk.killswitch.enabled"), do_nothing)


@pytest.fixture
def offer(monkeypatch):
    """Pretend that an installed package offers strategies under these names."""

    def install(**targets):
        points = [
            EntryPoint(name, f"{__name__}:{target}", ENTRY_POINT_GROUP) for name, target in targets.items()
        ]
        monkeypatch.setattr(_registry, "entry_points", lambda *, group: points)
        for point in points:
            found = globals()[point.value.split(":")[1]]
            monkeypatch.setattr(EntryPoint, "load", lambda self, found=found: found)

    return install


def test_built_in_strategies_are_listed():
    """The three shipped strategies are there, sorted."""
    assert strategy_names() == ("fair_value_taker", "inventory_maker", "market_maker")


def test_unknown_strategy_names_the_known_ones():
    """A misspelt strategy is a usage error that suggests the right one."""
    with pytest.raises(UnknownName, match="market_maker"):
        load_strategy("market_make")


def test_an_offered_strategy_is_listed_and_loaded(offer):
    """A package's strategy stands beside the built-in ones."""
    offer(theirs="THEIRS")
    assert "theirs" in strategy_names()
    assert load_strategy("theirs") is THEIRS
    assert strategy_schema("theirs") is THEIRS.schema


def test_a_built_in_name_cannot_be_offered_again(offer):
    """A package that takes a built-in name is refused, whatever is asked for."""
    offer(market_maker="THEIRS")
    with pytest.raises(UsageError, match="built-in name"):
        load_strategy("market_maker")


def test_an_entry_point_of_another_kind_or_name_is_refused(offer):
    """What is offered must be a Strategy of the entry point's name."""
    offer(other="THEIRS")
    with pytest.raises(UsageError, match="not a Strategy named 'other'"):
        load_strategy("other")
    offer(theirs="schema")
    with pytest.raises(UsageError, match="not a Strategy"):
        load_strategy("theirs")


def test_a_gated_parameter_cannot_be_declared(offer):
    """Neither by registration nor through an entry point can a schema declare a hard gate."""
    with pytest.raises(RefusedByPolicy):
        register(GATED.schema, do_nothing)
    offer(gated="GATED")
    with pytest.raises(RefusedByPolicy):
        load_strategy("gated")


def test_register_returns_a_strategy():
    """A schema and a step that pass make a strategy; a built-in name does not pass."""
    assert register(schema(), do_nothing) == THEIRS
    with pytest.raises(UsageError, match="built in"):
        register(dataclasses.replace(schema(), strategy="market_maker"), do_nothing)
