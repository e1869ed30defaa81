"""What a strategy declares is judged when it is registered."""

import pytest
from tests.policy.catalogue import BrokenPolicy
from tests.policy.test_policy import extended

from walras.core import InvalidFile, ParameterSpec, RefusedByPolicy, StrategySchema, UsageError
from walras.policy import check_schema
from walras.strategies import strategy_names, strategy_schema


def schema(*names: str, strategy: str = "mine") -> StrategySchema:
    """Return a schema with these parameters."""
    specs = (ParameterSpec(name=n, kind="int", low=0, high=9, default=1, description="") for n in names)
    return StrategySchema(strategy, "", tuple(specs))


@pytest.mark.parametrize("name", strategy_names())
def test_shipped_strategies_pass(name: str) -> None:
    """The built-in strategies declare nothing gated."""
    check_schema(strategy_schema(name))


def test_gated_names_are_refused_at_registration() -> None:
    """Also the over-refused ones, so that their author sees it first."""
    for name in ("risk.killswitch.x", "strategy.x.half_life_sec.signer_fee"):
        with pytest.raises(RefusedByPolicy, match="strategy 'mine'"):
            check_schema(schema("strategy.x.a", name))
    with pytest.raises(RefusedByPolicy):
        check_schema(schema("strategy.x.a"), extended("strategy.x.*"))
    with pytest.raises(RefusedByPolicy):
        check_schema(schema("strategy.x.a", strategy="risk.killswitch"))
    with pytest.raises(RefusedByPolicy, match="ValueError"):
        check_schema(schema("strategy.x.a"), BrokenPolicy())


def test_names_must_be_plain_and_unique_once_folded() -> None:
    """Two names that read the same would let one stand for the other."""
    with pytest.raises(InvalidFile) as caught:
        check_schema(schema("strategy.x.a_b", "strategy.x.aB", "short", "strategy.x.\u0430"))
    assert [fault.what for fault in caught.value.faults] == [
        "reads the same as 'strategy.x.a_b'.",
        "is not a plain name.",
        "is not a plain name.",
    ]


def test_a_taken_name_is_refused() -> None:
    """Shadowing a strategy could widen its bounds."""
    with pytest.raises(UsageError, match="exists and cannot be registered again"):
        check_schema(schema("strategy.x.a"), taken=("mine",))
