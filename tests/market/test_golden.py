"""Frozen outcomes: a change of any integer is seen, reviewed, and raises ENGINE_VERSION."""

import json
from pathlib import Path

import pytest

from walras.core import Scenario
from walras.market import ENGINE_VERSION, engine_fingerprint, simulate
from walras.strategies import load_strategy

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text())


def test_golden_outcomes_belong_to_this_engine():
    """The frozen outcomes were made by the engine version that is here."""
    assert GOLDEN["engine_version"] == ENGINE_VERSION
    assert GOLDEN["engine_fingerprint"] == engine_fingerprint()


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: f"{case['strategy']}-{case['seed']}")
def test_outcome_is_the_frozen_one(case):
    """Every integer of the outcome equals the frozen one.

    If this fails on purpose: raise ENGINE_VERSION and run `python -m tests.market.freeze_golden`.
    """
    strategy = load_strategy(case["strategy"])
    params = {**strategy.schema.defaults, **case["params"]}
    scenario = Scenario(case["market"], case["seed"], case["events"])
    outcome = simulate(scenario, strategy.step, strategy.vector(params))
    assert {name: outcome.as_integers()[name] for name in case["some"]} == case["some"]
    assert outcome.digest() == case["digest"]
