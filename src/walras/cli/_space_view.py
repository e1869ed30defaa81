"""A search space as a table."""

from walras.cli._format import setting
from walras.cli._headline import bounds_text, declared
from walras.cli._output import heading, table
from walras.cli._terminal import one_line
from walras.core import Condition, SearchSpace


def tell_dimensions(space: SearchSpace) -> None:
    """Print one row a dimension, then what is held fixed."""
    rows = []
    for axis in space.dimensions:
        bounds = bounds_text(axis.low, axis.high, axis.choices)
        scale = "log" if axis.log else ""
        step = "" if axis.step is None else f"step {setting(axis.step)}"
        shape = " ".join(part for part in (axis.kind, scale, step) if part)
        rows.append(
            (
                one_line(axis.name, 128),
                shape,
                bounds,
                setting(axis.default),
                one_line(axis.unit, 20),
                one_line(_told(axis.description, axis.when), 200),
            )
        )
    table(("parameter", "type", "searched in", ">default", "unit", "what it is"), rows)
    if space.fixed:
        heading("Held fixed")
        known = declared(space.strategy)
        table(
            ("parameter", ">value", "unit", ">default"),
            [
                (one_line(name), setting(value), *known.get(name, ("", "")))
                for name, value in space.fixed.items()
            ],
        )


def _told(description: str, when: Condition | None) -> str:
    if when is None:
        return description
    return f"Only where {when.parameter} is {' or '.join(map(str, when.values))}. {description}"
