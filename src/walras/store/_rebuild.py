"""Stored JSON back into specifications: values only, judged by nobody here. The caller's guard judges."""

from collections.abc import Mapping
from typing import Any

from walras.core import (
    Caps,
    Condition,
    Dimension,
    Json,
    ProposerSpec,
    ScenarioSet,
    SearchSpace,
    SearchSpec,
    Spent,
)


def spec_from_body(body: Mapping[str, Json], *, labels: Json = None) -> SearchSpec:
    """Rebuild a specification from the body of a header.

    Args:
        labels: Unit and description of each dimension, as `space_labels` gives them: text for people
            that is outside the digest.

    Raises:
        KeyError, TypeError, ValueError: If `body` has another shape.
    """
    row: Any = body
    scenarios = row["scenarios"]
    return SearchSpec(
        space=search_space_from_json(row["space"], labels=labels),
        proposer=ProposerSpec(kind=str(row["proposer"]["kind"]), options=dict(row["proposer"]["options"])),
        seed=_integer(row["seed"]),
        batch=_integer(row["batch"]),
        objective=str(row["objective"]),
        train=ScenarioSet.from_json(scenarios["train"]),
        validate=ScenarioSet.from_json(scenarios["validate"]),
        holdout=ScenarioSet.from_json(scenarios["holdout"]),
        engine=str(row["engine"]),
        strategy_schema=str(row["strategy_schema"]),
        policy=str(row["policy"]),
    )


def search_space_from_json(body: Json, *, labels: Json = None) -> SearchSpace:
    """Rebuild a search space from `SearchSpace.to_json`, without judging any name or bound.

    Raises:
        KeyError, TypeError, ValueError: If `body` has another shape.
    """
    row: Any = body
    texts: Any = labels if isinstance(labels, dict) else {}
    return SearchSpace(
        name=str(row["name"]),
        strategy=str(row["strategy"]),
        market=str(row["market"]),
        objective=str(row["objective"]),
        dimensions=tuple(_dimension(name, axis, texts.get(name)) for name, axis in row["parameters"].items()),
        fixed=dict(row["fixed"]),
    )


def space_labels(space: SearchSpace) -> dict[str, Json]:
    """Return unit and description of each dimension that has one; the digest leaves them out."""
    return {
        axis.name: {"unit": axis.unit, "description": axis.description}
        for axis in space.dimensions
        if axis.unit or axis.description
    }


def caps_from_json(body: Json) -> Caps:
    """Rebuild caps."""
    row: Any = body
    return Caps(**row)


def spent_from_json(body: Json) -> Spent:
    """Rebuild what was spent."""
    row: Any = body
    return Spent(**row)


def add_spent(left: Spent, right: Spent) -> Spent:
    """Return the sum of two costs."""
    return Spent(**{name: value + getattr(right, name) for name, value in vars(left).items()})


def _dimension(name: str, axis: Mapping[str, Any], label: Any) -> Dimension:
    text: Any = label if isinstance(label, dict) else {}
    return Dimension(
        name=name,
        kind=axis["type"],
        low=axis.get("low"),
        high=axis.get("high"),
        choices=tuple(axis.get("choices", ())),
        log=axis.get("log", False),
        step=axis.get("step"),
        unit=str(text.get("unit", "")),
        description=str(text.get("description", "")),
        default=axis["default"],
        when=_condition(axis.get("when")),
    )


def _condition(body: Mapping[str, Any] | None) -> Condition | None:
    if body is None:
        return None
    ((parameter, values),) = body.items()
    return Condition(parameter=parameter, values=tuple(values))


def _integer(value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"{ascii(value)[:60]} is not a whole number")
    return value
