"""A small schema with one parameter of each kind, for the tests of this folder."""

from pathlib import Path
from typing import Any

import pytest

from walras.core import InvalidFile, ParameterSpec, SearchSpace, StrategySchema, UnknownName
from walras.policy import FLOOR_POLICY, Policy, read_space

SCHEMA = StrategySchema(
    "demo",
    "One parameter of each kind.",
    (
        ParameterSpec(
            name="strategy.d.count", kind="int", low=1, high=100, default=4, description="How many.", unit="n"
        ),
        ParameterSpec(
            name="strategy.d.size",
            kind="float",
            low=0.5,
            high=1e6,
            default=10,
            description="How large.",
            log=True,
        ),
        ParameterSpec(
            name="strategy.d.mode",
            kind="categorical",
            choices=("join", "true", "it is odd"),
            default="join",
            description="Which way.",
            risk="None.",
        ),
        ParameterSpec(name="strategy.d.on", kind="bool", default=True, description=""),
        ParameterSpec(
            name="strategy.d.grid", kind="float", low=0, high=1, step=0.25, default=0.5, description="A grid."
        ),
        ParameterSpec(
            name="strategy.d.secret", kind="int", low=0, high=9, default=1, description="Kept.", tunable=False
        ),
    ),
)


def schema_of(name: str) -> StrategySchema:
    """Return the only schema of this registry."""
    if name != SCHEMA.strategy:
        raise UnknownName("strategy", name, known=(SCHEMA.strategy,))
    return SCHEMA


HEAD = "name: t\nstrategy: demo\nparameters:\n"


def read(source: Any, *, policy: Policy = FLOOR_POLICY, **more: Any) -> SearchSpace:
    """Read a space of the demo strategy."""
    return read_space(source, schema_of=schema_of, policy=policy, **more)


def faults(source: object, **more: Any) -> list[str]:
    """Return the faults of a space that must be refused, as they are printed."""
    with pytest.raises(InvalidFile) as caught:
        read(source, **more)
    assert caught.value.exit_code == 2
    return [str(fault) for fault in caught.value.faults]


def only(source: object, **more: Any) -> str:
    """Return the one fault that a space must have."""
    found = faults(source, **more)
    assert len(found) == 1, found
    return found[0]


def written(folder: Path, text: str, name: str = "space.yaml") -> Path:
    """Write `text` to a file and return its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
