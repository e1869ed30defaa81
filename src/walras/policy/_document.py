"""A parsed document with a line for every node: what the guard judges and the space is built from.

YAML, JSON and plain Python values become the same nodes, so that nobody parses a text twice. Duplicate
keys stay visible here: the gates must see all of them.
"""

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from walras.core import Fault
from walras.policy._names import SHOWN, plain_text, printable

MAX_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 16
MAX_NODES: Final = 10_000


class Unread:
    """Stands for a value whose fault is noted already; whoever meets it adds no second one."""

    def __repr__(self) -> str:
        return ""


UNREAD: Final = Unread()


@dataclass(frozen=True)
class Scalar:
    """One value: text, number, truth value, nothing, or something that has no place in a document."""

    line: int | None
    value: object


@dataclass(frozen=True)
class Row:
    """A list."""

    line: int | None
    items: tuple["Node", ...]


@dataclass(frozen=True)
class Table:
    """A mapping, as pairs in order, duplicates included."""

    line: int | None
    entries: tuple[tuple[Scalar, "Node"], ...]

    def find(self, name: str) -> tuple[tuple[Scalar, "Node"], ...]:
        """Return the entries whose key is exactly `name`."""
        return tuple(
            entry for entry in self.entries if type(entry[0].value) is str and entry[0].value == name
        )


Node: TypeAlias = Scalar | Row | Table


@dataclass(frozen=True)
class Document:
    """A parsed source, its faults so far, and what to call it in a message. No root: it cannot be read."""

    label: str
    root: Node | None
    faults: tuple[Fault, ...] = ()


class TooLarge(Exception):
    """The document is deeper or longer than any space; internal to the parsers."""


@dataclass
class Builder:
    """Collects nodes and faults while a document is parsed, and holds it to its limits."""

    code: str
    faults: list[Fault] = field(default_factory=list)
    nodes: int = 0

    def fault(self, line: int | None, where: str, what: str, mend: str, *, code: str = "") -> None:
        """Note one thing wrong; `where` is cut like any name in a message."""
        where = where if len(where) <= SHOWN else f"{where[: SHOWN - 3]}..."
        self.faults.append(Fault(line=line, where=where, what=what, mend=mend, code=code or self.code))

    def count(self, line: int | None, *, depth: int) -> None:
        """Count one node at `depth`.

        Raises:
            TooLarge: If that is one too many, or too deep.
        """
        self.nodes += 1
        if depth > MAX_DEPTH:
            self.fault(line, "document", f"is nested deeper than {MAX_DEPTH} levels.", "Flatten it.")
            raise TooLarge
        if self.nodes > MAX_NODES:
            self.fault(line, "document", f"has more than {MAX_NODES} entries.", "Shorten it.")
            raise TooLarge

    def table(self, line: int | None, entries: list[tuple[Scalar, Node]]) -> Table:
        """Return a mapping; keys that are not text and keys given twice are faults."""
        first: dict[str, int | None] = {}
        for key, _ in entries:
            shown = printable(plain_text(key.value))
            if key.value is UNREAD:
                continue
            if type(key.value) is not str:
                kind = "nothing" if key.value is None else type(key.value).__name__
                self.fault(key.line, shown, f"this key is read as {kind}, not as text.", "Names are text.")
            elif key.value in first:
                seen = "" if first[key.value] is None else f"; first on line {first[key.value]}"
                self.fault(key.line, shown, f"is given twice{seen}.", "Keep one of the two.")
            else:
                first[key.value] = key.line
        return Table(line, tuple(entries))
