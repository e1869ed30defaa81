"""Parse YAML 1.2 into nodes, from ruamel's events; the only file that knows ruamel.yaml.

Anchors, aliases, merge keys, tags, directives and further documents are faults: each lets one reader of
the file see something that another does not.
"""

from collections.abc import Iterator
from typing import Any, Final

from walras.policy._document import UNREAD, Builder, Node, Row, Scalar, TooLarge
from walras.policy._names import plain_text, printable
from walras.policy._scalars import resolve

_NO_DIRECTIVE: Final = "Remove it: this is YAML 1.2 without extensions."


def parse_yaml(text: str, builder: Builder) -> Node | None:
    """Return the root of the document, or None where it cannot be read; faults go to `builder`."""
    reader = _Reader(builder)
    try:
        for event in _events(text):
            reader.take(event)
    except TooLarge:
        pass
    except Exception as error:  # noqa: BLE001  # a parser's own crash is a fault of the file, not ours
        mark = getattr(error, "problem_mark", None)
        what = str(getattr(error, "problem", None) or type(error).__name__)
        builder.fault(
            None if mark is None else mark.line + 1, "YAML", f"{what}.", "Mend the syntax; quote odd text."
        )
        return None
    if reader.root is None and not builder.faults:
        builder.fault(None, "YAML", "the document is empty.", "Begin with name: ...")
    return reader.root


def _events(text: str) -> Iterator[Any]:
    from ruamel.yaml import YAML

    return iter(YAML(typ="safe", pure=True).parse(text))


def _paired(text: str) -> str:
    """Return `text` with the two halves that JSON escapes make of one character put together."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


class _Reader:
    """Builds nodes from events with a stack of its own, so that depth is counted, never recursed."""

    def __init__(self, builder: Builder) -> None:
        self.root: Node | None = None
        self._builder = builder
        self._open: list[tuple[str, int, list[Node]]] = []
        self._documents = 0

    def take(self, event: Any) -> None:
        """Read one event."""
        kind = type(event).__name__.removesuffix("Event")
        line = event.start_mark.line + 1
        if kind == "DocumentStart":
            self._begin(event, line)
        elif kind in ("MappingStart", "SequenceStart"):
            self._refuse_marks(event, line)
            self._builder.count(line, depth=len(self._open) + 1)
            self._open.append((kind, line, []))
        elif kind in ("MappingEnd", "SequenceEnd"):
            self._add(self._close())
        elif kind == "Scalar":
            self._refuse_marks(event, line)
            self._add(self._scalar(event, line))
        elif kind == "Alias":
            self._builder.fault(line, f"*{printable(event.anchor)}", "is an alias.", "Write the value out.")
            self._add(Scalar(line, UNREAD))

    def _begin(self, event: Any, line: int) -> None:
        self._documents += 1
        if self._documents > 1:
            self._builder.fault(line, "YAML", "a second document starts here.", "Keep one document.")
        if event.version not in (None, (1, 2)):
            self._builder.fault(line, "%YAML", "names another version than 1.2.", _NO_DIRECTIVE)
        if event.tags:
            self._builder.fault(line, "%TAG", "declares tags.", _NO_DIRECTIVE)

    def _refuse_marks(self, event: Any, line: int) -> None:
        if event.anchor is not None:
            self._builder.fault(line, f"&{printable(event.anchor)}", "is an anchor.", "Write the value out.")
        if event.tag is not None:
            self._builder.fault(line, printable(str(event.tag)), "is a tag.", "Remove it: values are plain.")

    def _scalar(self, event: Any, line: int) -> Scalar:
        self._builder.count(line, depth=len(self._open))
        if event.style is not None:
            return Scalar(line, _paired(event.value))
        if event.value == "<<":
            self._builder.fault(line, "<<", "is a merge key.", "Write the values out.")
        value, complaint = resolve(event.value)
        if complaint:
            self._builder.fault(line, ", ".join([*self._keys(), printable(event.value)]), complaint, "")
        return Scalar(line, UNREAD if complaint else value)

    def _keys(self) -> list[str]:
        """Return the innermost two keys that the next value belongs to."""
        keys = [
            printable(plain_text(parts[-1].value))[1:-1]
            for kind, _, parts in self._open
            if kind == "MappingStart" and len(parts) % 2 and isinstance(parts[-1], Scalar)
        ]
        return keys[-2:]

    def _close(self) -> Node:
        kind, line, parts = self._open.pop()
        if kind == "SequenceStart":
            return Row(line, tuple(parts))
        keys = [self._key(node) for node in parts[::2]]
        return self._builder.table(line, list(zip(keys, parts[1::2], strict=True)))

    def _key(self, node: Node) -> Scalar:
        if isinstance(node, Scalar):
            return node
        self._builder.fault(node.line, "key", "is a list or a mapping.", "Names are text.")
        inner = node.items if isinstance(node, Row) else tuple(key for key, _ in node.entries)
        return Scalar(
            node.line, ".".join(plain_text(part.value) for part in inner if isinstance(part, Scalar))
        )

    def _add(self, node: Node) -> None:
        if self._open:
            self._open[-1][2].append(node)
        elif self.root is None:
            self.root = node
        else:
            self.root = Row(None, (self.root, node))
