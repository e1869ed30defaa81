"""What was typed becomes what is asked for, and nothing else."""

from pathlib import Path

import pytest

from walras.cli._options import assignments
from walras.cli._requests import caps_of, comparison_of, endpoint_of, proposer_options
from walras.core import Caps, SearchSpace, UsageError
from walras.search import EndpointChoice


def test_an_assignment_splits_once() -> None:
    """The value is everything after the first `=`; a comma separates nothing."""
    assert assignments(["a.b=1,c.d=2", "e.f="]) == {"a.b": "1,c.d=2", "e.f": ""}


@pytest.mark.parametrize("given", [["a.b"], ["=1"], ["a.b=1", "a.b=1"]])
def test_no_assignment_is_guessed(given: list[str]) -> None:
    """A text without a name or a value, or a name given twice, is an error."""
    with pytest.raises(UsageError):
        assignments(given)


def test_proposer_options_are_scalars() -> None:
    """An option is a JSON scalar, else text; NaN is text, a list is an error."""
    given = ("a=5", "b=0.5", "c=true", "d=null", "e=words", "f=NaN")
    assert proposer_options(given) == {"a": 5, "b": 0.5, "c": True, "d": None, "e": "words", "f": "NaN"}
    with pytest.raises(UsageError):
        proposer_options(("a=[1]",))


def test_silence_about_endpoint_and_caps_is_none() -> None:
    """Resume keeps what is stored where nothing was said."""
    assert endpoint_of({}) is None
    assert caps_of({"max_usd": None}) is None
    assert caps_of({"max_usd": 1.5}) == Caps(max_usd=1.5)
    said = {"endpoint_kind": "scripted", "model": "m", "prices": Path("p.json")}
    assert endpoint_of(said) == EndpointChoice(kind="scripted", model="m", prices=Path("p.json"))


def test_an_option_of_a_comparison_says_whose_it_is() -> None:
    """Each proposer gets its own options; one of nobody is an error."""
    space = SearchSpace(name="s", strategy="market_maker", dimensions=())
    asked = dict.fromkeys(("scenarios", "events")) | {
        "proposers": "random, tpe", "options": ("tpe.n_startup_trials=3",), "budget": 5, "seed": 1,
        "batch": 1, "workers": 1, "name": "", "note": "", "tags": (), "repeats": 2,
    }  # fmt: skip
    request = comparison_of(space, asked)
    assert request.proposers == ("random", "tpe")
    assert request.options == {"tpe": {"n_startup_trials": 3}}
    with pytest.raises(UsageError):
        comparison_of(space, {**asked, "options": ("n_startup_trials=3",)})
