"""What a strategy makes of its parameters and its source."""

import numpy as np
import pytest

from walras.core import DomainError, ParameterSpec, StrategySchema
from walras.policy import check_schema
from walras.strategies import Strategy, load_strategy, strategy_names


@pytest.mark.parametrize("name", strategy_names())
def test_schema_tells_a_user_everything(name):
    """Every parameter has a description, a risk, and a name under the strategy's own prefix."""
    schema = load_strategy(name).schema
    check_schema(schema)
    assert len({spec.name.rsplit(".", 1)[0] for spec in schema.parameters}) == 1
    for spec in schema.parameters:
        assert spec.name.startswith("strategy.")
        assert spec.description.endswith(".")
        assert spec.risk.endswith(".")


def test_market_maker_declares_the_promised_parameters():
    """Names, kinds and bounds that scripts and the attack catalogue rely on."""
    by_name = load_strategy("market_maker").schema.by_name
    promised = {
        "strategy.mm.half_spread_ticks": ("int", 1, 50),
        "strategy.mm.order_size": ("float", 1, 1_000),
        "strategy.mm.inventory_skew": ("float", 0, 2),
        "strategy.mm.quote_ttl_ms": ("int", 50, 60_000),
    }
    for name, (kind, low, high) in promised.items():
        assert (by_name[name].kind, by_name[name].low, by_name[name].high) == (kind, low, high)
    assert by_name["strategy.mm.mode"].choices == ("join", "improve")


def test_vector_is_in_schema_order():
    """Numbers stand as they are, a choice as its index, a bool as 0 or 1."""
    specs = (
        ParameterSpec(name="a.n", kind="int", low=1, high=9, default=2, description="d"),
        ParameterSpec(name="a.c", kind="categorical", choices=("x", "y"), default="x", description="d"),
        ParameterSpec(name="a.b", kind="bool", default=False, description="d"),
    )
    strategy = Strategy(StrategySchema("s", "d", specs), len)
    vector = strategy.vector({"a.b": True, "a.c": "y", "a.n": 7})
    assert vector.tolist() == [7.0, 1.0, 1.0]
    assert vector.dtype == np.float64


@pytest.mark.parametrize(
    "change",
    [{"strategy.mm.half_spread_ticks": 51}, {"strategy.mm.mode": "hide"}, {"strategy.mm.nothing": 1}],
)
def test_vector_refuses_what_the_schema_does(change):
    """Outside the bounds, an unknown choice, an unknown name: each is a domain error."""
    strategy = load_strategy("market_maker")
    with pytest.raises(DomainError):
        strategy.vector({**strategy.schema.defaults, **change})


def test_vector_refuses_missing_parameters():
    """Nothing is filled in silently."""
    with pytest.raises(DomainError, match="missing"):
        load_strategy("market_maker").vector({})


def test_fingerprints_tell_strategies_apart():
    """Each file has its own fingerprint, the same every time."""
    prints = {load_strategy(name).fingerprint for name in strategy_names()}
    assert len(prints) == len(strategy_names())
    assert load_strategy("market_maker").fingerprint in prints
