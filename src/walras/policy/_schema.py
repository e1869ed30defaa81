"""Judge what a strategy declares, when it is registered: nobody can declare a gate tunable."""

from collections.abc import Collection

from walras.core import Fault, InvalidFile, StrategySchema, UsageError
from walras.policy._gates import tokenisations
from walras.policy._names import is_name, printable
from walras.policy._policy import FLOOR_POLICY, Policy
from walras.policy._refusal import guard_failed, hard_gate_error
from walras.policy._sightings import Sighting

_CODE = "OPT_SCHEMA_INVALID"


def check_schema(
    schema: StrategySchema, policy: Policy = FLOOR_POLICY, *, taken: Collection[str] = ()
) -> None:
    """Let a strategy register only if none of its parameters, tunable or not, touches a gate.

    Over-refusal shows here first: a knob such as `half_life_sec.signer_fee` reads as `sec.signer` and
    must be renamed before anyone searches it.

    Raises:
        UsageError: If a strategy of this name exists: shadowing could widen its bounds.
        RefusedByPolicy: If the strategy's name, or a declared parameter, touches a gate.
        InvalidFile: If a name is not plain, or two names read the same once folded.
    """
    if schema.strategy in taken:
        raise UsageError(
            f"Strategy {printable(schema.strategy)} exists and cannot be registered again.",
            hint="Give the strategy another name.",
        )
    label = f"strategy {printable(schema.strategy)}"
    sightings = _gated(schema, policy)
    if sightings:
        raise hard_gate_error(label, sightings)
    faults = _name_faults(schema)
    if faults:
        raise InvalidFile(label, faults)


def _gated(schema: StrategySchema, policy: Policy) -> list[Sighting]:
    names = (schema.strategy, *(spec.name for spec in schema.parameters))
    try:
        matches = [(name, policy.match(name)) for name in names]
    except Exception as error:
        raise guard_failed(error) from error
    return [Sighting(None, name, gate) for name, gate in matches if gate is not None]


def _name_faults(schema: StrategySchema) -> list[Fault]:
    faults, seen = [], dict[str, str]()
    for spec in schema.parameters:
        where = printable(spec.name)
        if not is_name(spec.name):
            mend = "Use ASCII segments joined by dots."
            faults.append(Fault(line=None, where=where, what="is not a plain name.", mend=mend, code=_CODE))
            continue
        folded = min("".join(tokens) for tokens in tokenisations(spec.name))
        if folded in seen:
            what = f"reads the same as {seen[folded]}."
            faults.append(Fault(line=None, where=where, what=what, mend="Rename one.", code=_CODE))
        seen.setdefault(folded, where)
    return faults
