"""Values typed after `--set`, in a params file, or given from Python: the gates see their names first."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from walras.core import InvalidFile, SearchSpace, StrategySchema, Value
from walras.policy._declared import assign
from walras.policy._document import Builder, Node, Table
from walras.policy._fields import shown
from walras.policy._plain import parse_plain
from walras.policy._policy import Policy
from walras.policy._read_space import space_from_record
from walras.policy._refusal import PROPOSAL_INVALID, guard_failed, hard_gate_error
from walras.policy._sightings import Sighting, gated_in_params
from walras.policy._source import open_document


def read_params(
    schema: StrategySchema,
    policy: Policy,
    *,
    file: Path | None = None,
    values: Mapping[str, object] | None = None,
    texts: Mapping[str, str] | None = None,
) -> dict[str, Value]:
    """Return a candidate for the guard, from a file, from Python and from `--set`; the later one wins.

    Args:
        schema: What the strategy declares.
        policy: The gates in force today.
        file: YAML or JSON mapping of names to values, as `walras params` prints.
        values: Names to values.
        texts: Name to text, as typed after `--set`.

    Raises:
        RefusedByPolicy: If any name touches a hard gate; the winning source does not matter.
        InvalidFile: With every fault, each with its line where it has one.
    """
    builder = Builder(PROPOSAL_INVALID)
    roots: list[tuple[str, Node | None]] = []
    if file is not None:
        document = open_document(file, code=PROPOSAL_INVALID)
        builder.faults += document.faults
        roots.append((document.label, document.root))
    roots.append(("parameters", parse_plain(dict(values or {}), builder)))
    roots.append(("--set", parse_plain(dict(texts or {}), builder)))
    for label, root in roots:
        sightings = _look_for_gates(root, policy)
        if sightings:
            raise hard_gate_error(label, sightings)
    candidate: dict[str, Value] = {}
    for label, root in roots:
        candidate |= _assignments(root, schema, builder, label, typed=label == "--set")
    if builder.faults:
        raise InvalidFile(roots[0][0] if file is not None else "parameters", builder.faults)
    return candidate


def fix_parameters(
    space: SearchSpace, texts: Mapping[str, str], *, schema: StrategySchema, policy: Policy
) -> SearchSpace:
    """Return `space` with the named parameters held at the given values; a searched one is searched no more.

    Raises:
        RefusedByPolicy: If a name touches a hard gate.
        InvalidFile: If a name is not tunable, a value is out of bounds, or nothing is left to search.
    """
    assigned = read_params(schema, policy, texts=texts)
    axes = tuple(axis for axis in space.dimensions if axis.name not in assigned)
    held = replace(space, dimensions=axes, fixed={**space.fixed, **assigned})
    space_from_record(held.to_json(), schema_of=lambda _: schema, policy=policy)
    return held


def _look_for_gates(root: Node | None, policy: Policy) -> tuple[Sighting, ...]:
    """Return the gated names among assignments.

    Raises:
        RefusedByPolicy: If the guard itself fails.
    """
    try:
        return gated_in_params(root, policy)
    except Exception as error:
        raise guard_failed(error) from error


def _assignments(
    root: Node | None, schema: StrategySchema, builder: Builder, label: str, *, typed: bool
) -> dict[str, Value]:
    if root is None:
        return {}
    if not isinstance(root, Table):
        builder.fault(root.line, label, f"is {shown(root)}, not a mapping.", "Write name: value lines.")
        return {}
    return assign(root.entries, schema, builder, label, typed=typed)
