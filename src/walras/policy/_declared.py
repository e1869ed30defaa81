"""Default deny: only what the strategy declares tunable, under exactly that name, can be given a value."""

from collections.abc import Iterable

from walras.core import Kind, ParameterSpec, StrategySchema, Value, is_of_kind
from walras.policy._document import Builder, Node, Scalar
from walras.policy._fields import EXAMPLES, KINDS, is_unread, nearest_parameter, normal, shown
from walras.policy._names import is_name, printable
from walras.policy._refusal import NOT_TUNABLE
from walras.policy._scalars import resolve


def declared(key: Scalar, schema: StrategySchema, builder: Builder) -> ParameterSpec | None:
    """Return what the strategy declares under exactly this name: everything else is denied."""
    if type(key.value) is not str:
        return None  # noted when the document was parsed
    tunable = [one.name for one in schema.parameters if one.tunable]
    near = nearest_parameter(key.value, tunable)
    if not is_name(key.value):
        mend = f"{near}Write ASCII segments joined by dots, such as strategy.mm.order_size."
        builder.fault(key.line, printable(key.value), "is not a plain name.", mend)
        return None
    spec = schema.by_name.get(key.value)
    if spec is None or not spec.tunable:
        what = f"strategy {schema.strategy} does not declare it tunable."
        mend = f"{near}Tunable: {', '.join(tunable)}."
        builder.fault(key.line, printable(key.value), what, mend, code=NOT_TUNABLE)
        return None
    return spec


def assign(
    entries: Iterable[tuple[Scalar, Node]],
    schema: StrategySchema,
    builder: Builder,
    where: str,
    *,
    typed: bool,
) -> dict[str, Value]:
    """Return the values assigned to declared names; with `typed`, values are text to be read by kind."""
    assigned: dict[str, Value] = {}
    for key, node in entries:
        spec = declared(key, schema, builder)
        if spec is None:
            continue
        if is_unread(node):
            continue
        value = node.value if isinstance(node, Scalar) else None
        if typed:
            value = _from_text(str(value), spec.kind)
        if spec.admits(value):
            assigned[spec.name] = normal(value, spec.kind)
            continue
        allowed = ", ".join(spec.choices) or (f"{spec.low}..{spec.high}" if spec.low is not None else "")
        mend = f"Write {EXAMPLES[spec.kind]}{f'; allowed: {allowed}' if allowed else ''}."
        what = f"{shown(node)} lies outside what the strategy declares."
        if not is_of_kind(value, spec.kind):
            what = f"is {shown(node)}, not {KINDS[spec.kind]}."
        builder.fault(node.line, f"{where}, {spec.name}", what, mend)
    return assigned


def _from_text(text: str, kind: Kind) -> object:
    """Return what `text`, typed on a command line, means for a parameter of `kind`; never a guess."""
    if kind == "categorical":
        return text
    value, complaint = resolve(text)
    return text if complaint else value
