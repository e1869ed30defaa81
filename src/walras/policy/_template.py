"""Write the space file that a researcher starts from: every tunable of a strategy."""

import json

from walras.core import ParameterSpec, StrategySchema
from walras.policy._read_space import DEFAULT_MARKET, DEFAULT_OBJECTIVE


def space_template(
    schema: StrategySchema,
    *,
    name: str = "",
    market: str = DEFAULT_MARKET,
    objective: str = DEFAULT_OBJECTIVE,
) -> str:
    """Return YAML with every tunable, its declared bounds, default, unit and description.

    `read_space` accepts it as it is; narrow the bounds before a search.
    """
    head = (
        f"# {_line(schema.description)}",
        "# Narrow the bounds to what you want searched; delete what should keep its default.",
        f"name: {_text(name or schema.strategy.replace('_', '-'))}",
        f"strategy: {_text(schema.strategy)}",
        f"market: {_text(market)}",
        f"objective: {_text(objective)}",
        "parameters:",
    )
    body = (line for spec in schema.parameters if spec.tunable for line in _parameter(spec))
    return "\n".join((*head, *body)) + "\n"


def _parameter(spec: ParameterSpec) -> tuple[str, ...]:
    fields: dict[str, str] = {"type": spec.kind}
    if spec.kind in ("int", "float"):
        fields |= {"low": repr(spec.low), "high": repr(spec.high)}
    if spec.kind == "categorical":
        fields["choices"] = f"[{', '.join(map(_text, spec.choices))}]"
    if spec.step is not None:
        fields["step"] = repr(spec.step)
    elif spec.log:
        fields["log"] = "true"
    fields["default"] = _text(spec.default)
    if spec.unit:
        fields["unit"] = _text(spec.unit)
    inner = ", ".join(f"{field}: {value}" for field, value in fields.items())
    told = [f"  # {_line(spec.description)}"] if spec.description else []
    told += [f"  # Risk: {_line(spec.risk)}"] if spec.risk else []
    return (*told, f"  {spec.name}: {{{inner}}}")


def _text(value: object) -> str:
    """Return a scalar as JSON writes it, which YAML reads the same; plain words go without quotes."""
    if isinstance(value, str) and value.replace("_", "").replace("-", "").isalpha() and value.isascii():
        return (
            value
            if value.lower() not in ("true", "false", "null", "yes", "no", "on", "off")
            else json.dumps(value)
        )
    return json.dumps(value, ensure_ascii=False)


def _line(text: str) -> str:
    return " ".join(text.split())
