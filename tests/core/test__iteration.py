"""Iterations come back from their bodies; times and workers never enter one."""

import json
from typing import Any

import pytest

from walras import core
from walras.core import Failure, Iteration, Proposal, Score, Status, Verdict, canonical_json

DONE = Iteration(
    number=3,
    status=Status.DONE,
    proposal=Proposal(params={"s.a": 1}, reasoning="r", source="random"),
    verdict=Verdict(allowed=True, code="ADMITTED", reason="ok"),
    score=Score(value=1.5, standard_error=0.1, per_scenario=(1.0, 2.0)),
    exchanges=(0, 1),
    engine="e",
    meta={"worker": "w"},
)
FAILED = Iteration(
    number=4,
    status=Status.FAILED,
    proposal=None,
    verdict=None,
    score=Score(value=None, value_reason="failed: X"),
    failure=Failure(code="X", text="why"),
)


def body_of(row: Iteration) -> Any:
    """Return a body as it comes out of a file."""
    return json.loads(canonical_json(row.to_body()))


@pytest.mark.parametrize("row", [DONE, FAILED])
def test_a_body_comes_back(row: Iteration) -> None:
    """With its meta, which is kept apart."""
    assert Iteration.from_body(body_of(row), row.meta) == row
    assert "worker" not in canonical_json(row.to_body())


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"number": "3"}, TypeError),
        ({"number": True}, TypeError),
        ({"score": "1.5"}, TypeError),
        ({"score_reason": 5}, TypeError),
        ({"scenario_scores": ["1"]}, TypeError),
        ({"exchanges": [0.5]}, TypeError),
        ({"failure": {"code": 1, "text": "t"}}, TypeError),
        ({"status": "great"}, ValueError),
        ({"report": {"a": 1}}, ValueError),
        ({"proposal": "p"}, TypeError),
    ],
)
def test_a_body_of_another_shape_is_refused(changes: dict[str, Any], error: type[Exception]) -> None:
    """Each field has its exact type."""
    with pytest.raises(error):
        Iteration.from_body({**body_of(DONE), **changes})


@pytest.mark.parametrize("name", list(Iteration.from_body(DONE.to_body()).to_body()))
def test_every_field_of_a_body_is_needed(name: str) -> None:
    """A record with a hole is no record."""
    body = {key: value for key, value in body_of(DONE).items() if key != name}
    with pytest.raises(KeyError):
        Iteration.from_body(body)


def test_what_core_does_not_have_is_an_attribute_error() -> None:
    """The lazy front door says what is missing."""
    assert not hasattr(core, "nothing")
