"""A hand-made outcome whose report can be computed on paper."""

from dataclasses import fields
from typing import Any

import numpy as np

from walras.core import Scenario
from walras.market import REJECTIONS, ScenarioOutcome

SCENARIO = Scenario("liquid_politics", 900_001, 6_400)


def outcome(**changed: Any) -> ScenarioOutcome:
    """Return an outcome of zeros, with `changed` fields; lists become int64 arrays."""
    shapes = {
        "block_pnl_upusd": 64,
        "rejections": len(REJECTIONS),
        "maker_markout_upusd": 3,
        "maker_markout_lots": 3,
        "taker_markout_upusd": 3,
        "taker_markout_lots": 3,
        "regime_pnl_upusd": 2,
        "regime_fills": 2,
        "regime_events": 2,
    }
    values: dict[str, Any] = {field.name: 0 for field in fields(ScenarioOutcome)}
    values |= {name: [0] * size for name, size in shapes.items()}
    values |= {"events": 6_400, "belief_steps": 800, "decisions": 64}
    values |= changed
    return ScenarioOutcome(
        **{k: np.array(v, np.int64) if isinstance(v, list) else v for k, v in values.items()}
    )


def blocks(*first: int) -> list[int]:
    """Return 64 blocks that begin with `first` and end in zeros."""
    return [*first, *([0] * (64 - len(first)))]
