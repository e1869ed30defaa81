"""Every proposer keeps the contract; the suite itself catches those that do not."""

import random
import socket
from collections.abc import Callable, Sequence

import pytest
from tests.proposers._histories import SMALL, SPACE, history

from walras.core import Iteration, Json, NoProposal, Prompt, Proposal, ProposerSpec, Reply, SearchSpace
from walras.endpoint import ScriptedEndpoint
from walras.proposers import (
    Conversation,
    Proposer,
    ProposerNonconforming,
    build_proposer,
    check_proposer,
    drive,
)

SPECS = (
    ProposerSpec(kind="random"),
    ProposerSpec(kind="tpe"),
    ProposerSpec(kind="llm", options={"model": "scripted-rules-1"}),
)


def scripted(prompt: Prompt) -> Reply:
    return ScriptedEndpoint().answer(prompt, key=(0, 0))[0]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
@pytest.mark.parametrize(("space", "length"), [(SPACE, 41), (SMALL, 12)], ids=["all-kinds", "small"])
def test_keeps_the_contract(spec: ProposerSpec, space: SearchSpace, length: int) -> None:
    """Random, TPE and LLM pass the same suite without exemptions."""
    check_proposer(
        lambda seed: build_proposer(spec, seed=seed), space, history(length, space), answer=scripted
    )


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_opens_no_connection(spec: ProposerSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proposer makes no outgoing connection."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    entries = drive(build_proposer(spec, seed=1).converse(SPACE, history(20), count=2), scripted)
    assert all(isinstance(entry, Proposal) for entry in entries)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_stopping_and_resuming_changes_nothing(spec: ProposerSpec) -> None:
    """A kept proposer that grew with the history equals a fresh one at every length."""
    rows = history(30)
    kept = build_proposer(spec, seed=3)
    for length in (1, 2, 5, 9, 10, 11, 20, 30, 12):
        fresh = build_proposer(spec, seed=3)
        one = drive(kept.converse(SPACE, rows[:length], count=2), scripted)
        two = drive(fresh.converse(SPACE, rows[:length], count=2), scripted)
        assert one == two


class Broken(Proposer):
    """A proposer whose one fault is given."""

    def __init__(
        self,
        make: Callable[[SearchSpace, Sequence[Iteration], int], tuple[object, ...]],
        *,
        fingerprint: object = None,
        asks: bool = False,
    ) -> None:
        self._make = make
        self._fingerprint = fingerprint
        self._asks = asks

    def converse(self, space: SearchSpace, history: Sequence[Iteration], *, count: int) -> Conversation:
        if self._asks:
            yield Prompt(messages=(), schema=None, template="")
        return self._make(space, history, count)  # type: ignore[return-value]

    def fingerprint(self) -> dict[str, Json]:
        return {"kind": "broken"} if self._fingerprint is None else self._fingerprint  # type: ignore[return-value]


def good(space: SearchSpace) -> Proposal:
    return Proposal(params=space.defaults, reasoning="defaults", source="test")


DRIFT = iter(range(1000))

FAULTS: dict[str, tuple[Callable[[SearchSpace, Sequence[Iteration], int], tuple[object, ...]], str]] = {
    "too few": (lambda s, h, c: (good(s),), "tuple of 3"),
    "a stranger": (lambda s, h, c: ("x",) * c, "returns a str"),
    "outside": (
        lambda s, h, c: (Proposal(params={"x": 1}, reasoning="r", source="t"),) * c,
        "outside the space",
    ),
    "unsnapped": (
        lambda s, h, c: (
            (
                Proposal(
                    params={**s.defaults, "strategy.mm.order_size": 50.00000000123}, reasoning="r", source="t"
                ),
            )
            * c
        ),
        "not snapped",
    ),
    "silent": (lambda s, h, c: (Proposal(params=s.defaults, reasoning=" ", source="t"),) * c, "no reasoning"),
    "sourceless": (
        lambda s, h, c: (Proposal(params=s.defaults, reasoning="r", source=""),) * c,
        "no source",
    ),
    "codeless": (lambda s, h, c: (NoProposal(code="oops", reason="r", source="t"),) * c, "no reason code"),
    "reasonless": (lambda s, h, c: (NoProposal(code="OOPS", reason="", source="t"),) * c, "gives no reason"),
    "drifting": (
        lambda s, h, c: (Proposal(params=s.defaults, reasoning=str(next(DRIFT)), source="t"),) * c,
        "differ",
    ),
    "global": (
        lambda s, h, c: (Proposal(params=s.defaults, reasoning=f"{random.random()}"[:1], source="t"),) * c,
        "global random",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_catches_a_broken_proposer(fault: str) -> None:
    """Each clause of the contract is really checked."""
    make, text = FAULTS[fault]
    with pytest.raises(ProposerNonconforming, match=text):
        check_proposer(lambda seed: Broken(make), SMALL, history(3, SMALL))


def test_catches_a_changed_history() -> None:
    """A proposer that writes into the history it is given is caught."""

    def spoil(space: SearchSpace, rows: Sequence[Iteration], count: int) -> tuple[object, ...]:
        for row in rows:
            row.proposal.params["strategy.mm.half_spread_ticks"] = 9  # type: ignore[index,union-attr]
        return (good(space),) * count

    with pytest.raises(ProposerNonconforming, match="changes the history"):
        check_proposer(lambda seed: Broken(spoil), SMALL, history(3, SMALL, clean=True))


@pytest.mark.parametrize("fingerprint", [{}, {"x": float("nan")}])
def test_catches_a_useless_fingerprint(fingerprint: object) -> None:
    """A fingerprint is JSON and not empty."""
    with pytest.raises(ProposerNonconforming, match="fingerprint"):
        check_proposer(
            lambda seed: Broken(lambda s, h, c: (good(s),) * c, fingerprint=fingerprint), SMALL, history(2)
        )


def test_catches_questions_without_an_endpoint() -> None:
    """A proposer that asks must say so, and a test of one that asks must answer."""
    with pytest.raises(ProposerNonconforming, match="needs_endpoint"):
        check_proposer(
            lambda seed: Broken(lambda s, h, c: (good(s),) * c, asks=True), SMALL, history(2, SMALL)
        )
    spec = ProposerSpec(kind="llm", options={"model": "m"})
    with pytest.raises(ProposerNonconforming, match="give `answer`"):
        check_proposer(lambda seed: build_proposer(spec, seed=seed), SMALL, history(2, SMALL))


def test_catches_a_function_that_is_no_generator() -> None:
    """`converse` must be a generator, or the loop cannot drive it."""

    class Eager(Broken):
        def converse(self, space: SearchSpace, history: Sequence[Iteration], *, count: int) -> Conversation:
            return (good(space),)  # type: ignore[return-value]

    with pytest.raises(ProposerNonconforming, match="generator"):
        check_proposer(lambda seed: Eager(lambda s, h, c: ()), SMALL, history(2, SMALL))
