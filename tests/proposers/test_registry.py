"""Proposers are found by kind, options are checked and recorded, plug-ins load only when named."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from walras.core import ProposerSpec, UnknownName, UsageError
from walras.proposers import _registry as registry
from walras.proposers import build_proposer, normalise_options, proposer_kinds, proposer_options


def plug(monkeypatch: pytest.MonkeyPatch, *values: str, name: str = "mine") -> None:
    entries = tuple(EntryPoint(name=name, value=value, group="walras.proposers") for value in values)
    monkeypatch.setattr(registry, "_plugged", lambda: entries)


def test_lists_its_own_kinds_first() -> None:
    """The three built-in kinds always exist."""
    assert proposer_kinds()[:3] == ("random", "tpe", "llm")


def test_records_every_option() -> None:
    """What the header records names every option, defaults included."""
    assert normalise_options("random", {}) == {}
    assert normalise_options("tpe", {"n_startup_trials": 5}) == {
        "constant_liar": True,
        "group": True,
        "multivariate": True,
        "n_ei_candidates": 24,
        "n_startup_trials": 5,
    }
    assert normalise_options("llm", {"model": "m", "temperature": 1}) == {
        "history_tokens": 1600,
        "max_tokens": 4096,
        "model": "m",
        "send_seed": True,
        "temperature": 1.0,
    }


@pytest.mark.parametrize(
    ("kind", "options", "text"),
    [
        ("random", {"speed": 1}, "no option 'speed'.*takes: none"),
        ("tpe", {"n_startup_trials": True}, "must be int"),
        ("tpe", {"n_startup_trials": -1}, r"must lie in \[0, 10000\]"),
        ("tpe", {"group": None}, "needs a value"),
        ("llm", {}, "needs a value. Name a model"),
        ("llm", {"model": ""}, "needs a value"),
        ("llm", {"model": "m", "temperature": float("nan")}, "must lie in"),
        ("llm", {"model": "m", "temperature": "0"}, "must be float"),
    ],
)
def test_refuses_wrong_options(kind: str, options: dict[str, object], text: str) -> None:
    """An unknown, missing, mistyped or unbounded option is a usage error that names it."""
    with pytest.raises(UsageError, match=text):
        normalise_options(kind, options)  # type: ignore[arg-type]


def test_names_the_kinds_when_one_is_unknown() -> None:
    """A misspelt kind gets the list and the nearest name."""
    with pytest.raises(UnknownName, match="Did you mean 'random'"):
        build_proposer(ProposerSpec(kind="randon"), seed=1)
    with pytest.raises(UnknownName):
        proposer_options("nothing")


@pytest.mark.parametrize("seed", [-1, True, 1.5])
def test_refuses_a_seed_that_is_none(seed: object) -> None:
    """A seed is a whole number of at least 0."""
    with pytest.raises(UsageError, match="seed"):
        build_proposer(ProposerSpec(kind="random"), seed=seed)  # type: ignore[arg-type]


def test_builds_a_plug_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """A third party's kind is listed, loaded when named, and built like ours."""
    plug(monkeypatch, "walras.proposers._random:RandomProposer")
    assert proposer_kinds() == ("random", "tpe", "llm", "mine")
    assert build_proposer(ProposerSpec(kind="mine"), seed=1).fingerprint()["kind"] == "random"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (("json:dumps",), "not a subclass"),
        (("walras.no_such_module:X",), "cannot be loaded: ModuleNotFoundError"),
        (("a:X", "b:X"), "more than once: a:X, b:X"),
    ],
)
def test_refuses_a_bad_plug_in(monkeypatch: pytest.MonkeyPatch, values: tuple[str, ...], text: str) -> None:
    """A plug-in that cannot be used is a usage error that names it."""
    plug(monkeypatch, *values)
    with pytest.raises(UsageError, match=text):
        build_proposer(ProposerSpec(kind="mine"), seed=1)


def test_a_plug_in_cannot_take_a_built_in_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours win over a plug-in of the same name, which is not listed twice."""
    plug(monkeypatch, "json:dumps", name="tpe")
    assert proposer_kinds() == ("random", "tpe", "llm")
    assert build_proposer(ProposerSpec(kind="tpe"), seed=1).fingerprint()["kind"] == "tpe"


def test_importing_loads_no_heavy_library() -> None:
    """Neither front door loads Optuna, numpy, an HTTP client or pydantic."""
    code = (
        "import sys, walras.proposers, walras.endpoint; "
        "print([m for m in ('optuna', 'openai', 'numpy', 'httpx', 'httpx2', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
