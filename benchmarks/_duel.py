"""Both engines, one after the other, again and again; run by `benchmarks.engine` in its own environment."""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks._feed import make_feed
from benchmarks._peer import EVENT_NS, as_peer_feed, make_market, market_of
from walras.core import Scenario
from walras.market import ScenarioOutcome, market_profile, simulate
from walras.strategies import load_strategy

EVENTS_A_DECISION = 100
LATENCY_EVENTS = 10
LIVE_ORDERS = 1_000
HALF_SPREAD_TICKS = 2
SKEW_TICKS_PER_LOT = 0.02
ORDER_SIZE = 5
MAX_INVENTORY = 100
QUOTE_TTL_MS = 2_000  # one decision interval in a calm market: about as many requests as the peer sends
SEED = 900_001


def main() -> None:
    """Print one JSON object: median CPU nanoseconds an event of each engine, and what each did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=9)
    chosen = parser.parse_args()
    contests, facts = _contests(chosen.events)
    for run in contests.values():
        run()  # compiles, and warms the caches
    nanoseconds: dict[str, list[float]] = {name: [] for name in contests}
    for _ in range(chosen.runs):
        for name, run in contests.items():
            nanoseconds[name].append(1e9 * run() / chosen.events)
    print(json.dumps({**_summary(nanoseconds), "facts": facts, "n": chosen.events, "runs": chosen.runs}))


def _contests(events: int) -> tuple[dict[str, Callable[[], float]], dict[str, Any]]:
    """Return, by name, functions that run one contest and return its CPU seconds."""
    tape = make_feed(events, seed=SEED, live=LIVE_ORDERS)
    facts: dict[str, Any] = {
        "tape_add_cancel_take": [tape.adds, tape.cancels, tape.takes],
        "rows_an_event_l3": len(tape.level3) / events,
        "rows_an_event_l2": len(tape.level2) / events,
    }
    feeds = {"l3": as_peer_feed(tape.level3), "l2": as_peer_feed(tape.level2)}
    shipped = market_profile("liquid_politics")
    latency_ns = LATENCY_EVENTS * shipped.event_interval_ns[0]
    matched = replace(
        shipped,
        live_orders=LIVE_ORDERS,
        decision_interval_events=EVENTS_A_DECISION,
        place_latency_ns=latency_ns,
        cancel_latency_ns=latency_ns,
    )

    def ours(name: str, profile: Any) -> float:
        step, params, scenario = _our_maker(events)
        begin = time.process_time()
        outcome = simulate(scenario, step, params, profile=profile)
        spent = time.process_time() - begin
        facts[name] = _our_facts(outcome)
        return spent

    def theirs(level: str) -> float:
        seen = np.zeros(4)
        market = market_of(feeds[level], level3=level == "l3")
        interval = EVENTS_A_DECISION * EVENT_NS
        begin = time.process_time()
        make_market(market, interval, 2.0, SKEW_TICKS_PER_LOT, float(ORDER_SIZE), float(MAX_INVENTORY), seen)
        spent = time.process_time() - begin
        market.close()
        facts[f"hftbacktest_{level}"] = dict(
            zip(("decisions", "requests", "fills", "position"), map(int, seen), strict=True)
        )
        return spent

    return {
        "walras": lambda: ours("walras", matched),
        "hftbacktest_l3": lambda: theirs("l3"),
        "walras_as_shipped": lambda: ours("walras_as_shipped", shipped),
        "hftbacktest_l2": lambda: theirs("l2"),
    }, facts


def _our_maker(events: int) -> tuple[Any, Any, Scenario]:
    strategy = load_strategy("market_maker")
    params = {
        **strategy.schema.defaults,
        "strategy.mm.half_spread_ticks": HALF_SPREAD_TICKS,
        "strategy.mm.order_size": ORDER_SIZE,
        "strategy.mm.mode": "improve",
        "strategy.mm.inventory_skew": 100 * SKEW_TICKS_PER_LOT,
        "strategy.mm.quote_ttl_ms": QUOTE_TTL_MS,
        "strategy.mm.max_inventory": MAX_INVENTORY,
    }
    return strategy.step, strategy.vector(params), Scenario("liquid_politics", SEED, events)


def _our_facts(outcome: ScenarioOutcome) -> dict[str, int]:
    return {
        "decisions": outcome.decisions,
        "requests": outcome.orders_placed + outcome.orders_cancelled + outcome.orders_expired,
        "fills": outcome.maker_fills + outcome.taker_fills,
        "position": outcome.final_inventory_lots // 100,
    }


def _summary(nanoseconds: dict[str, list[float]]) -> dict[str, Any]:
    return {
        "median": {name: statistics.median(values) for name, values in nanoseconds.items()},
        "min": {name: min(values) for name, values in nanoseconds.items()},
        "max": {name: max(values) for name, values in nanoseconds.items()},
    }


if __name__ == "__main__":
    main()
