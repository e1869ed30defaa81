"""A symmetric market maker: one bid and one ask around the mid, skewed against its inventory."""

from typing import Any, Final

from walras.core import ParameterSpec, StrategySchema
from walras.market import layout as at
from walras.strategies._quoting import requote

SCHEMA: Final = StrategySchema(
    strategy="market_maker",
    description="Quotes one bid and one ask around the mid, skewed against its inventory.",
    parameters=(
        ParameterSpec(
            name="strategy.mm.half_spread_ticks",
            kind="int",
            low=1,
            high=50,
            default=3,
            unit="ticks",
            description="Distance of each quote from the skewed mid.",
            risk="Tight is picked off by those who know more; wide is never filled.",
        ),
        ParameterSpec(
            name="strategy.mm.order_size",
            kind="float",
            low=1,
            high=1_000,
            default=50.0,
            log=True,
            unit="shares",
            description="Size of each quote; below the market's minimum it is refused.",
            risk="Large orders are filled whole when the price runs through them.",
        ),
        ParameterSpec(
            name="strategy.mm.mode",
            kind="categorical",
            choices=("join", "improve"),
            default="improve",
            description="Whether a quote may at most join the best price of others, or may better it.",
            risk="Improving buys priority with edge; joining waits behind the queue.",
        ),
        ParameterSpec(
            name="strategy.mm.inventory_skew",
            kind="float",
            low=0.0,
            high=2.0,
            default=0.5,
            unit="ticks per 100 shares",
            description="How far both quotes move against each 100 shares held.",
            risk="High sells the edge to get flat; zero lets a losing position grow.",
        ),
        ParameterSpec(
            name="strategy.mm.quote_ttl_ms",
            kind="int",
            low=50,
            high=60_000,
            default=10_000,
            log=True,
            unit="ms",
            description="Age at which a quote is withdrawn by itself.",
            risk="Long leaves stale quotes standing; short gives up queue priority.",
        ),
        ParameterSpec(
            name="strategy.mm.max_inventory",
            kind="float",
            low=5,
            high=5_000,
            default=500.0,
            log=True,
            unit="shares",
            description="Position beyond which the side that adds to it is not quoted.",
            risk="High carries the resolution: a share may end at nothing.",
        ),
    ),
)

HALF_SPREAD: Final = 0
ORDER_SIZE: Final = 1
MODE: Final = 2
SKEW: Final = 3
TTL: Final = 4
MAX_INVENTORY: Final = 5

IMPROVE: Final = 1.0  # index of the choice


def step(view: Any, params: Any, memory: Any, actions: Any) -> int:  # noqa: ARG001
    """Keep one bid and one ask at their wanted prices; cancel and replace those that are not."""
    bid = view[at.BEST_BID]
    ask = view[at.BEST_ASK]
    ticks = view[at.TICKS_PER_UNIT]
    held = view[at.INVENTORY_LOTS] / 100.0
    lots = int(params[ORDER_SIZE] * 100.0)
    improve = params[MODE] == IMPROVE
    centre = 0.5 * (bid + ask) - params[SKEW] * held / 100.0
    wanted_bid = int(centre - params[HALF_SPREAD])
    wanted_ask = ticks - int(ticks - centre - params[HALF_SPREAD])
    wanted_bid = min(wanted_bid, ask - 1 if improve else bid)
    wanted_ask = max(wanted_ask, bid + 1 if improve else ask)
    if bid == 0 or ask == ticks:
        wanted_bid = 0
        wanted_ask = ticks
    if held >= params[MAX_INVENTORY]:
        wanted_bid = 0
    if held <= -params[MAX_INVENTORY]:
        wanted_ask = ticks
    return requote(view, actions, wanted_bid, wanted_ask, lots, int(params[TTL]))
