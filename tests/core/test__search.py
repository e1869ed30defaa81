"""Specifications: what two searches must share to be the same, and to be compared; headlines read back."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from walras.core import (
    Candidate,
    Dimension,
    Headline,
    ProposerSpec,
    Scenario,
    ScenarioSet,
    SearchSpace,
    SearchSpec,
)


def scenarios(role: Any) -> ScenarioSet:
    """Return a set of one scenario."""
    return ScenarioSet(name=role, role=role, scenarios=(Scenario("m", len(role), 6400),))


SPACE = SearchSpace(
    name="s", strategy="x", dimensions=(Dimension(name="x.a", kind="int", low=1, high=9, default=2),)
)
SPEC = SearchSpec(
    space=SPACE,
    proposer=ProposerSpec(kind="random"),
    seed=1,
    batch=2,
    objective="o",
    train=scenarios("train"),
    validate=scenarios("validate"),
    holdout=scenarios("holdout"),
    engine="e",
    strategy_schema="d",
    policy="p",
)
HEADLINE = Headline(
    best=0,
    search_score=1.0,
    holdout_score=0.5,
    candidates=(Candidate(number=0, search_score=1.0, validate_score=None, validate_se=None, reason="r"),),
)


def test_the_digest_is_of_the_whole_specification() -> None:
    """Any field makes another search."""
    changes: list[dict[str, Any]] = [
        {"proposer": ProposerSpec(kind="random", options={"a": 1})},
        {"seed": 2},
        {"batch": 3},
        {"engine": "f"},
        {"policy": "q"},
        {"space": replace(SPACE, fixed={"x.b": 1})},
    ]
    others = {replace(SPEC, **change).digest for change in changes}
    assert len(others | {SPEC.digest}) == 1 + len(changes)
    assert replace(SPEC).digest == SPEC.digest


def test_proposer_and_seed_alone_may_differ_in_a_comparison() -> None:
    """Everything else is in the common digest."""
    assert replace(SPEC, seed=9, proposer=ProposerSpec(kind="tpe")).common_digest == SPEC.common_digest
    assert replace(SPEC, batch=9).common_digest != SPEC.common_digest


def test_a_headline_comes_back_from_its_json() -> None:
    """Its candidates too."""
    assert (
        Headline.from_json({**asdict(HEADLINE), "candidates": [asdict(HEADLINE.candidates[0])]}) == HEADLINE
    )


@pytest.mark.parametrize(
    "changes",
    [{"best": "0"}, {"holdout_score": "0.5"}, {"candidates": {}}, {"candidates": [{"number": 0}]}, {"x": 1}],
)
def test_a_headline_of_another_shape_is_refused(changes: dict[str, Any]) -> None:
    """Before anyone formats or compares its numbers."""
    with pytest.raises((KeyError, TypeError)):
        Headline.from_json({**asdict(HEADLINE), "candidates": [], **changes})
