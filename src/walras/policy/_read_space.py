"""Read a search space strictly: gates first over all names, then form, then what the strategy declares."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from walras.core import (
    Condition,
    Dimension,
    InvalidFile,
    SearchSpace,
    StrategySchema,
    UnknownName,
    Value,
)
from walras.policy._declared import assign, declared
from walras.policy._dimension import read_condition, read_dimension
from walras.policy._document import Builder, Document, Node, Scalar, Table
from walras.policy._fields import Fields, shown
from walras.policy._names import plain_text, printable
from walras.policy._policy import Policy
from walras.policy._refusal import guard_failed, hard_gate_error
from walras.policy._sightings import TOP_FIELDS, Sighting, gated_in_space
from walras.policy._source import SPACE_INVALID, Form, open_document

MAX_PARAMETERS: Final = 256
DEFAULT_MARKET: Final = "liquid_politics"
DEFAULT_OBJECTIVE: Final = "belief_pnl"

SchemaOf = Callable[[str], StrategySchema]


def read_space(
    source: Path | str | bytes | dict[str, object],
    *,
    schema_of: SchemaOf,
    policy: Policy,
    form: Form = "yaml",
    label: str = "",
    markets: Collection[str] = (),
    objectives: Collection[str] = (),
) -> SearchSpace:
    """Return the search space that `source` describes; it is parsed once, here.

    Args:
        source: A file (`.json` is JSON, all else YAML 1.2), a text in `form`, or a plain dict.
        schema_of: Returns a strategy's schema by name, or raises UnknownName.
        policy: The gates in force today.
        form: How a text is written.
        label: What messages call the source; a path names itself.
        markets: The markets there are; empty leaves the question to others.
        objectives: The objectives there are; empty leaves the question to others.

    Raises:
        RefusedByPolicy: If any name anywhere in the source touches a hard gate, or the guard failed.
        InvalidFile: With every fault of the source, each with its line and mend.
    """
    document = open_document(source, form=form, label=label)
    sightings = _look_for_gates(document, policy)
    if sightings:
        raise hard_gate_error(document.label, sightings)
    builder = Builder(SPACE_INVALID, list(document.faults))
    space = None
    if document.root is not None:
        space = _space(document.root, builder, schema_of)
        _refuse_unknown(document.root, builder, {"market": markets, "objective": objectives})
    if builder.faults or space is None:
        raise InvalidFile(document.label, sorted(builder.faults, key=lambda fault: fault.line or 0))
    return space


def space_from_record(body: object, *, schema_of: SchemaOf, policy: Policy) -> SearchSpace:
    """Return a stored or imported space, as `SearchSpace.to_json` wrote it, judged under today's policy.

    Raises:
        RefusedByPolicy: If it names what a gate locks today.
        InvalidFile: If it is not a space of this strategy (any more).
    """
    return read_space(body, schema_of=schema_of, policy=policy, label="stored space")  # type: ignore[arg-type]


def _look_for_gates(document: Document, policy: Policy) -> tuple[Sighting, ...]:
    try:
        return gated_in_space(document.root, policy)
    except Exception as error:
        raise guard_failed(error) from error


def _space(root: Node, builder: Builder, schema_of: SchemaOf) -> SearchSpace | None:
    if not isinstance(root, Table):
        builder.fault(root.line, "space", f"is {shown(root)}, not a mapping.", "Begin with name: ...")
        return None
    fields = Fields(root, "", TOP_FIELDS, builder)
    name = fields.text("name")
    market = fields.text("market", default=DEFAULT_MARKET)
    objective = fields.text("objective", default=DEFAULT_OBJECTIVE)
    schema = _schema(fields, schema_of)
    if schema is None:
        return None
    dimensions, read = _dimensions(fields, schema, builder)
    fixed = _fixed(fields, schema, builder, searched=read)
    conditions = _conditions(read, {**dict.fromkeys(read), **fixed, **dimensions})
    _refuse_cycles(read, conditions)
    return SearchSpace(
        name=name or "",
        strategy=schema.strategy,
        dimensions=tuple(replace(axis, when=conditions.get(axis.name)) for axis in dimensions.values()),
        fixed=fixed,
        market=market or "",
        objective=objective or "",
    )


def _schema(fields: Fields, schema_of: SchemaOf) -> StrategySchema | None:
    name = fields.text("strategy")
    if name is None:
        return None
    try:
        return schema_of(name)
    except UnknownName as error:
        fields.fault("strategy", f"there is no strategy {printable(name)}.", error.hint)
        return None


def _section(fields: Fields, name: str, builder: Builder) -> tuple[tuple[Scalar, Node], ...]:
    node = fields.get(name)
    if node is None:
        return ()
    if not isinstance(node, Table):
        builder.fault(
            node.line, name, f"is {shown(node)}, not a mapping.", f"Write {name}: {{parameter: ...}}."
        )
        return ()
    if len(node.entries) > MAX_PARAMETERS:
        what = f"has {len(node.entries)} parameters; at most {MAX_PARAMETERS} are allowed."
        builder.fault(node.line, name, what, "Remove some.")
        return ()
    return node.entries


def _dimensions(
    fields: Fields, schema: StrategySchema, builder: Builder
) -> tuple[dict[str, Dimension], dict[str, Fields]]:
    dimensions: dict[str, Dimension] = {}
    read: dict[str, Fields] = {}
    if "parameters" not in fields:
        fields.fault("parameters", "is missing.", "Name at least one parameter to search.")
    elif isinstance(table := fields.get("parameters"), Table) and not table.entries:
        fields.fault("parameters", "is empty.", "Name at least one parameter to search.")
    for key, value in _section(fields, "parameters", builder):
        spec = declared(key, schema, builder)
        if spec is None:
            continue
        if not isinstance(value, Table):
            mend = f"Write {spec.name}: {{type: {spec.kind}, ...}}."
            builder.fault(value.line, spec.name, f"is {shown(value)}, not a mapping.", mend)
            continue
        axis, read[spec.name] = read_dimension(spec.name, value, spec, builder)
        if axis is not None:
            dimensions[spec.name] = axis
    return dimensions, read


def _fixed(
    fields: Fields,
    schema: StrategySchema,
    builder: Builder,
    *,
    searched: Collection[str],
) -> dict[str, Value]:
    entries = _section(fields, "fixed", builder)
    for key, _ in entries:
        if key.value in searched:
            where = printable(plain_text(key.value))
            builder.fault(key.line, where, "is both searched and fixed.", "Keep one of the two.")
    return assign(entries, schema, builder, "fixed", typed=False)


def _refuse_unknown(root: Node, builder: Builder, known: Mapping[str, Collection[str]]) -> None:
    for kind, names in known.items():
        for _, value in root.find(kind) if isinstance(root, Table) and names else ():
            if isinstance(value, Scalar) and type(value.value) is str and value.value not in names:
                what = f"there is no {kind} {printable(value.value)}."
                builder.fault(value.line, kind, what, f"Choose one of: {', '.join(sorted(names))}.")


def _conditions(
    read: Mapping[str, Fields], known: Mapping[str, Dimension | Value | None]
) -> dict[str, Condition]:
    found: dict[str, Condition] = {}
    for name, fields in read.items():
        others = {other: value for other, value in known.items() if other != name}
        condition = read_condition(fields, others)
        if condition is not None:
            found[name] = condition
    return found


def _refuse_cycles(read: Mapping[str, Fields], conditions: Mapping[str, Condition]) -> None:
    for name in conditions:
        seen, at = {name}, conditions[name].parameter
        while at in conditions and at not in seen:
            seen.add(at)
            at = conditions[at].parameter
        if at == name:
            read[name].fault("when", "waits for itself in a circle.", "Break the circle.")
