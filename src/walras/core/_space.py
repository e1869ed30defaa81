"""A search space: its dimensions, what it holds fixed, and the one point that is its default."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from walras.core._canonical import Json, digest
from walras.core._schema import Kind, Params, Value, is_of_kind

if TYPE_CHECKING:
    from numpy.random import Generator

SIGNIFICANT_DIGITS = 9


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A dimension exists only where `parameter` has one of `values`."""

    parameter: str
    values: tuple[Value, ...]

    def holds(self, params: Params) -> bool:
        """Say whether the condition is met by `params`, type and value alike."""
        if self.parameter not in params:
            return False
        got = params[self.parameter]
        return any(type(got) is type(value) and got == value for value in self.values)


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """One axis of a search space. Bounds are inclusive; a log axis has low > 0."""

    name: str
    kind: Kind
    low: float | int | None = None
    high: float | int | None = None
    choices: tuple[str, ...] = ()
    log: bool = False
    step: float | int | None = None
    unit: str = ""
    description: str = ""
    default: Value
    when: Condition | None = None

    def contains(self, value: object) -> bool:
        """Say whether `value` has this axis's exact type and lies on it."""
        if not is_of_kind(value, self.kind):
            return False
        if self.kind == "categorical":
            return value in self.choices
        if self.kind == "bool":
            return True
        low, high = self._bounds()
        if not low <= value <= high:  # type: ignore[operator]  # exact, also for integers no float can hold
            return False
        if self.step is None:
            return True
        number = float(value)  # type: ignore[arg-type]
        steps = (number - low) / float(self.step)
        return abs(steps - round(steps)) <= 1e-6

    def snap(self, value: Value) -> Value:
        """Return `value` at 9 significant digits, never outside the bounds it was inside of."""
        if self.kind != "float":
            return value
        number = float(value)
        if not math.isfinite(number):
            return number
        low, high = self._bounds()
        if self.step is not None and low <= number <= high:
            step = float(self.step)
            number = low + round((number - low) / step) * step
        snapped = float(f"{number:.{SIGNIFICANT_DIGITS}g}")
        if low <= number <= high:
            snapped = min(max(snapped, low), high)
        return snapped

    def from_unit(self, unit: float) -> Value:
        """Return the value at `unit` in [0, 1) along the axis: uniform, or log-uniform on a log axis."""
        if self.kind == "bool":
            return unit >= 0.5
        if self.kind == "categorical":
            return self.choices[min(int(unit * len(self.choices)), len(self.choices) - 1)]
        low, high = self._bounds()
        if self.kind == "int":
            step = int(self.step or 1)
            count = (int(high) - int(low)) // step + 1
            if self.log:
                start, stop = math.log(low - 0.5), math.log(high + 0.5)
                number = round(math.exp(start + unit * (stop - start)))
                index = round((number - int(low)) / step)
            else:
                index = int(unit * count)
            return int(low) + min(max(index, 0), count - 1) * step
        if self.log:
            number_f = math.exp(math.log(low) + unit * (math.log(high) - math.log(low)))
        elif self.step is not None:
            count = math.floor((high - low) / float(self.step) + 1e-9) + 1
            number_f = low + min(int(unit * count), count - 1) * float(self.step)
        else:
            number_f = low + unit * (high - low)
        return self.snap(min(max(number_f, low), high))

    def to_unit(self, value: Value) -> float:
        """Return where `value` lies along the axis, in [0, 1]; categories by index; equal bounds give 0."""
        if self.kind == "bool":
            return float(bool(value))
        if self.kind == "categorical":
            last = len(self.choices) - 1
            return self.choices.index(str(value)) / last if last else 0.0
        low, high = self._bounds()
        if high == low:
            return 0.0
        if self.log:
            return (math.log(float(value)) - math.log(low)) / (math.log(high) - math.log(low))
        return (float(value) - low) / (high - low)

    def to_json(self) -> dict[str, Json]:
        """Return the axis as it would stand in a space file, without empty fields."""
        body: dict[str, Json] = {"type": self.kind}
        if self.kind in ("int", "float"):
            body |= {"low": self.low, "high": self.high}
        if self.kind == "categorical":
            body["choices"] = list(self.choices)
        if self.log:
            body["log"] = True
        if self.step is not None:
            body["step"] = self.step
        if self.when is not None:
            body["when"] = {self.when.parameter: list(self.when.values)}
        body["default"] = self.default
        return body

    def _bounds(self) -> tuple[float, float]:
        assert self.low is not None  # noqa: S101  # an int or float axis always has bounds
        assert self.high is not None  # noqa: S101
        return float(self.low), float(self.high)


@dataclass(frozen=True, kw_only=True)
class SearchSpace:
    """The bounds of a search. Dimensions are kept sorted by name, so order in the file never matters.

    `fixed` are parameters that every iteration gets; `notes` is text for people, outside the digest.
    """

    name: str
    strategy: str
    dimensions: tuple[Dimension, ...]
    fixed: Mapping[str, Value] = field(default_factory=dict)
    market: str = "liquid_politics"
    objective: str = "belief_pnl"

    def __post_init__(self) -> None:
        object.__setattr__(self, "dimensions", tuple(sorted(self.dimensions, key=lambda axis: axis.name)))
        object.__setattr__(self, "fixed", dict(sorted(self.fixed.items())))

    @cached_property
    def by_name(self) -> Mapping[str, Dimension]:
        """Return the dimensions by name."""
        return {axis.name: axis for axis in self.dimensions}

    @cached_property
    def digest(self) -> str:
        """Return the digest of strategy, dimensions and fixed values: what makes scores comparable."""
        return digest(
            {
                "strategy": self.strategy,
                "parameters": {axis.name: axis.to_json() for axis in self.dimensions},
                "fixed": dict(self.fixed),
            }
        )

    @property
    def defaults(self) -> dict[str, Value]:
        """Return the default point: every active dimension's default."""
        return self.active({axis.name: axis.default for axis in self.dimensions})

    def active(self, params: Params) -> dict[str, Value]:
        """Return the part of `params` whose dimensions exist given the rest, sorted by name."""
        kept: dict[str, Value] = {}
        for axis in self._parents_first():
            if axis.name in params and (axis.when is None or axis.when.holds({**self.fixed, **kept})):
                kept[axis.name] = params[axis.name]
        return dict(sorted(kept.items()))

    def missing(self, params: Params) -> tuple[str, ...]:
        """Return the active dimensions that `params` lacks."""
        known = {**self.fixed, **params}
        return tuple(
            axis.name
            for axis in self.dimensions
            if axis.name not in params and (axis.when is None or axis.when.holds(known))
        )

    def contains(self, params: Params) -> bool:
        """Say whether `params` are exactly the active dimensions, each inside its bounds."""
        if (
            set(params) - set(self.by_name)
            or self.missing(params)
            or self.active(params).keys() != params.keys()
        ):
            return False
        return all(self.by_name[name].contains(value) for name, value in params.items())

    def sample(self, rng: "Generator") -> dict[str, Value]:
        """Return one uniform point: one draw a dimension, in name order, whether it is active or not."""
        return self.active({axis.name: axis.from_unit(float(rng.random())) for axis in self.dimensions})

    def snap(self, params: Params) -> dict[str, Value]:
        """Return `params` with floats at 9 significant digits; unknown names pass unchanged."""
        return {
            name: self.by_name[name].snap(value) if name in self.by_name else value
            for name, value in sorted(params.items())
        }

    def to_json(self) -> dict[str, Json]:
        """Return the space as its file would say it."""
        return {
            "name": self.name,
            "strategy": self.strategy,
            "market": self.market,
            "objective": self.objective,
            "parameters": {axis.name: axis.to_json() for axis in self.dimensions},
            "fixed": dict(self.fixed),
        }

    def _parents_first(self) -> tuple[Dimension, ...]:
        done: dict[str, Dimension] = {}
        rest = list(self.dimensions)
        while rest:
            ready = [
                axis
                for axis in rest
                if axis.when is None or axis.when.parameter in done or axis.when.parameter not in self.by_name
            ]
            if not ready:
                break  # a cycle: the guard refuses such a file; nothing on it is ever active
            for axis in ready:
                done[axis.name] = axis
            rest = [axis for axis in rest if axis.name not in done]
        return tuple(done.values())
