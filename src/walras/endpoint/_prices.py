"""The price table: what a million tokens of a model cost. It belongs to the user; we ship no prices."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from walras.core import Json, UsageError


@dataclass(frozen=True)
class Price:
    """US dollars a million tokens."""

    prompt: float
    completion: float


@dataclass(frozen=True)
class PriceTable:
    """Prices by exact model name; "*" stands for every other model."""

    models: Mapping[str, Price] = field(default_factory=dict)

    def usd(self, model: str, *, prompt_tokens: int, completion_tokens: int) -> float | None:
        """Return the price of one call, or None where the model has no price."""
        price = self.models.get(model, self.models.get("*"))
        if price is None:
            return None
        return (prompt_tokens * price.prompt + completion_tokens * price.completion) / 1_000_000

    def require(self, model: str) -> None:
        """Check that `model` has a price: a cap on money means nothing without one.

        Raises:
            UsageError: If it has none.
        """
        if model not in self.models and "*" not in self.models:
            raise UsageError(
                f"--max-usd needs a price for model {model!r}.",
                hint="Give --price-in and --price-out (US dollars a million tokens), or --prices FILE.",
            )

    def to_json(self) -> dict[str, Json]:
        """Return the table as its file would say it."""
        return {name: {"in": p.prompt, "out": p.completion} for name, p in sorted(self.models.items())}


def load_prices(
    path: Path | None = None, *, price_in: float | None = None, price_out: float | None = None
) -> PriceTable:
    """Return the table of a JSON file `{"model": {"in": 0.15, "out": 0.6}}` and of two flags, which win.

    Raises:
        UsageError: If the file cannot be read or has another shape, or only one flag is given.
    """
    models: dict[str, Price] = {}
    if path is not None:
        models |= _read(path)
    if (price_in is None) != (price_out is None):
        raise UsageError("--price-in and --price-out belong together.", hint="Give both, or neither.")
    if price_in is not None and price_out is not None:
        models = {"*": _price("--price-in/--price-out", price_in, price_out)}
    return PriceTable(models)


def _read(path: Path) -> dict[str, Price]:
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"Price table {path} cannot be read: {error}.") from error
    shape = 'Write {"model name": {"in": 0.15, "out": 0.6}}, US dollars a million tokens.'
    if not isinstance(body, dict):
        raise UsageError(f"Price table {path} is not a JSON object.", hint=shape)
    prices: dict[str, Price] = {}
    for name, row in body.items():
        if not isinstance(row, dict) or set(row) != {"in", "out"}:
            raise UsageError(f"Price table {path}: {name!r:.80} needs exactly 'in' and 'out'.", hint=shape)
        prices[name] = _price(f"Price table {path}: {name!r:.80}", row["in"], row["out"])
    return prices


def _price(where: str, prompt: object, completion: object) -> Price:
    for value in (prompt, completion):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(float(value)) or float(value) < 0:  # type: ignore[arg-type]
            raise UsageError(f"{where}: a price is a number of at least 0, got {value!r:.80}.")
    return Price(float(prompt), float(completion))  # type: ignore[arg-type]
