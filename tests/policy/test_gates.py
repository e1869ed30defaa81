"""The folding matcher, the slow oracle, and what both must agree on."""

import random

import pytest
from tests.policy._names import GATED, assembled, disguised, mutated
from tests.policy._product import fixture_schema
from tests.policy.catalogue import CATALOGUE

from walras.core import Verdict
from walras.policy import FLOOR, FLOOR_POLICY, Gate, Guard, Policy, slow_match

NAMES = 20_000
BASE = CATALOGUE["fixtures"]["base"]["tunable"]
LOOKALIKES = CATALOGUE["fixtures"]["lookalike"]["tunable"]


@pytest.mark.parametrize("name", GATED)
def test_plain_gated_names_are_found(name: str) -> None:
    """Each floor gate finds its keys, and both implementations name the same gate."""
    fast = FLOOR_POLICY.fast_match(name)
    assert fast is not None
    assert slow_match(name, FLOOR) == fast


@pytest.mark.parametrize("name", LOOKALIKES)
def test_declared_lookalikes_are_not_gated(name: str) -> None:
    """Gates match whole segments."""
    assert FLOOR_POLICY.match(name) is None


@pytest.mark.parametrize(
    ("name", "is_gated"),
    [
        ("risk", True),
        ("SEC", True),
        ("strategy.mm.risk", False),
        ("risk.exposureguard", True),
        ("risk.exposureguard.hysteresis", False),
        ("risk.exposureguard.capacity", False),
        ("risk.exposureguard.marketable_share", False),
        ("risk.exposureguard.CAPPUSD", True),
        ("risk.exposureguard.hardLimitUsd", True),
        ("risk.exposureguard.max_notional", True),
        ("strategy.x.half_life_sec.signer_fee", True),
        ("riskKillSwitchView", True),
        ("risk\\x2ekillswitch\\u002ex", True),
        ("\U0001f1f7\U0001f1ee\U0001f1f8\U0001f1f0.killswitch.x", True),
        ("risk.killswitches.x", False),
        ("riskier.killswitch.x", False),
        ("xrisk.killswitch.level", False),
        ("maxNotional", False),
        ("", False),
    ],
)
def test_boundaries_of_the_gates(name: str, is_gated: bool) -> None:
    """Ancestors, caps, joined and split runs are gated; words that merely contain them are not."""
    assert (FLOOR_POLICY.match(name) is not None) == is_gated
    assert (slow_match(name, FLOOR) is not None) == is_gated


def test_disguised_gated_names_are_never_admitted() -> None:
    """G2: after one to three transforms no gated name is admitted; nearly all carry the hard-gate code."""
    rng = random.Random(2)
    guard = Guard.for_schema(FLOOR_POLICY, fixture_schema(LOOKALIKES))
    coded = 0
    for _ in range(NAMES):
        ruling = guard.judge({disguised(rng): 1})
        assert isinstance(ruling, Verdict)
        coded += ruling.code == "OPT_REFUSED_HARD_GATE"
    assert coded >= 0.995 * NAMES


def test_mutated_legal_names_are_admitted_only_if_identical() -> None:
    """G3: a changed name is never taken for the declared one."""
    rng = random.Random(3)
    guard = Guard.for_schema(FLOOR_POLICY, fixture_schema(BASE))
    values = {name: row[1] if row[0] != "categorical" else row[1][0] for name, row in BASE.items()}
    legal = sorted(values)
    identical = 0
    for _ in range(NAMES):
        origin = rng.choice(legal)
        name = mutated(origin, rng)
        ruling = guard.judge({name: values.get(name, values[origin])})
        assert isinstance(ruling, Verdict) == (name not in values)
        identical += name in values
    assert 0 < identical < NAMES


def test_two_implementations_agree() -> None:
    """G4: the folding matcher and the slow oracle find the same gate in every name."""
    rng = random.Random(4)
    extra = (Gate("a.b.*limit*", ("a", "b"), "", "word", "limit"), Gate("x", ("strategy", "x"), ""))
    policy = Policy(extra)
    gated = 0
    for _ in range(NAMES):
        name = rng.choice((assembled, disguised))(rng)
        fast = policy.fast_match(name)
        assert slow_match(name, policy.gates) == fast, ascii(name)
        gated += fast is not None
    assert 0.2 * NAMES < gated < 0.9 * NAMES


def test_either_implementation_alone_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disagreement refuses: it is enough that one of the two finds a gate."""
    monkeypatch.setattr(Policy, "fast_match", lambda self, name: None)
    assert FLOOR_POLICY.match("sec.signer.policy") is not None
    monkeypatch.undo()
    monkeypatch.setattr("walras.policy._policy.slow_match", lambda name, gates: None)
    assert FLOOR_POLICY.match("sec.signer.policy") is not None
