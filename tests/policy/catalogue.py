"""Run one case of the hard-gate attack catalogue; one adapter a channel."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.policy import _product

from walras.core import ParameterSpec, StrategySchema, WalrasError
from walras.policy import (
    FLOOR_POLICY,
    Guard,
    Policy,
    check_schema,
    gated_digest_ok,
    judge_history,
    load_policy,
    space_from_record,
)

FOLDER = Path(__file__).parent
CATALOGUE: dict[str, Any] = json.loads((FOLDER / "hard_gate_cases.json").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = CATALOGUE["cases"]
PENDING: dict[str, str] = json.loads((FOLDER / "pending.json").read_text(encoding="utf-8"))
"""Case id -> what switches it on. Only cases of channels without an adapter; the list may only shrink."""

ENVIRON: Mapping[str, str] = CATALOGUE["meta"]["environment_for_every_case"]


@dataclass(frozen=True)
class Outcome:
    """What happened: the fields of the catalogue's universal oracle."""

    refused: bool
    code: str | None
    exit_code: int
    engine_calls: int
    llm_calls: int
    iteration_rows: int
    audit_records: int
    gated_digest_ok: bool


class ChannelAbsent(Exception):
    """The product has no such channel yet."""


def run_case(case: dict[str, Any], tmp_path: Path) -> Outcome:
    """Drive the case's channel with its input and say what happened.

    Raises:
        ChannelAbsent: If the product has no such channel; `PENDING` says what switches it on.
    """
    if case["channel"] not in ADAPTERS:
        raise ChannelAbsent(case["channel"])
    return _outcome(ADAPTERS[case["channel"]](case, tmp_path))


def schema_of(case: Mapping[str, Any]) -> StrategySchema:
    """Return the schema of the case's fixture."""
    return _product.fixture_schema(CATALOGUE["fixtures"][case["fixture"]]["tunable"])


def _outcome(session: _product.Session) -> Outcome:
    exit_code = 0 if session.error is None else session.error.exit_code
    return Outcome(
        refused=session.code is not None,
        code=session.code,
        exit_code=exit_code,
        engine_calls=len(session.engine_inputs),
        llm_calls=session.llm_calls,
        iteration_rows=len(session.iteration_rows),
        audit_records=len(session.audit),
        gated_digest_ok=session.gated_ok and gated_digest_ok(),
    )


def _run_file(case: dict[str, Any], tmp_path: Path, *, suffix: str) -> _product.Session:
    given = case["input"]
    data = (
        base64.b64decode(given["data"]) if isinstance(given, dict) else given.encode("utf-8", "surrogatepass")
    )
    path = _product.space_file(tmp_path, data, suffix=suffix)
    return _product.start_run(path, schema=schema_of(case), environ=ENVIRON)


def _run_env(case: dict[str, Any], tmp_path: Path) -> _product.Session:
    (tmp_path / "empty_policy.yaml").write_text("extra_gates: []\n", encoding="utf-8")
    environ = {**ENVIRON, **case["input"]["env"]}
    return _product.start_run(case["input"]["space"], schema=schema_of(case), environ=environ)


def _run_schema(case: dict[str, Any], tmp_path: Path) -> _product.Session:
    given = case["input"]
    declared = _product.fixture_schema(given["tunable"], given["strategy"])
    hidden = tuple(
        ParameterSpec(name=name, kind="int", default=value, low=0, high=value, description="", tunable=False)
        for name, value in given.get("defaults", {}).items()
    )
    schema = StrategySchema(declared.strategy, declared.description, declared.parameters + hidden)
    return _attempt(partial(check_schema, schema, taken=("market_maker",)))


def _run_python(case: dict[str, Any], tmp_path: Path) -> _product.Session:
    return _product.start_run(_executed(case["input"]["python"])["space"], schema=schema_of(case))


def _run_proposer(case: dict[str, Any], tmp_path: Path) -> _product.Session:
    names = _executed(case["input"]["python"])
    return _product.start_run(
        case["input"]["space"], schema=schema_of(case), candidate=names["result"], after=names.get("after")
    )


def _run_policy(case: dict[str, Any], tmp_path: Path) -> _product.Session:
    given, schema, path = case["input"], schema_of(case), tmp_path / "policy.yaml"
    if given.get("inject", "").startswith("guard.match"):
        return _product.start_run(given["space"], schema=schema, policy=BrokenPolicy())
    if given["policy_text"] is not None:
        path.write_text(given["policy_text"], encoding="utf-8")
    return _product.start_run(given["space"], schema=schema, policy=partial(load_policy, path))


class BrokenPolicy(Policy):
    """A policy whose matcher fails, as a bug would make it."""

    def match(self, name: str) -> None:
        """Fail."""
        raise ValueError(name)


def _run_resume(case: dict[str, Any], tmp_path: Path) -> _product.Session:
    given, schema = case["input"], schema_of(case)
    first = _product.start_run(given["original_space"], schema=schema)
    assert first.space is not None
    if "new_space" in given:
        return _product.start_run(given["new_space"], schema=schema)
    policy = FLOOR_POLICY
    if "policy_now" in given:
        path = tmp_path / "policy.yaml"
        path.write_text(json.dumps(given["policy_now"]), encoding="utf-8")
        policy = load_policy(path)
    row = given.get("tamper", {}).get("params_json")

    def again() -> None:
        space = space_from_record(
            first.space.to_json(),  # type: ignore[union-attr]
            schema_of=_product.schema_lookup(schema),
            policy=policy,
        )
        Guard(policy, schema, space).admit(row)

    return _attempt(again)


def _run_import(case: dict[str, Any], tmp_path: Path) -> _product.Session:
    bundle, schema = case["input"], schema_of(case)
    if not isinstance(bundle, dict):
        bundle = json.loads(bundle)
    session = _product.Session()

    def imported() -> None:
        lookup = _product.schema_lookup(schema)
        space = space_from_record(bundle["space"], schema_of=lookup, policy=FLOOR_POLICY)
        judge_history([row["params"] for row in bundle.get("history", ())], FLOOR_POLICY)
        guard = Guard(FLOOR_POLICY, schema, space)
        for row in bundle.get("iterations", ()):
            session.run_engine(guard.admit(row["params"]))

    return _attempt(imported, session)


def _run_optuna(case: dict[str, Any], tmp_path: Path) -> _product.Session:
    given = case["input"]
    return _attempt(partial(judge_history, [given.get("params", given.get("fixed"))], FLOOR_POLICY))


def _attempt(action: Callable[[], object], session: _product.Session | None = None) -> _product.Session:
    session = session or _product.Session()
    try:
        action()
    except WalrasError as error:
        session.refuse(error)
    return session


def _executed(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(source, names)
    return names


ADAPTERS: Mapping[str, Callable[[dict[str, Any], Path], _product.Session]] = {
    "space_yaml": partial(_run_file, suffix=".yaml"),
    "space_json": partial(_run_file, suffix=".json"),
    "env": _run_env,
    "strategy_schema": _run_schema,
    "python_api": _run_python,
    "proposer": _run_proposer,
    "policy": _run_policy,
    "resume": _run_resume,
    "import": _run_import,
    "optuna": _run_optuna,
}

__all__ = ["ADAPTERS", "CASES", "PENDING", "ChannelAbsent", "Outcome", "run_case"]
