"""The JSON Schema of an answer: flat and strict, without the keywords that servers reject or drop."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from walras.core import Dimension, Json, SearchSpace

_TYPES: Final[Mapping[str, str]] = {
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "categorical": "string",
}


def answer_schema(space: SearchSpace, *, count: int) -> dict[str, Json]:
    """Return the schema of an answer with `count` proposals; bounds are checked here, not there.

    A parameter that exists only under a condition may be null, since strict mode wants every name.
    """
    entry: dict[str, Json] = {
        "hypothesis": {"type": "string"},
        "params": _object({axis.name: _axis_schema(axis) for axis in space.dimensions}),
        "predicted_score": {"type": ["number", "null"]},
    }
    observation: dict[str, Json] = {"observation": {"type": "string"}}
    if count == 1:
        return _object({**observation, **entry})
    return _object({**observation, "proposals": {"type": "array", "items": _object(entry)}})


def answer_form(space: SearchSpace, *, count: int) -> str:
    """Return the form of an answer in words, for servers that enforce no schema."""
    conditional = any(axis.when is not None for axis in space.dimensions)
    absent = " A parameter that does not exist at the point is left out or null." if conditional else ""
    entry = '"hypothesis": text, "params": {name: value, ...}, "predicted_score": number or null'
    if count == 1:
        return f'{{"observation": text, {entry}}}{absent}'
    return f'{{"observation": text, "proposals": [{{{entry}}}, ... exactly {count} of them]}}{absent}'


def answer_example(space: SearchSpace, *, count: int) -> str:
    """Return an answer that proposes the defaults."""
    params: dict[str, Json] = dict(space.defaults)
    entry: dict[str, Json] = {
        "hypothesis": "A wider quote trades less and loses less to those who know more: "
        "adverse_selection_pusd falls by more than fills do.",
        "params": params,
        "predicted_score": None,
    }
    observation: dict[str, Json] = {
        "observation": "The last point missed its prediction: fills rose as expected, but so did "
        "adverse_selection_pusd."
    }
    body = {**observation, **entry} if count == 1 else {**observation, "proposals": [entry]}
    return json.dumps(body, ensure_ascii=True)


def _axis_schema(axis: Dimension) -> dict[str, Json]:
    kind = _TYPES[axis.kind]
    optional = axis.when is not None
    schema: dict[str, Json] = {"type": [kind, "null"] if optional else kind}
    if axis.kind == "categorical":
        schema["enum"] = [*axis.choices, None] if optional else list(axis.choices)
    return schema


def _object(properties: Mapping[str, Json]) -> dict[str, Json]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": dict(properties),
    }
