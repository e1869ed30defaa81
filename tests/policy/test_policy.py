"""A policy file adds gates to the floor; nothing cuts them."""

import json
from pathlib import Path

import pytest
from tests.policy._schemas import SCHEMA, written

from walras.core import InvalidFile, RefusedByPolicy
from walras.policy import (
    FLOOR,
    FLOOR_POLICY,
    HOW_TO_CHANGE,
    Policy,
    check_environment,
    load_policy,
    locked_names,
    read_params,
    refusal_code,
)
from walras.policy._refusal import hard_gate_verdict
from walras.policy._sightings import Sighting


def extended(*patterns: str, folder: Path | None = None) -> Policy:
    """Return the floor extended by `patterns`, read from a file as users do."""
    import tempfile

    with tempfile.TemporaryDirectory() as temporary:
        return load_policy(
            written(folder or Path(temporary), json.dumps({"extra_gates": patterns}), "p.json")
        )


def test_no_file_is_the_floor() -> None:
    """The floor needs no file and has a digest that any addition changes."""
    assert load_policy(None) is FLOOR_POLICY
    assert extended().digest == FLOOR_POLICY.digest
    assert extended("a.b").digest != FLOOR_POLICY.digest
    assert extended("a.b", "c.d").digest == extended("c.d", "a.b").digest


@pytest.mark.parametrize(
    ("pattern", "hit", "missed"),
    [
        ("strategy.mm.order_size", "strategy.mm.order_size", "strategy.mm.order_sizes"),
        ("strategy.mm.order_size", "strategy.mm.order_size.x", "strategy.mm.mode"),
        ("Strategy.MM.*", "strategy.mm.mode", "strategy.mmx.mode"),
        ("strategy.mm.*Size*", "strategy.mm.order_size", "strategy.mm.mode"),
        ("strategy", "strategy.mm.mode", "strategies.mm.mode"),
    ],
)
def test_extra_gates_lock(pattern: str, hit: str, missed: str) -> None:
    """Each form of pattern locks what it says, next to the floor."""
    policy = extended(pattern)
    found = policy.match(hit)
    assert found is not None
    assert found.pattern == pattern
    assert policy.match(missed) is None
    assert policy.match("sec.signer.x") is not None


@pytest.mark.parametrize(
    "text",
    [
        "extra_gates: ['*']",
        "extra_gates: ['**']",
        "extra_gates: ['a.*.b']",
        "extra_gates: ['a.x*']",
        "extra_gates: ['a.*x*y*']",
        "extra_gates: ['a.*x-y*']",
        "extra_gates: ['a..b']",
        "extra_gates: ['a._b']",
        "extra_gates: ['/a.*/']",
        "extra_gates: ['']",
        "extra_gates: [3]",
        "extra_gates: [[a.b]]",
        f"extra_gates: [a.{'b' * 300}]",
        "extra_gates: a.b",
        "extra_gates: [a.b]\nother: 1",
        "other: 1",
        "[a.b]",
        "",
        "extra_gates: [a.b",
    ],
)
def test_a_bad_policy_file_stops_everything(text: str, tmp_path: Path) -> None:
    """A policy that cannot be read whole is no policy: exit code 2, its own reason code."""
    with pytest.raises(InvalidFile, match="No run starts") as caught:
        load_policy(written(tmp_path, text, "policy.yaml"))
    assert refusal_code(caught.value) == "OPT_POLICY_INVALID"


def test_a_missing_policy_file_stops_everything(tmp_path: Path) -> None:
    """A file that the user named must be there."""
    with pytest.raises(InvalidFile, match="No such file"):
        load_policy(tmp_path / "nope.yaml")


@pytest.mark.parametrize("text", ["hard_gates: []", "hard_gates: [a.b]\nextra_gates: [c.d]"])
def test_the_floor_cannot_be_replaced(text: str, tmp_path: Path) -> None:
    """`hard_gates` in a file is refused as an attack on the floor."""
    with pytest.raises(RefusedByPolicy, match="floor in code"):
        load_policy(written(tmp_path, text, "policy.yaml"))


def test_a_refusal_names_the_policy_file_that_caused_it(tmp_path: Path) -> None:
    """To people; a verdict goes into a record, which names no file of this machine."""
    policy = extended("strategy.d.*", folder=tmp_path)
    with pytest.raises(RefusedByPolicy) as caught:
        read_params(SCHEMA, policy, texts={"strategy.d.count": "3"})
    assert f"The policy file {tmp_path}/p.json locks it." in caught.value.message
    assert locked_names(policy)[-1].why == f"The policy file {tmp_path}/p.json locks it."
    gate = policy.match("strategy.d.count")
    assert gate is not None
    reason = hard_gate_verdict([Sighting(None, "strategy.d.count", gate)]).reason
    assert "A policy file of this installation locks it." in reason
    assert str(tmp_path) not in reason


def test_locked_names_say_why_and_how() -> None:
    """`walras space show` prints each gate with its reason and the way to change it."""
    rows = locked_names(extended("a.b.*"))
    assert [row.pattern for row in rows] == [*(gate.pattern for gate in FLOOR), "a.b.*"]
    assert all(row.why and row.how_to_change == HOW_TO_CHANGE for row in rows)


@pytest.mark.parametrize(
    "name",
    ["OPT_ENGINE__RISK__KILLSWITCH__X", "walras_sec_signer", "WALRAS_RISK", "Opt_risk.exposureguard.capUsd"],
)
def test_environment_names_that_reach_a_gate_refuse_the_run(name: str) -> None:
    """A settings overlay in our namespaces is refused; its value is never shown."""
    with pytest.raises(RefusedByPolicy) as caught:
        check_environment({"PATH": "x", name: "secret-value"}, FLOOR_POLICY)
    assert "secret-value" not in str(caught.value)
    assert name in str(caught.value)


def test_other_environment_names_pass() -> None:
    """Foreign namespaces and our own settings are no concern of the guard."""
    names = ("RISK_KILLSWITCH", "WALRAS_STORE", "OPT_POLICY_FILE", "WALRAS_POLICY")
    check_environment(dict.fromkeys(names, "risk.killswitch.x"), FLOOR_POLICY)


def test_an_environment_that_cannot_be_judged_refuses() -> None:
    """The guard fails closed here too."""
    from tests.policy.catalogue import BrokenPolicy

    with pytest.raises(RefusedByPolicy, match="ValueError"):
        check_environment({"OPT_X": "1"}, BrokenPolicy())
