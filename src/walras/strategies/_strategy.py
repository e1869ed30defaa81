"""A strategy: its schema, its step function, and the source they came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from walras.core import DomainError, ParameterSpec, StrategySchema, Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from walras.market import Step


@dataclass(frozen=True)
class Strategy:
    """One strategy, ready to run.

    Attributes:
        schema: Its name and parameters.
        function: The plain Python step function; `walras.market` documents its arguments.
    """

    schema: StrategySchema
    function: Callable[..., int]

    @property
    def name(self) -> str:
        """Return the strategy's name."""
        return self.schema.strategy

    @cached_property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the file that defines the step function."""
        return sha256(Path(self.function.__code__.co_filename).read_bytes()).hexdigest()

    @cached_property
    def step(self) -> Step:
        """Return the compiled step function; the first use in a process compiles or loads it."""
        from walras.market import compile_step

        return compile_step(self.function)

    def vector(self, params: Mapping[str, Value]) -> NDArray[np.float64]:
        """Return `params` as the step function receives them: in schema order, as floats.

        A categorical value becomes its index in the declared choices, a bool 0 or 1.

        Raises:
            DomainError: If a parameter is missing, unknown, or outside its declared bounds.
        """
        import numpy as np

        unknown = sorted(set(params) - set(self.schema.by_name))
        missing = [spec.name for spec in self.schema.parameters if spec.name not in params]
        if unknown or missing:
            raise DomainError(f"{self.name}: unknown parameters {unknown}, missing {missing}.")
        return np.array([_number(spec, params[spec.name]) for spec in self.schema.parameters], np.float64)


def _number(spec: ParameterSpec, value: Value) -> float:
    if not spec.admits(value):
        raise DomainError(f"{spec.name}: {value!r} lies outside its declared bounds.")
    if spec.kind == "categorical":
        return float(spec.choices.index(str(value)))
    return float(value)
