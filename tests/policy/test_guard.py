"""The one choke point: exact types, exact names, exact dimensions, and nothing else comes through."""

import copy
import pickle
from collections import OrderedDict
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from tests.policy._schemas import HEAD, SCHEMA, read
from tests.policy.catalogue import BrokenPolicy
from tests.policy.test_policy import extended

from walras.core import Dimension, InvalidFile, RefusedByPolicy, SearchSpace, StrategySchema, Verdict
from walras.policy import (
    FLOOR_POLICY,
    HARD_GATE,
    NOT_TUNABLE,
    PROPOSAL_INVALID,
    AdmittedParams,
    Guard,
    admit_direct,
    check_gated_config,
    gated_config,
    gated_digest_ok,
    judge_history,
    readmit,
    refusal_code,
    require_admitted,
)

SPACE = read(
    HEAD + "  strategy.d.count: {type: int, low: 1, high: 10}\n"
    "  strategy.d.size: {type: float, low: 1, high: 20}\n"
    "  strategy.d.on: {type: bool}\n"
    "  strategy.d.mode: {type: categorical, choices: [join, it is odd], when: {strategy.d.on: true}}\n"
    "fixed: {strategy.d.grid: 0.25}\n"
)
POINT = {
    "strategy.d.size": 3,
    "strategy.d.count": 2,
    "strategy.d.on": True,
    "strategy.d.mode": "join",
}
GUARD = Guard(FLOOR_POLICY, SCHEMA, SPACE)


def admitted(candidate: object = POINT, guard: Guard = GUARD) -> AdmittedParams:
    """Return what the guard admits."""
    ruling = guard.judge(candidate)
    assert isinstance(ruling, AdmittedParams), ruling
    return ruling


def refused(candidate: object, guard: Guard = GUARD) -> Verdict:
    """Return the verdict of a refusal."""
    ruling = guard.judge(candidate)
    assert isinstance(ruling, Verdict)
    assert not ruling.allowed
    return ruling


def test_admitted_parameters_carry_everything_that_runs() -> None:
    """Point, effective values and digests; floats are floats, names are sorted."""
    made = admitted()
    assert list(made.params.items()) == [
        ("strategy.d.count", 2),
        ("strategy.d.mode", "join"),
        ("strategy.d.on", True),
        ("strategy.d.size", 3.0),
    ]
    assert type(made.params["strategy.d.size"]) is float
    assert made.effective == {**made.params, "strategy.d.grid": 0.25, "strategy.d.secret": 1}
    assert (made.strategy, made.space) == ("demo", SPACE)
    assert made.policy_digest == FLOOR_POLICY.digest
    assert made.schema_digest == SCHEMA.digest
    assert made.space_digest == SPACE.digest
    assert "strategy.d.count" in repr(made)


def test_an_inactive_dimension_keeps_the_default() -> None:
    """What does not exist at this point runs at the strategy's default."""
    point = {name: value for name, value in POINT.items() if name != "strategy.d.mode"}
    assert admitted({**point, "strategy.d.on": False}).effective["strategy.d.mode"] == "join"
    assert "does not exist" in refused({**POINT, "strategy.d.on": False}).reason
    assert "strategy.d.mode is missing." in refused(point).reason


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"strategy.d.count": 11}, "strategy.d.count = 11 is not an integer inside its bounds."),
        ({"strategy.d.count": 2.0}, "is not an integer"),
        ({"strategy.d.count": True}, "is not an integer"),
        ({"strategy.d.count": "2"}, "is not an integer"),
        ({"strategy.d.count": 10**400}, "is not an integer"),
        ({"strategy.d.size": float("nan")}, "is not a finite number"),
        ({"strategy.d.size": float("inf")}, "is not a finite number"),
        ({"strategy.d.size": 21}, "is not a finite number inside its bounds"),
        ({"strategy.d.size": None}, "is not a finite number"),
        ({"strategy.d.size": {"a": 1}}, "is not a finite number"),
        ({"strategy.d.mode": "true"}, "is not text inside its bounds"),
        ({"strategy.d.on": 1}, "is not true or false"),
        ({"strategy.d.grid": 0.5}, "strategy.d.grid is not a dimension of this search."),
    ],
)
def test_values_are_exact(change: dict[str, object], says: str) -> None:
    """No coercion, no clipping: a value outside is a refusal that names it."""
    verdict = refused({**POINT, **change})
    assert verdict.code == PROPOSAL_INVALID
    assert says in verdict.reason


def test_undeclared_and_hidden_names_are_denied() -> None:
    """Default deny, with its own code and the names."""
    verdict = refused({**POINT, "strategy.d.secret": 2, "strategy.d.\u0441ount": 1})
    assert verdict.code == NOT_TUNABLE
    assert verdict.names == ("'strategy.d.secret'", "'strategy.d.\\u0441ount'")


def test_gates_come_first() -> None:
    """A gated name is named as such, whatever else is wrong, nested or not."""
    for candidate in (
        {**POINT, "risk.killswitch.x": 0, "nope": 1},
        {"strategy.d.size": {"risk.killswitch.x": 1}},
        {"risk": {"killswitch": 1}},
        OrderedDict({"sec.signer.x": 1}),
        [{"name": "sec.signer.x"}],
        {b"risk.killswitch.x": 1},
        "risk.killswitch.x",
    ):
        verdict = refused(candidate)
        assert (verdict.code, bool(verdict.gate), bool(verdict.names)) == (HARD_GATE, True, True)


def test_only_plain_dicts_with_plain_names_are_judged() -> None:
    """Subclasses and other types are refused, not converted."""

    class Name(str):
        __slots__ = ()

    assert "plain dict, not list" in refused([POINT]).reason
    assert "plain dict, not mappingproxy" in refused(MappingProxyType(POINT)).reason
    assert "plain dict, not OrderedDict" in refused(OrderedDict(POINT)).reason
    assert "not Name" in refused({Name("strategy.d.count"): 2}).reason
    assert "not int" in refused({1: 2}).reason


def test_many_problems_are_cut() -> None:
    """A hopeless proposal gets a readable reason."""
    specs = tuple(replace(SCHEMA.parameters[0], name=f"strategy.d.x{index}") for index in range(20))
    guard = Guard.for_schema(FLOOR_POLICY, StrategySchema("wide", "", specs))
    assert refused({spec.name: 0 for spec in specs}, guard).reason.endswith("bounds. ... and 12 more.")


def test_the_guard_fails_closed() -> None:
    """An error while judging is a refusal."""
    guard = Guard(FLOOR_POLICY, SCHEMA, SPACE)
    guard._policy = BrokenPolicy()
    verdict = refused(POINT, guard)
    assert (verdict.code, verdict.gate) == (HARD_GATE, "guard-failed")
    with pytest.raises(RefusedByPolicy):
        Guard(BrokenPolicy(), SCHEMA, SPACE)


def test_a_guard_never_stands_on_an_unjudged_space() -> None:
    """A space made by hand is judged when the guard is made."""
    axis = SPACE.by_name["strategy.d.count"]

    def space(name: str, **change: Any) -> SearchSpace:
        wild = Dimension(**{**vars(axis), "name": name, **change})
        return SearchSpace(name="t", strategy="demo", dimensions=(wild,))

    with pytest.raises(RefusedByPolicy):
        Guard(FLOOR_POLICY, SCHEMA, space("risk.killswitch.x"))
    with pytest.raises(InvalidFile):
        Guard(FLOOR_POLICY, SCHEMA, space("strategy.d.count", high=1000))
    loose = Dimension(name="strategy.d.size", kind="float", low=1, high=20, default=10)
    guard = Guard(FLOOR_POLICY, SCHEMA, SearchSpace(name="t", strategy="demo", dimensions=(loose,)))
    assert type(admitted({"strategy.d.size": 2}, guard).space.by_name["strategy.d.size"].low) is float  # type: ignore[union-attr]


def test_effective_keys_are_judged_too() -> None:
    """A gate that a policy adds over a parameter that is not searched still refuses the run."""
    guard = Guard(FLOOR_POLICY, SCHEMA, SPACE)
    guard._policy = extended("strategy.d.secret")
    assert refused(POINT, guard).gate == "strategy.d.secret"


def test_direct_admission_takes_any_subset() -> None:
    """`walras backtest --set` and experiment arms: over the defaults, judged alike."""
    made = admit_direct({"strategy.d.size": 7}, SCHEMA, FLOOR_POLICY)
    assert made.params == {"strategy.d.size": 7.0}
    assert made.effective["strategy.d.count"] == 4
    assert (made.space, made.space_digest) == (None, "")
    assert admit_direct({}, SCHEMA, FLOOR_POLICY).effective == {**SCHEMA.defaults, "strategy.d.size": 10.0}
    for candidate, code, kind in (
        ({"risk.killswitch.x": 1}, HARD_GATE, RefusedByPolicy),
        ({"strategy.d.secret": 1}, NOT_TUNABLE, InvalidFile),
        ({"strategy.d.size": 0}, PROPOSAL_INVALID, InvalidFile),
    ):
        with pytest.raises(kind) as caught:
            admit_direct(candidate, SCHEMA, FLOOR_POLICY, label="--set")
        assert refusal_code(caught.value) == code
        assert str(caught.value).startswith("--set")


def test_admitted_parameters_cannot_be_made_changed_or_copied() -> None:
    """The type is the proof; there is no other way to it."""
    made = admitted()
    with pytest.raises(TypeError, match="Guard"):
        AdmittedParams(
            key=object(),
            params={},
            effective={},
            strategy="demo",
            policy_digest="",
            schema_digest="",
            space=None,
        )
    with pytest.raises(TypeError, match="final"):
        type("Sub", (AdmittedParams,), {})
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="readmit"):
            copied(made)
    with pytest.raises(AttributeError, match="immutable"):
        made._params = {}
    with pytest.raises(AttributeError, match="immutable"):
        del made._params
    with pytest.raises(TypeError):
        made.params["strategy.d.count"] = 9  # type: ignore[index]


def test_the_engine_door_takes_nothing_else() -> None:
    """A dict, a hollow instance and a look-alike are refused."""
    made = admitted()
    assert require_admitted(made) is made
    for other in (dict(made.params), object.__new__(AdmittedParams), None):
        with pytest.raises(RefusedByPolicy, match="AdmittedParams"):
            require_admitted(other)


def test_a_worker_judges_again() -> None:
    """What travels is plain data; equal digests and a second judgement make it runnable."""
    import json

    for made in (admitted(), admit_direct({"strategy.d.size": 7}, SCHEMA, FLOOR_POLICY)):
        wire = json.loads(json.dumps(made.to_wire()))
        again = readmit(wire, SCHEMA, FLOOR_POLICY)
        assert again is not made
        assert (again.params, again.effective) == (made.params, made.effective)
        assert again.space_digest == made.space_digest
        for field in ("policy_digest", "schema_digest", "strategy"):
            with pytest.raises(RefusedByPolicy, match=field):
                readmit({**wire, field: "0"}, SCHEMA, FLOOR_POLICY)
        with pytest.raises(RefusedByPolicy, match=r"risk\.killswitch"):
            readmit({**wire, "params": {"risk.killswitch.x": 1}}, SCHEMA, FLOOR_POLICY)
        with pytest.raises(InvalidFile):
            readmit({**wire, "params": {"strategy.d.size": -1}}, SCHEMA, FLOOR_POLICY)
    with pytest.raises(RefusedByPolicy, match="policy_digest"):
        readmit(admitted().to_wire(), SCHEMA, extended("a.b"))


def test_history_is_judged_by_its_names() -> None:
    """A warm start may hold points outside today's bounds, never a gated name."""
    judge_history([POINT, {"strategy.d.size": 1e9}, {}], FLOOR_POLICY)
    with pytest.raises(RefusedByPolicy, match=r"history, row 1: 'sec\.signer\.x'"):
        judge_history([POINT, {"sec.signer.x": 1}], FLOOR_POLICY)


def test_the_gated_configuration_is_the_reviewed_one() -> None:
    """Any change of a gated key stops the engine; other keys are none of its business."""
    check_gated_config()
    config = dict(gated_config())
    assert gated_digest_ok({**config, "engine.threads": 3})
    changed: list[dict[str, Any]] = [
        {**config, "risk.killswitch.tripThreshold": 6},
        {**config, "Risk.Killswitch.tripThreshold": 5},
        {**config, "risk.exposureguard.perMarketCaps": {"x": 1}},
        {**config, "risk.compliancegate.jurisdictionAllowlist": ["XX", "YY"]},
        {**config, "sec.signer.extra": object()},
        {**config, "sec.signer.extra": float("nan")},
        {},
    ]
    for other in changed:
        with pytest.raises(RefusedByPolicy, match="reviewed baseline"):
            check_gated_config(other)
    with pytest.raises(TypeError):
        gated_config()["risk.killswitch.tripThreshold"] = 0  # type: ignore[index]
