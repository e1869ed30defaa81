"""The one choke point: whatever reaches an engine was judged here, whoever proposed it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from walras.core import (
    Fault,
    InvalidFile,
    RefusedByPolicy,
    SearchSpace,
    StrategySchema,
    Value,
    Verdict,
    is_of_kind,
)
from walras.policy._admitted import AdmittedParams, seal
from walras.policy._document import MAX_BYTES, Builder
from walras.policy._fields import KINDS, normal
from walras.policy._names import is_name, printable
from walras.policy._plain import parse_plain
from walras.policy._policy import Policy
from walras.policy._read_space import space_from_record
from walras.policy._refusal import (
    GUARD_FAILED,
    HARD_GATE,
    NOT_TUNABLE,
    PROPOSAL_INVALID,
    hard_gate_error,
    hard_gate_verdict,
)
from walras.policy._schema import check_schema
from walras.policy._sightings import Sighting, gated_in_params, gated_in_space
from walras.policy._source import open_document

_REASONS: Final = 8


class Guard:
    """Judges candidates for one strategy, within one space or over all that the strategy declares.

    The space is judged again when a guard is made of it, so a guard never stands on an unjudged space,
    and it keeps values of its own: whoever holds the space cannot change what was judged.
    """

    def __init__(self, policy: Policy, schema: StrategySchema, space: SearchSpace | None) -> None:
        """Make a guard; `space=None` admits any subset of the declared tunables over the defaults.

        Raises:
            RefusedByPolicy: If the schema or the space names what a gate locks.
            InvalidFile: If the space is not inside what the strategy declares.
        """
        check_schema(schema, policy)
        self._policy = policy
        self._schema = schema
        self._space = space
        if space is not None:
            judged = space_from_record(space.to_json(), schema_of=lambda _: schema, policy=policy)
            self._space = replace(judged if judged.digest != space.digest else space)

    @classmethod
    def for_schema(cls, policy: Policy, schema: StrategySchema) -> "Guard":
        """Return a guard that admits any subset of the declared tunables over the defaults."""
        return cls(policy, schema, None)

    def judge(self, candidate: object) -> AdmittedParams | Verdict:
        """Return the admitted parameters, or the ruling that refuses `candidate`. It never raises.

        An error inside the guard is a refusal: what cannot be judged does not run.
        """
        try:
            return self._judge(candidate)
        except Exception as error:  # noqa: BLE001  # fail closed
            reason = f"The policy guard failed ({type(error).__name__}), so this is not evaluated."
            return Verdict(allowed=False, code=HARD_GATE, reason=reason, gate=GUARD_FAILED)

    def admit(self, candidate: object, *, label: str = "parameters") -> AdmittedParams:
        """Return the admitted parameters.

        Raises:
            RefusedByPolicy: If a name touches a gate, or the guard failed.
            InvalidFile: If the candidate is refused for another reason.
        """
        ruling = self.judge(candidate)
        if isinstance(ruling, AdmittedParams):
            return ruling
        raise self.error(ruling, label=label)

    def error(self, verdict: Verdict, *, label: str = "parameters") -> RefusedByPolicy | InvalidFile:
        """Return the error that a refusing verdict amounts to where no iteration can store it."""
        if verdict.code == HARD_GATE:
            return RefusedByPolicy(f"{label}: {verdict.reason}", names=verdict.names, gate=verdict.gate)
        where = ", ".join(verdict.names) or "value"
        fault = Fault(line=None, where=where, what=verdict.reason, mend="", code=verdict.code)
        return InvalidFile(label, [fault])

    def _judge(self, candidate: object) -> AdmittedParams | Verdict:
        sightings = gated_names(candidate, self._policy)
        if sightings:
            return hard_gate_verdict(sightings)
        if type(candidate) is not dict:
            return _invalid([f"A proposal is a plain dict, not {type(candidate).__name__}."])
        odd = [key for key in candidate if type(key) is not str]
        if odd:
            kinds = sorted({type(key).__name__ for key in odd})
            return _invalid([f"Names are plain text, not {', '.join(kinds)}."])
        undeclared = [name for name in candidate if not self._declares(name)]
        if undeclared:
            return _not_tunable(self._schema, undeclared)
        point: dict[str, Value] = {
            name: normal(value, self._schema.by_name[name].kind)
            if is_of_kind(value, self._schema.by_name[name].kind)
            else value
            for name, value in candidate.items()
        }
        problems = self._problems(point)
        if problems:
            return _invalid(problems)
        return self._admitted(point)

    def _declares(self, name: str) -> bool:
        spec = self._schema.by_name.get(name)
        return spec is not None and spec.tunable and is_name(name)

    def _problems(self, point: Mapping[str, Value]) -> list[str]:
        problems = []
        if self._space is not None:
            axes = self._space.by_name
            missing = self._space.missing(point)
            unsearched = [name for name in point if name not in axes]
            active = self._space.active(point)
            idle = [name for name in point if name in axes and name not in active]
            problems += [f"{name} is missing." for name in missing]
            problems += [f"{name} is not a dimension of this search." for name in unsearched]
            problems += [f"{name} does not exist given the other values." for name in idle]
        for name, value in point.items():
            if not self._admits(name, value):
                kind = KINDS[self._schema.by_name[name].kind]
                problems.append(f"{name} = {printable(ascii(value))[1:-1]} is not {kind} inside its bounds.")
        return problems

    def _admits(self, name: str, value: object) -> bool:
        axis = None if self._space is None else self._space.by_name.get(name)
        return self._schema.by_name[name].admits(value) and (axis is None or axis.contains(value))

    def _admitted(self, point: Mapping[str, Value]) -> AdmittedParams | Verdict:
        fixed = {} if self._space is None else self._space.fixed
        effective = {**self._schema.defaults, **fixed, **point}
        untold = {name: value for name, value in effective.items() if name not in point}
        sightings = gated_names(untold, self._policy)
        if sightings:
            return hard_gate_verdict(sightings)
        return AdmittedParams(
            key=seal(),
            params=point,
            effective={
                spec.name: normal(effective[spec.name], spec.kind) for spec in self._schema.parameters
            },
            strategy=self._schema.strategy,
            policy_digest=self._policy.digest,
            schema_digest=self._schema.digest,
            space=self._space,
        )


def gated_names(candidate: object, policy: Policy) -> tuple[Sighting, ...]:
    """Return every gated name in a candidate, nested ones too."""
    return gated_in_params(parse_plain(candidate, Builder(PROPOSAL_INVALID)), policy)


def admit_direct(
    params: object, schema: StrategySchema, policy: Policy, *, label: str = "parameters"
) -> AdmittedParams:
    """Return `params`, any subset of the declared tunables, over the strategy's defaults.

    The door for `walras backtest --set` and for experiment arms: judged like every other input.

    Raises:
        RefusedByPolicy: If a name touches a gate, or the guard failed.
        InvalidFile: If a name is not declared tunable, or a value lies outside its bounds.
    """
    return Guard.for_schema(policy, schema).admit(params, label=label)


def readmit(wire: Mapping[str, object], schema: StrategySchema, policy: Policy) -> AdmittedParams:
    """Judge `AdmittedParams.to_wire()` again, on the side that will run it.

    Raises:
        RefusedByPolicy: If policy or schema differ from the sender's, or the guard refuses a name.
        InvalidFile: If the point or its space is not legal here.
    """
    here = {"policy_digest": policy.digest, "schema_digest": schema.digest, "strategy": schema.strategy}
    differing = sorted(name for name, value in here.items() if wire.get(name) != value)
    if differing:
        raise RefusedByPolicy(
            f"The sender's {', '.join(differing)} differ from this process's.",
            gate="readmission",
            hint="Run the same version and policy file on both sides.",
        )
    body = wire.get("space")
    space = None
    if body is not None:
        space = space_from_record(body, schema_of=lambda _: schema, policy=policy)
    return Guard(policy, schema, space).admit(wire.get("params"), label="received parameters")


def judge_history(rows: Iterable[object], policy: Policy, *, label: str = "history") -> None:
    """Refuse a warm start or an import whose history names what a gate locks.

    History enters samplers and prompts without being evaluated, so only its names are judged here.

    Raises:
        RefusedByPolicy: Naming every gated name of the first row that has one.
    """
    for number, row in enumerate(rows):
        sightings = gated_names(row, policy)
        if sightings:
            raise hard_gate_error(f"{label}, row {number}", sightings)


def judge_file(path: Path, policy: Policy) -> None:
    """Refuse a file of another format whose names touch a gate; for a door that cannot read it otherwise.

    It is looked into as one JSON document, or as JSON lines of which the first says what is in it.

    Raises:
        RefusedByPolicy: Naming every gated name.
    """
    with path.open("rb") as file:
        head = file.read(MAX_BYTES)
    for data in (head, head.partition(b"\n")[0]):
        document = open_document(data, form="json", label=printable(path.name)[1:-1])
        sightings = gated_in_space(document.root, policy)
        if sightings:
            raise hard_gate_error(document.label, sightings)


def _invalid(problems: list[str]) -> Verdict:
    more = f" ... and {len(problems) - _REASONS} more." if len(problems) > _REASONS else ""
    return Verdict(allowed=False, code=PROPOSAL_INVALID, reason=" ".join(problems[:_REASONS]) + more)


def _not_tunable(schema: StrategySchema, names: list[str]) -> Verdict:
    shown = tuple(printable(name) for name in names[:_REASONS])
    tunable = ", ".join(spec.name for spec in schema.parameters if spec.tunable)
    return Verdict(
        allowed=False,
        code=NOT_TUNABLE,
        reason=f"Strategy {schema.strategy} does not declare {', '.join(shown)} tunable. Tunable: {tunable}.",
        names=shown,
    )
