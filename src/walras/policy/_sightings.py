"""Find every name in a document, wherever it stands, before anything else is asked of it.

A name is a key, a joined path of nested keys, an entry of a list of names, the `name` of a listed
mapping, or the strategy. Other text is not an assignment: descriptions and values may mention a gate.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from walras.policy._document import Node, Row, Scalar, Table
from walras.policy._gates import Gate
from walras.policy._names import plain_text
from walras.policy._policy import Policy

TOP_FIELDS: Final = ("name", "strategy", "market", "objective", "parameters", "fixed")
SPEC_FIELDS: Final = (
    *("type", "low", "high", "step", "log", "choices"),
    *("when", "unit", "description", "default"),
)
_NAMING_FIELDS: Final = ("name", "names", "parameter", "param", "key", "path")
_JUDGED_TWICE: Final = 1024
_LONG: Final = 512
"""The oracle is slow: beyond so many names, or so long a name, nothing is legal; one look is enough."""
_PART: Final = 256
"""How much of one key a joined path keeps: longer ones are refused by the grammar anyway."""


@dataclass(frozen=True)
class Sighting:
    """One name that touches a gate."""

    line: int | None
    name: str
    gate: Gate


def gated_in_space(root: Node | None, policy: Policy) -> tuple[Sighting, ...]:
    """Return every gated name in a space document, in order of appearance."""
    return _judge(_space_names(root), policy)


def gated_in_params(root: Node | None, policy: Policy) -> tuple[Sighting, ...]:
    """Return every gated name in a candidate, in order of appearance."""
    return _judge(_section(root), policy)


_Names = Iterator[tuple[int | None, str]]


def _judge(names: _Names, policy: Policy) -> tuple[Sighting, ...]:
    found: dict[str, Sighting] = {}
    passed: set[str] = set()
    for line, name in names:
        if name in found or name in passed:
            continue
        twice = len(found) + len(passed) < _JUDGED_TWICE and len(name) <= _LONG
        gate = policy.match(name) if twice else policy.fast_match(name)
        if gate is None:
            passed.add(name)
        else:
            found[name] = Sighting(line, name, gate)
    return tuple(found.values())


def _space_names(root: Node | None) -> _Names:
    if not isinstance(root, Table):
        yield from _below(root, ())
        return
    for key, value in root.entries:
        name = plain_text(key.value)
        if name in ("parameters", "fixed"):
            yield from _section(value)
        elif name == "strategy" and isinstance(value, Scalar):
            yield value.line, plain_text(value.value)
        elif name in TOP_FIELDS:
            yield from _below(value, ())
        else:
            yield key.line, name
            yield from _below(value, (name,))


def _section(node: Node | None) -> _Names:
    """Yield the names of a mapping of parameters, or of whatever stands in its place."""
    if isinstance(node, Scalar):
        yield node.line, plain_text(node.value)
    elif isinstance(node, Row):
        for item in node.items:
            yield from _section(item) if isinstance(item, Scalar) else _below(item, ())
    elif node is not None:
        for key, value in node.entries:
            name = plain_text(key.value)
            yield key.line, name
            yield from _spec(value, name) if isinstance(value, Table) else _below(value, (name,))


def _spec(spec: Table, name: str) -> _Names:
    for key, value in spec.entries:
        field = plain_text(key.value)
        if field == "when" and isinstance(value, Table):
            yield from _section(value)
        elif field in SPEC_FIELDS:
            yield from _below(value, (name,))
        else:
            yield key.line, field
            yield key.line, _joined((name, field))
            yield from _below(value, (name, field))


def _below(node: Node | None, path: tuple[str, ...]) -> _Names:
    """Yield each key below `node`, alone and joined to the path that leads to it."""
    if isinstance(node, Row):
        for item in node.items:
            yield from _below(item, path)
    elif isinstance(node, Table):
        for key, value in node.entries:
            name = plain_text(key.value)
            yield key.line, name
            if path:
                yield key.line, _joined((*path, name))
            if name in _NAMING_FIELDS and isinstance(value, Scalar):
                yield value.line, plain_text(value.value)
            yield from _below(value, (*path, name))


def _joined(path: tuple[str, ...]) -> str:
    return ".".join(part[:_PART] for part in path)
