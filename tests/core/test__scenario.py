"""Scenario sets are named, frozen lists whose digest is of the scenarios alone."""

import pytest

from walras.core import Json, Scenario, ScenarioSet

SET = ScenarioSet(name="a", role="train", scenarios=(Scenario("m", 1, 6400), Scenario("m", 2, 6400)))


def test_a_set_comes_back_from_its_json() -> None:
    """The digest stands in the JSON and is computed again."""
    assert ScenarioSet.from_json(SET.to_json()) == SET
    assert SET.to_json()["digest"] == SET.digest


def test_the_name_is_not_in_the_digest_and_the_order_is() -> None:
    """Renaming changes nothing; other scenarios do."""
    assert ScenarioSet(name="b", role="holdout", scenarios=SET.scenarios).digest == SET.digest
    assert ScenarioSet(name="a", role="train", scenarios=SET.scenarios[::-1]).digest != SET.digest


@pytest.mark.parametrize("body", [None, [], {"name": "a", "role": "train"}, {"scenarios": [["m", 1]]}])
def test_another_shape_is_refused(body: Json) -> None:
    """It is a KeyError, TypeError or ValueError, which readers translate."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        ScenarioSet.from_json(body)
