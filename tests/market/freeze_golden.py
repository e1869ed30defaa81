"""Write golden.json afresh after a reviewed change: `python -m tests.market.freeze_golden`."""

import json
from pathlib import Path

from walras.core import Scenario
from walras.market import ENGINE_VERSION, engine_fingerprint, simulate
from walras.strategies import load_strategy

CASES = [
    ("market_maker", {}, 900_010, 20_000),
    ("market_maker", {"strategy.mm.half_spread_ticks": 1, "strategy.mm.mode": "join"}, 900_011, 20_000),
    ("market_maker", {"strategy.mm.quote_ttl_ms": 150, "strategy.mm.order_size": 900.0}, 900_012, 20_001),
    ("inventory_maker", {}, 900_010, 20_000),
    ("inventory_maker", {"strategy.im.risk_aversion": 0.1, "strategy.im.fill_decay": 30.0}, 900_013, 50_007),
    ("fair_value_taker", {"strategy.fvt.edge_ticks": 0.0}, 900_010, 20_000),
    ("fair_value_taker", {"strategy.fvt.flow_weight": 5.0, "strategy.fvt.edge_ticks": 0.0}, 900_014, 50_000),
]
SOME = (
    "final_cash_upusd",
    "final_inventory_lots",
    "maker_fills",
    "taker_fills",
    "book_checksum",
    "tape_checksum",
)


def main() -> None:
    """Run every case and write the file."""
    cases = []
    for name, params, seed, events in CASES:
        strategy = load_strategy(name)
        vector = strategy.vector({**strategy.schema.defaults, **params})
        outcome = simulate(Scenario("liquid_politics", seed, events), strategy.step, vector)
        some = {field: outcome.as_integers()[field] for field in SOME}
        cases.append(
            {"strategy": name, "params": params, "market": "liquid_politics", "seed": seed, "events": events}
            | {"some": some, "digest": outcome.digest()}
        )
    body = {"engine_version": ENGINE_VERSION, "engine_fingerprint": engine_fingerprint(), "cases": cases}
    Path(__file__).with_name("golden.json").write_text(json.dumps(body, indent=1) + "\n")


if __name__ == "__main__":
    main()
