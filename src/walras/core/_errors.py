"""The one tree of errors; each leaf knows its exit code.

WalrasError                    1  a bug, unless a subclass says otherwise
├── UsageError                 2  a bad argument, file, name or bound
│   ├── UnknownName            2  no such strategy, proposer, objective, market, search ...
│   ├── AmbiguousName          2  a prefix that fits several
│   ├── InvalidFile            2  a file with faults, all of them listed
│   └── DomainError            2  a number outside a function's domain
├── RefusedByPolicy            3  OPT_REFUSED_HARD_GATE
├── GateFailed                 4  a gate failed or could not be computed
├── NotEnoughEvidence          5
├── CapReached                 6  money, calls, tokens or time; resumable
├── IntegrityError             7  replay mismatch, broken chain, corrupt or foreign record
└── Unavailable                8  store, worker or endpoint; resumable

The exit codes are DESIGN's; `cli` is the only place that turns an error into one.
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final


class WalrasError(Exception):
    """Something went wrong; `hint` says what to do about it."""

    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message} {hint}".strip())


class UsageError(WalrasError):
    """The caller asked for something that cannot be."""

    exit_code = 2
    code = "USAGE"


class UnknownName(UsageError):
    """No thing of this kind has this name."""

    code = "UNKNOWN_NAME"

    def __init__(self, kind: str, name: object, *, known: Iterable[str] = (), hint: str = "") -> None:
        self.kind = kind
        self.name = name if isinstance(name, str) else ascii(name)
        self.known = tuple(sorted(known))
        close = difflib.get_close_matches(self.name, self.known, n=1)
        choices = f"Choose one of: {', '.join(self.known)}." if self.known else ""
        near = f"Did you mean {close[0]!r}?" if close else ""
        super().__init__(
            f"Unknown {kind} {self.name[:200]!r}.", hint=" ".join(x for x in (near, choices, hint) if x)
        )


class AmbiguousName(UsageError):
    """A prefix fits more than one thing."""

    code = "AMBIGUOUS_NAME"

    def __init__(self, kind: str, prefix: str, *, matches: Iterable[str]) -> None:
        self.matches = tuple(sorted(matches))
        super().__init__(
            f"{kind.capitalize()} prefix {prefix!r} is ambiguous.",
            hint=f"It fits {', '.join(self.matches[:8])}; give more characters.",
        )


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong with a file: where, what, and the mend."""

    line: int | None
    where: str
    what: str
    mend: str
    code: str = "OPT_SPACE_INVALID"

    def __str__(self) -> str:
        line = f"line {self.line}" if self.line is not None else ""
        place = ": ".join(part for part in (line, self.where) if part) or "file"
        return f"{place}: {self.what} {self.mend}".strip()


class InvalidFile(UsageError):
    """A file has faults; all of them are listed, each with its line and mend."""

    code = "OPT_SPACE_INVALID"

    def __init__(self, source: str, faults: Sequence[Fault], *, hint: str = "") -> None:
        self.source = source
        self.faults = tuple(faults)
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        count = f"{len(self.faults)} fault{'s' if len(self.faults) != 1 else ''}"
        super().__init__(f"{source}: {count}:\n{lines}", hint=hint)


class DomainError(UsageError):
    """A number or an array lies outside what a function is defined for."""

    code = "DOMAIN"


class RefusedByPolicy(WalrasError):
    """A hard gate or the default deny refused a name before anything ran.

    Attributes:
        names: The refused names, escaped and cut, in order of appearance.
        gate: The pattern that matched, or "" where the default deny refused.
    """

    exit_code = 3
    code = "OPT_REFUSED_HARD_GATE"

    def __init__(self, message: str, *, names: Sequence[str] = (), gate: str = "", hint: str = "") -> None:
        self.names = tuple(names)
        self.gate = gate
        super().__init__(message, hint=hint)


class GateFailed(WalrasError):
    """A gate failed, or what it needs could not be computed."""

    exit_code = 4
    code = "GATE_FAILED"


class NotEnoughEvidence(WalrasError):
    """The sample cannot decide the question."""

    exit_code = 5
    code = "NOT_ENOUGH_EVIDENCE"


class CapReached(WalrasError):
    """A cap on money, calls, tokens or time stopped a search that can be resumed."""

    exit_code = 6
    code = "CAP_REACHED"


class IntegrityError(WalrasError):
    """A record is broken, foreign, or does not replay."""

    exit_code = 7
    code = "INTEGRITY"


class Unavailable(WalrasError):
    """The store, a worker or an endpoint cannot be used now; what was stored is intact."""

    exit_code = 8
    code = "UNAVAILABLE"


INTERRUPTED: Final = 130
TERMINATED: Final = 143
