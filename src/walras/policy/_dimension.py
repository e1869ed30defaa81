"""Build one dimension from its mapping in a space file, inside what the strategy declares."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, cast, get_args

from walras.core import Condition, Dimension, Kind, ParameterSpec, Value
from walras.policy._document import UNREAD, Builder, Row, Scalar, Table
from walras.policy._fields import Fields, is_unread, normal, shown
from walras.policy._names import plain_text, printable
from walras.policy._sightings import SPEC_FIELDS

KIND_NAMES: Final[tuple[Kind, ...]] = get_args(Kind)
DIGITS: Final = 9
"""Floats are snapped to as many significant digits before they are judged."""

_RANGE: Final = ("low", "high", "step", "log")


def read_dimension(
    name: str, table: Table, spec: ParameterSpec, builder: Builder
) -> tuple[Dimension | None, Fields]:
    """Return the dimension, or None where it has faults, and its fields; `when` is read later."""
    fields = Fields(table, name, SPEC_FIELDS, builder)
    before = len(builder.faults)
    kind = _kind(fields, spec)
    if kind is None:
        return None, fields
    bounds = _bounds(fields, spec, kind)
    choices = _choices(fields, spec) if kind == "categorical" else ()
    _refuse_foreign(fields, kind)
    log = fields.value("log", "bool") if kind in ("int", "float") else False
    step = _step(fields, kind, bounds)
    if log and bounds is not None and bounds[0] <= 0:
        fields.fault("log", "a log axis needs low > 0.", "Raise low, or drop log.")
    if log and "step" in fields:
        fields.fault("log", "log and step exclude each other.", "Drop one of the two.")
    unit = fields.text("unit", default=spec.unit)
    description = fields.text("description", default=spec.description)
    given = fields.value("default", kind)
    unread = (kind in ("int", "float") and bounds is None) or (kind == "categorical" and not choices)
    if len(builder.faults) > before or unread:
        return None, fields
    low, high = bounds or (None, None)
    axis = Dimension(
        name=name,
        kind=kind,
        low=low,
        high=high,
        choices=choices,
        log=bool(log),
        step=step,
        unit=unit or "",
        description=description or "",
        default=_default(given, spec, bounds, choices),
    )
    if not axis.contains(axis.default):
        _fault_default(fields, axis, is_given=given is not None)
        return None, fields
    return axis, fields


def read_condition(fields: Fields, known: Mapping[str, Dimension | Value | None]) -> Condition | None:
    """Return the `when` of a dimension; `known` are the others and the fixed values, None if faulty."""
    node = fields.get("when")
    if node is None:
        return None
    if not isinstance(node, Table) or len(node.entries) != 1:
        fields.fault("when", f"is {shown(node)}, not one parameter.", "Write when: {parameter: value}.")
        return None
    key, value = node.entries[0]
    name = plain_text(key.value)
    if name not in known:
        fields.fault(
            "when", f"{printable(name)} is neither searched nor fixed here.", "Add it, or drop when."
        )
        return None
    parent = known[name]
    if parent is None:
        return None
    items = value.items if isinstance(value, Row) else (value,)
    values = [_on_parent(parent, item) for item in items]
    if any(map(is_unread, items)):
        return None
    if not values or any(one is None for one in values):
        fields.fault("when", f"{printable(name)} cannot take that value here.", "Name a value it can have.")
        return None
    return Condition(parameter=name, values=tuple(one for one in values if one is not None))


def _on_parent(parent: Dimension | Value, item: object) -> Value | None:
    if not isinstance(item, Scalar):
        return None
    if isinstance(parent, Dimension):
        return normal(item.value, parent.kind) if parent.contains(item.value) else None
    if type(parent) is float and type(item.value) is int:
        return float(item.value)
    return item.value if type(item.value) is type(parent) else None


def _kind(fields: Fields, spec: ParameterSpec) -> Kind | None:
    said = fields.text("type")
    if said is None:
        return None
    if said not in KIND_NAMES:
        fields.fault("type", f"{printable(said)} is no type.", f"Write one of {', '.join(KIND_NAMES)}.")
        return None
    if said != spec.kind:
        fields.fault("type", f"is {said}; the strategy declares {spec.kind}.", f"Write type: {spec.kind}.")
        return None
    return spec.kind


def _refuse_foreign(fields: Fields, kind: Kind) -> None:
    foreign = ("choices",) if kind in ("int", "float") else _RANGE
    for name in foreign if kind != "bool" else (*_RANGE, "choices"):
        if name in fields:
            fields.fault(name, f"does not belong to type {kind}.", "Remove it.")


def _bounds(fields: Fields, spec: ParameterSpec, kind: Kind) -> tuple[float | int, float | int] | None:
    if kind not in ("int", "float"):
        return None
    for name in ("low", "high"):
        if name not in fields:
            fields.fault(name, "is missing.", f"Write {name}: {getattr(spec, name)}.")
    low, high = fields.value("low", kind), fields.value("high", kind)
    if low is None or high is None:
        return None
    low, high = cast("float", low), cast("float", high)
    if low > high:
        fields.fault("low", f"{low} is above high {high}.", "Swap them.")
        return None
    inside = True
    for name, bound in (("low", low), ("high", high)):
        if not spec.admits(bound):
            inside = False
            fields.fault(
                name,
                f"{bound} lies outside what the strategy declares.",
                f"Stay inside {spec.low}..{spec.high}.",
            )
    return (low, high) if inside else None


def _step(fields: Fields, kind: Kind, bounds: tuple[float, float] | None) -> float | int | None:
    if kind not in ("int", "float"):
        return None
    step = cast("float | None", fields.value("step", kind))
    if step is None or bounds is None:
        return None
    low, high = bounds
    if step <= 0 or (high > low and step > high - low):
        fields.fault("step", f"{step} is not between 0 and the width {high - low}.", "Choose a smaller step.")
    elif abs((high - low) / step - round((high - low) / step)) > 1e-6:
        reached = low + (high - low) // step * step
        fields.fault("step", f"high {high} is not low plus whole steps.", f"Write high: {reached:.12g}.")
    elif _digits(low, high, step) > DIGITS:
        fields.fault(
            "step", f"its grid needs more than {DIGITS} significant digits.", "Choose a rounder step."
        )
    return step


def _digits(low: float, high: float, step: float) -> int:
    parts = [Decimal(repr(value)).normalize() for value in (low, high, step)]
    finest = min(int(part.as_tuple().exponent) for part in (parts[0], parts[2]) if part)
    return max(part.adjusted() for part in parts) - finest + 1


def _choices(fields: Fields, spec: ParameterSpec) -> tuple[str, ...]:
    node = fields.get("choices")
    declared = ", ".join(spec.choices)
    if not isinstance(node, Row) or not node.items:
        what = "is missing." if node is None else "is not a list of choices."
        what = "is empty." if isinstance(node, Row) else what
        fields.fault("choices", what, f"List some of: {declared}.")
        return ()
    chosen = []
    for item in node.items:
        text = item.value if isinstance(item, Scalar) else None
        if text is UNREAD:
            return ()
        if type(text) is not str or text not in spec.choices:
            fields.fault(
                "choices", f"holds {shown(item)}, which is not declared.", f"Choose from: {declared}."
            )
        elif text in chosen:
            fields.fault("choices", f"lists {printable(text)} twice.", "Keep one.")
        else:
            chosen.append(text)
    return tuple(chosen)


def _default(
    given: Value | None,
    spec: ParameterSpec,
    bounds: tuple[float | int, float | int] | None,
    choices: tuple[str, ...],
) -> Value:
    """Return the default: as given, the only value there is, or the strategy's own."""
    if given is not None:
        return given
    if bounds is not None and bounds[0] == bounds[1]:
        return bounds[0]
    if len(choices) == 1:
        return choices[0]
    return normal(spec.default, spec.kind)


def _fault_default(fields: Fields, axis: Dimension, *, is_given: bool) -> None:
    where = f"{axis.low}..{axis.high}" if axis.kind in ("int", "float") else ", ".join(axis.choices)
    steps = f" in steps of {axis.step}" if axis.step is not None else ""
    whose = "the default" if is_given else "the strategy's default"
    fields.fault(
        "default",
        f"{whose} {axis.default!r} lies outside {where}{steps}.",
        "Widen the range, or give a default inside it: the first iteration tries it.",
    )
