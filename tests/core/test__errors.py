"""Errors carry their data, an exit code and the way out."""

import pytest

from walras.core import (
    AmbiguousName,
    CapReached,
    DomainError,
    Fault,
    GateFailed,
    IntegrityError,
    InvalidFile,
    NotEnoughEvidence,
    RefusedByPolicy,
    Unavailable,
    UnknownName,
    UsageError,
    WalrasError,
)

EXITS = {
    WalrasError: (1, "INTERNAL"),
    UsageError: (2, "USAGE"),
    DomainError: (2, "DOMAIN"),
    RefusedByPolicy: (3, "OPT_REFUSED_HARD_GATE"),
    GateFailed: (4, "GATE_FAILED"),
    NotEnoughEvidence: (5, "NOT_ENOUGH_EVIDENCE"),
    CapReached: (6, "CAP_REACHED"),
    IntegrityError: (7, "INTEGRITY"),
    Unavailable: (8, "UNAVAILABLE"),
}


@pytest.mark.parametrize("kind", EXITS)
def test_every_error_knows_its_exit_code(kind: type[WalrasError]) -> None:
    """The codes are the design's; message and hint stay apart, and the text joins them."""
    error = kind("It broke.", hint="Mend it.")
    assert (error.exit_code, error.code) == EXITS[kind]
    assert (error.message, error.hint, str(error)) == ("It broke.", "Mend it.", "It broke. Mend it.")


def test_an_unknown_name_says_what_is_near_and_what_there_is() -> None:
    """The nearest first, then all, then the caller's own hint."""
    error = UnknownName("proposer", "rndom", known=["tpe", "random"], hint="Or write one.")
    assert (error.kind, error.name, error.known) == ("proposer", "rndom", ("random", "tpe"))
    assert str(error) == (
        "Unknown proposer 'rndom'. Did you mean 'random'? Choose one of: random, tpe. Or write one."
    )
    assert str(UnknownName("search", "x")) == "Unknown search 'x'."


def test_an_unknown_name_of_any_type_is_said() -> None:
    """Python may hand over anything where a name belongs."""
    assert str(UnknownName("market", None, known=["a"])) == "Unknown market 'None'. Choose one of: a."


def test_an_ambiguous_prefix_lists_what_it_fits() -> None:
    """At most eight, sorted."""
    error = AmbiguousName("search", "a", matches=[f"a{n}" for n in range(9, -1, -1)])
    assert error.matches == tuple(f"a{n}" for n in range(10))
    assert str(error).startswith("Search prefix 'a' is ambiguous. It fits a0, a1,")
    assert "a8" not in str(error)


def test_a_file_lists_all_its_faults() -> None:
    """Each with its line and its mend."""
    faults = [
        Fault(line=3, where="low", what="is above high.", mend="Swap them."),
        Fault(line=None, where="", what="is empty.", mend=""),
    ]
    error = InvalidFile("space.yaml", faults)
    assert error.faults == tuple(faults)
    assert str(error) == "space.yaml: 2 faults:\n  line 3: low: is above high. Swap them.\n  file: is empty."
    assert str(InvalidFile("x", faults[:1])).startswith("x: 1 fault:\n")


def test_a_refusal_carries_the_names_and_the_gate() -> None:
    """So that an audit record can be made of it."""
    error = RefusedByPolicy("No.", names=["risk.killswitch.x"], gate="risk.killswitch.*")
    assert (error.names, error.gate) == (("risk.killswitch.x",), "risk.killswitch.*")
