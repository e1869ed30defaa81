"""The policy: a floor of hard gates in code, extended by a file, never cut."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from walras.core import Fault, InvalidFile, RefusedByPolicy, digest
from walras.policy._document import Document, Row, Scalar, Table
from walras.policy._gates import Gate, tokenisations
from walras.policy._names import SHOWN, plain_text, printable
from walras.policy._oracle import slow_match
from walras.policy._source import open_document

HOW_TO_CHANGE: Final = "Change such a value in config, with a code review and an envelope, not in a search."
_FOLD_VERSION: Final = 1
_CODE: Final = "OPT_POLICY_INVALID"
_PATTERN_HELP: Final = "Write it as a.b, a.b.* or a.b.*word*, in ASCII."

FLOOR: Final = (
    Gate("risk.killswitch.*", ("risk", "killswitch"), "It decides when all trading stops."),
    Gate(
        "risk.exposureguard.*maxNotional*",
        ("risk", "exposureguard"),
        "It limits how much money can be at risk.",
        "word",
        "maxnotional",
    ),
    Gate(
        "risk.exposureguard.<per-market caps>",
        ("risk", "exposureguard"),
        "It limits how much money can be at risk in one market.",
        "caps",
    ),
    Gate(
        "risk.compliancegate.*", ("risk", "compliancegate"), "It decides who may trade what, and is the law."
    ),
    Gate(
        "risk.markethaltguard.*", ("risk", "markethaltguard"), "It stops quoting on a halted or stale market."
    ),
    Gate("sec.signer.*", ("sec", "signer"), "It decides what may be signed, and so what can be lost."),
)


@dataclass(frozen=True)
class LockedName:
    """One gate, as `walras space show` prints it."""

    pattern: str
    why: str
    how_to_change: str


@dataclass(frozen=True)
class Policy:
    """The gates in force: the floor and what a policy file added."""

    extra: tuple[Gate, ...] = ()

    @cached_property
    def gates(self) -> tuple[Gate, ...]:
        """Return every gate, the floor first."""
        return FLOOR + self.extra

    @cached_property
    def digest(self) -> str:
        """Return the digest of all patterns and of the version of the folding rules."""
        return digest({"fold": _FOLD_VERSION, "gates": sorted({gate.pattern for gate in self.gates})})

    def match(self, name: str) -> Gate | None:
        """Return the gate that `name` touches; None only where the folding matcher and the oracle agree.

        The answer depends on the name alone, so short ones are remembered: a search judges the same few
        names on every iteration.
        """
        return self._match(name) if len(name) > SHOWN else self._remembered(name)

    @cached_property
    def _remembered(self) -> Callable[[str], Gate | None]:
        return lru_cache(maxsize=1024)(self._match)

    def _match(self, name: str) -> Gate | None:
        return self.fast_match(name) or slow_match(name, self.gates)

    def fast_match(self, name: str) -> Gate | None:
        """Return what the folding matcher alone finds."""
        readings = tokenisations(name)
        return next((gate for gate in self.gates if any(map(gate.touches, readings))), None)


FLOOR_POLICY: Final = Policy()


def load_policy(path: Path | None) -> Policy:
    """Return the floor, extended by `extra_gates` of the policy file at `path`, if one is named.

    It reads no environment variable, and a file can only add gates.

    Raises:
        RefusedByPolicy: If the file tries to set `hard_gates`, which are a floor in code.
        InvalidFile: If the file is missing, unreadable, malformed, or holds a pattern that is not one.
    """
    if path is None:
        return FLOOR_POLICY
    document = open_document(path, code=_CODE)
    if isinstance(document.root, Table) and document.root.find("hard_gates"):
        raise RefusedByPolicy(
            f"{path}: 'hard_gates' are a floor in code; a policy file adds gates, it never cuts them.",
            names=["'hard_gates'"],
            gate="policy-floor",
            hint="Remove hard_gates and list additions under extra_gates.",
        )
    faults = [*document.faults, *_shape_faults(document)]
    patterns = [] if faults else _patterns(document)
    faults += [fault for item in patterns if (fault := _pattern_fault(item)) is not None]
    if faults:
        raise InvalidFile(str(path), faults, hint="No run starts under a policy that cannot be read whole.")
    return Policy(extra=tuple(_gate(plain_text(item.value), document.label) for item in patterns))


def locked_names(policy: Policy) -> tuple[LockedName, ...]:
    """Return each gate with why it is locked and how such a value is changed."""
    return tuple(LockedName(gate.pattern, gate.told, HOW_TO_CHANGE) for gate in policy.gates)


def _shape_faults(document: Document) -> Iterable[Fault]:
    root = document.root
    if root is None:
        return
    if not isinstance(root, Table) or not root.find("extra_gates"):
        yield Fault(
            line=root.line,
            where="policy",
            what="holds no extra_gates.",
            mend="Write extra_gates: [a.b.*, ...].",
            code=_CODE,
        )
        return
    for key, value in root.entries:
        if key.value != "extra_gates":
            yield Fault(
                line=key.line,
                where=printable(plain_text(key.value)),
                what="unknown field.",
                mend="Only extra_gates is allowed.",
                code=_CODE,
            )
        elif not isinstance(value, Row):
            yield Fault(
                line=value.line,
                where="extra_gates",
                what="is not a list.",
                mend="Write extra_gates: [a.b.*, ...].",
                code=_CODE,
            )


def _patterns(document: Document) -> list[Scalar]:
    assert isinstance(document.root, Table)  # noqa: S101  # checked by _shape_faults
    row = document.root.find("extra_gates")[0][1]
    assert isinstance(row, Row)  # noqa: S101  # checked by _shape_faults
    return [
        item if isinstance(item, Scalar) else Scalar(item.line, f"<{type(item).__name__.lower()}>")
        for item in row.items
    ]


def _pattern_fault(item: Scalar) -> Fault | None:
    text = plain_text(item.value)
    if type(item.value) is str and len(text) <= SHOWN and _split(text) is not None:
        return None
    return Fault(
        line=item.line, where=printable(text), what="is not a gate pattern.", mend=_PATTERN_HELP, code=_CODE
    )


def _split(pattern: str) -> tuple[tuple[str, ...], str | None] | None:
    """Return the head and the glob of a pattern, or None if it is not one."""
    *front, last = pattern.split(".")
    glob = last if "*" in last else None
    head = tuple(front) if glob is not None else (*front, last)
    word = last.strip("*")
    legal = all(part.isascii() and part.isidentifier() and part.strip("_") == part for part in head)
    if not head or not legal or (glob not in (None, "*", f"*{word}*") or "*" in word):
        return None
    return (head, glob) if not word or (word.isascii() and word.isalnum()) or glob is None else None


def _gate(pattern: str, source: str) -> Gate:
    parts = _split(pattern)
    assert parts is not None  # noqa: S101  # checked by _pattern_fault
    head, glob = tuple(part.lower() for part in parts[0]), parts[1]
    why = "A policy file of this installation locks it."
    if glob is None or glob == "*":
        return Gate(pattern, head, why, source=source)
    return Gate(pattern, head, why, "word", glob.strip("*").lower(), source)
