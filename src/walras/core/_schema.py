"""What a strategy declares about each of its parameters."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from walras.core._canonical import Json, digest
from walras.core._errors import DomainError

Value: TypeAlias = bool | int | float | str
Params: TypeAlias = Mapping[str, Value]
Kind: TypeAlias = Literal["int", "float", "categorical", "bool"]


def is_of_kind(value: object, kind: Kind) -> bool:
    """Say whether `value` has exactly the type of `kind`: no bool for int, no int subclass, finite floats.

    An int is accepted where a float is declared; nothing else is coerced.
    """
    if kind == "bool":
        return type(value) is bool
    if kind == "int":
        return type(value) is int
    if kind == "categorical":
        return type(value) is str
    return type(value) is int or (type(value) is float and math.isfinite(value))


@dataclass(frozen=True, kw_only=True)
class ParameterSpec:
    """One parameter of a strategy: its type, declared bounds, default, unit, and what it risks.

    `low`/`high` belong to int and float, `choices` to categorical; both bounds are inclusive.
    """

    name: str
    kind: Kind
    default: Value
    description: str
    low: float | int | None = None
    high: float | int | None = None
    choices: tuple[str, ...] = ()
    log: bool = False
    step: float | int | None = None
    unit: str = ""
    risk: str = ""
    tunable: bool = True

    def __post_init__(self) -> None:
        if self.kind in ("int", "float"):
            if self.low is None or self.high is None or not self.low <= self.high:
                raise DomainError(f"{self.name}: needs low <= high, got {self.low!r} and {self.high!r}.")
        elif self.kind == "categorical" and not self.choices:
            raise DomainError(f"{self.name}: needs at least one choice.")
        if not self.admits(self.default):
            raise DomainError(f"{self.name}: default {self.default!r} lies outside its own bounds.")

    def admits(self, value: object) -> bool:
        """Say whether `value` has the declared type and lies inside the declared bounds."""
        if not is_of_kind(value, self.kind):
            return False
        if self.kind == "categorical":
            return value in self.choices
        if self.kind == "bool":
            return True
        return bool(self.low <= value <= self.high)  # type: ignore[operator]

    def to_json(self) -> dict[str, Json]:
        """Return every field as JSON."""
        return {
            "name": self.name,
            "kind": self.kind,
            "default": self.default,
            "description": self.description,
            "low": self.low,
            "high": self.high,
            "choices": list(self.choices),
            "log": self.log,
            "step": self.step,
            "unit": self.unit,
            "risk": self.risk,
            "tunable": self.tunable,
        }


@dataclass(frozen=True)
class StrategySchema:
    """A strategy's name, its one-line description, and all of its parameters in declared order."""

    strategy: str
    description: str
    parameters: tuple[ParameterSpec, ...]

    def __post_init__(self) -> None:
        names = [spec.name for spec in self.parameters]
        if len(set(names)) != len(names):
            raise DomainError(f"{self.strategy}: parameter names are not unique.")

    @cached_property
    def by_name(self) -> Mapping[str, ParameterSpec]:
        """Return the parameters by exact name."""
        return {spec.name: spec for spec in self.parameters}

    @property
    def defaults(self) -> dict[str, Value]:
        """Return every parameter's default, in declared order."""
        return {spec.name: spec.default for spec in self.parameters}

    @cached_property
    def digest(self) -> str:
        """Return the digest of what the schema declares; descriptions are not part of it."""
        told = {"description", "risk"}
        rows: list[Json] = [
            {key: value for key, value in spec.to_json().items() if key not in told}
            for spec in self.parameters
        ]
        return digest({"strategy": self.strategy, "parameters": rows})
