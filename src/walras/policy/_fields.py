"""Take typed fields out of a mapping of a closed structure, noting every fault with its line and mend."""

import difflib
import unicodedata
from collections.abc import Sequence
from typing import Final

from walras.core import Kind, Value, is_of_kind
from walras.policy._document import UNREAD, Builder, Node, Row, Scalar, Table
from walras.policy._names import plain_text, printable

MAX_TEXT: Final = 400
_BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Fields:
    """One mapping of a document, `where` in messages; reading a field wrong notes a fault, never raises."""

    def __init__(self, table: Table, where: str, allowed: Sequence[str], builder: Builder) -> None:
        self.line = table.line
        self.where = where
        self._builder = builder
        self._found: dict[str, Node] = {}
        for key, value in table.entries:
            name = plain_text(key.value)
            if name in allowed:
                self._found.setdefault(name, value)
            elif type(key.value) is str:
                mend = f"{nearest(name, allowed)}Allowed: {', '.join(allowed)}."
                place = f"{where}, {printable(name)}" if where else printable(name)
                builder.fault(key.line, place, "unknown field.", mend)

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def get(self, name: str) -> Node | None:
        """Return the field's node, or None where it is not given."""
        return self._found.get(name)

    def line_of(self, name: str) -> int | None:
        """Return the line of the field, or of the mapping where the field is not given."""
        node = self._found.get(name)
        return self.line if node is None else node.line

    def fault(self, name: str, what: str, mend: str) -> None:
        """Note that something is wrong with the field `name`."""
        place = f"{self.where}, {name}" if self.where else name
        self._builder.fault(self.line_of(name), place, what, mend)

    def text(self, name: str, *, default: str | None = None) -> str | None:
        """Return a text field; without a default it is required."""
        node = self._found.get(name)
        if node is None:
            if default is None:
                self.fault(name, "is missing.", f"Add {name}: ...")
            return default
        if is_unread(node):
            return default
        if not isinstance(node, Scalar) or type(node.value) is not str:
            self.fault(name, f"is {shown(node)}, not text.", "Quote it if it is meant as text.")
        elif not node.value.strip() or len(node.value) > MAX_TEXT:
            self.fault(name, f"must have 1 to {MAX_TEXT} characters.", "Shorten it, or name it.")
        elif any(_is_control(char) for char in node.value):
            self.fault(name, "contains control characters.", "Remove them.")
        else:
            return node.value
        return default

    def value(self, name: str, kind: Kind) -> Value | None:
        """Return a value of exactly `kind`, or None where it is absent or wrong."""
        node = self._found.get(name)
        if node is None or is_unread(node):
            return None
        value = node.value if isinstance(node, Scalar) else None
        if not is_of_kind(value, kind):
            self.fault(name, f"is {shown(node)}, not {KINDS[kind]}.", f"Write {EXAMPLES[kind]}.")
            return None
        return normal(value, kind)


KINDS: Final[dict[Kind, str]] = {
    "int": "an integer",
    "float": "a finite number",
    "bool": "true or false",
    "categorical": "text",
}
EXAMPLES: Final[dict[Kind, str]] = {
    "int": "a whole number without quotes or point, such as 3",
    "float": "a number without quotes, such as 0.5",
    "bool": "true or false",
    "categorical": "one of the declared choices",
}


def normal(value: object, kind: Kind) -> Value:
    """Return a value of `kind` in its one form: floats as float, never minus zero."""
    if kind == "float":
        return float(value) + 0.0  # type: ignore[arg-type]
    return value  # type: ignore[return-value]


def is_unread(node: Node) -> bool:
    """Say whether the fault of this value is noted already."""
    return isinstance(node, Scalar) and node.value is UNREAD


def shown(node: Node) -> str:
    """Return what a node is, for a message."""
    if isinstance(node, Table):
        return "a mapping"
    if isinstance(node, Row):
        return "a list"
    if isinstance(node.value, str):
        return f"the text {printable(str.__str__(node.value))}"
    return "nothing" if node.value is None else printable(ascii(node.value)[:100])[1:-1]


def _is_control(char: str) -> bool:
    return (unicodedata.category(char) in ("Cc", "Cs", "Cn") and char not in "\n\t") or char in _BIDI


def nearest(name: str, known: Sequence[str]) -> str:
    """Return "Did you mean ...? " for the closest known name, or nothing."""
    close = difflib.get_close_matches(name[:200], known, n=1)
    return f"Did you mean {close[0]}? " if close else ""


def nearest_parameter(name: str, known: Sequence[str]) -> str:
    """Return the same for dotted names, whose last segment may stand for the whole."""
    whole = {full.rpartition(".")[2]: full for full in known}
    close = difflib.get_close_matches(name[:200], [*whole, *known], n=1)
    return f"Did you mean {whole.get(close[0], close[0])}? " if close else ""
