"""What a refusal says: file and line, the name, the gate, why, and the way to change such a value."""

from collections.abc import Sequence

from walras.core import Fault, InvalidFile, RefusedByPolicy, Verdict, WalrasError
from walras.policy._names import printable
from walras.policy._policy import HOW_TO_CHANGE
from walras.policy._sightings import Sighting

HARD_GATE = RefusedByPolicy.code
NOT_TUNABLE = "OPT_REFUSED_NOT_TUNABLE"
PROPOSAL_INVALID = "OPT_PROPOSAL_INVALID"
GUARD_FAILED = "guard-failed"

_LISTED = 8


def explain_refusal(label: str, sightings: Sequence[Sighting], *, in_record: bool = False) -> str:
    """Return the text of a hard-gate refusal: each name with its place, its gate and what that protects.

    A text that goes into a record (`in_record`) names no file of this machine.
    """
    lines = [
        f"{label}{_place(seen.line)}: {printable(seen.name)} is locked by the hard gate {seen.gate.pattern}. "
        f"{seen.gate.why if in_record else seen.gate.told}"
        for seen in sightings[:_LISTED]
    ]
    if len(sightings) > _LISTED:
        lines.append(f"... and {len(sightings) - _LISTED} more.")
    return "\n".join(lines)


def hard_gate_error(label: str, sightings: Sequence[Sighting]) -> RefusedByPolicy:
    """Return the error for names that touch a gate; nothing may start."""
    return RefusedByPolicy(
        explain_refusal(label, sightings),
        names=[printable(seen.name) for seen in sightings],
        gate=sightings[0].gate.pattern,
        hint=HOW_TO_CHANGE,
    )


def hard_gate_verdict(sightings: Sequence[Sighting]) -> Verdict:
    """Return the ruling on a proposal that names a gate."""
    return Verdict(
        allowed=False,
        code=HARD_GATE,
        reason=f"{explain_refusal('proposal', sightings, in_record=True)} {HOW_TO_CHANGE}",
        gate=sightings[0].gate.pattern,
        names=tuple(printable(seen.name) for seen in sightings),
    )


def guard_failed(error: Exception) -> RefusedByPolicy:
    """Return the refusal for an error inside the guard: what cannot be judged does not run."""
    return RefusedByPolicy(
        f"The policy guard failed ({type(error).__name__}), so nothing runs.",
        gate=GUARD_FAILED,
        hint="Report this with the file; the guard cannot be switched off.",
    )


def refusal_code(error: WalrasError) -> str:
    """Return the most telling reason code of `error`: of its faults, default deny before bad form."""
    faults: tuple[Fault, ...] = error.faults if isinstance(error, InvalidFile) else ()
    codes = [fault.code for fault in faults]
    return NOT_TUNABLE if NOT_TUNABLE in codes else (codes or [error.code])[0]


def _place(line: int | None) -> str:
    return "" if line is None else f", line {line}"
