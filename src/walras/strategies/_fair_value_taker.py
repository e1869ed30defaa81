"""A fair-value taker: trades when the market stands away from an average of its own past."""

from typing import Any, Final

from walras.core import ParameterSpec, StrategySchema
from walras.market import layout as at
from walras.market import log_odds, probability

SCHEMA: Final = StrategySchema(
    strategy="fair_value_taker",
    description="Takes when the price is better than its own slow estimate of fair value by an edge.",
    parameters=(
        ParameterSpec(
            name="strategy.fvt.edge_ticks",
            kind="float",
            low=0.0,
            high=10.0,
            default=2.5,
            unit="ticks",
            description="Edge over the fair value that is wanted after fees.",
            risk="Low pays the fee for noise; high never trades.",
        ),
        ParameterSpec(
            name="strategy.fvt.staleness_s",
            kind="float",
            low=0.1,
            high=600.0,
            default=10.0,
            log=True,
            unit="s",
            description="Time over which the fair value follows the market.",
            risk="A slow estimate calls every piece of news a bargain and buys the loser.",
        ),
        ParameterSpec(
            name="strategy.fvt.trend_weight",
            kind="float",
            low=0.0,
            high=5.0,
            default=0.0,
            description="Fair value on the line from the slow average (0) through the mid (1) and beyond.",
            risk="Below 1 fades the news; far above 1 chases noise and pays the fee for it.",
        ),
        ParameterSpec(
            name="strategy.fvt.flow_weight",
            kind="float",
            low=0.0,
            high=5.0,
            default=1.0,
            unit="ticks",
            description="How far the fair value leans towards the side that takers are on.",
            risk="High chases bursts of uninformed orders.",
        ),
        ParameterSpec(
            name="strategy.fvt.kelly_fraction",
            kind="float",
            low=0.01,
            high=0.5,
            default=0.05,
            log=True,
            description="Share of the Kelly stake put on each trade.",
            risk="High bets the bankroll on an estimate that may be wrong.",
        ),
        ParameterSpec(
            name="strategy.fvt.order_size",
            kind="float",
            low=5,
            high=1_000,
            default=50.0,
            log=True,
            unit="shares",
            description="Cap on one order.",
            risk="Large orders walk up the book.",
        ),
        ParameterSpec(
            name="strategy.fvt.max_inventory",
            kind="float",
            low=5,
            high=5_000,
            default=300.0,
            log=True,
            unit="shares",
            description="Cap on the position.",
            risk="High carries the resolution: a share may end at nothing.",
        ),
    ),
)

EDGE: Final = 0
STALENESS: Final = 1
TREND: Final = 2
FLOW: Final = 3
KELLY: Final = 4
ORDER_SIZE: Final = 5
MAX_INVENTORY: Final = 6

AVERAGE: Final = 0  # memory: slow average of the log-odds of the mid


def step(view: Any, params: Any, memory: Any, actions: Any) -> int:
    """Send at most one fill-and-kill order, when an edge remains after the fee."""
    bid = view[at.BEST_BID]
    ask = view[at.BEST_ASK]
    ticks = view[at.TICKS_PER_UNIT]
    if bid == 0 or ask == ticks:
        return 0
    now = log_odds(0.5 * (bid + ask) / ticks)
    if view[at.DECISION] == 0:
        memory[AVERAGE] = now
        return 0
    age = view[at.ELAPSED_NS] * 1e-9 / params[STALENESS]
    memory[AVERAGE] += (now - memory[AVERAGE]) * age / (1.0 + age)
    taken = view[at.BOUGHT_LOTS] + view[at.SOLD_LOTS] + 1.0
    lean = (view[at.BOUGHT_LOTS] - view[at.SOLD_LOTS]) / taken
    x = memory[AVERAGE] + params[TREND] * (now - memory[AVERAGE])
    fair = probability(x) * ticks + params[FLOW] * lean
    held = view[at.INVENTORY_LOTS] / 100.0
    for side in range(2):
        price = bid if side else ask
        gain = (price - fair) if side else (fair - price)
        fee = view[at.FEE_BP] * 1e-4 * price * (ticks - price) / ticks
        room = params[MAX_INVENTORY] + (held if side else -held)
        if gain <= fee + params[EDGE] or room <= 0.0:
            continue
        stake = price if side == 0 else ticks - price
        kelly = params[KELLY] * (gain - fee) / (ticks - stake)
        shares = kelly * view[at.FREE_CASH_UPUSD] * 1e-6 * ticks / stake
        shares = min(shares, params[ORDER_SIZE], room)
        actions[0, at.ACTION] = at.PLACE
        actions[0, at.ACTION_SIDE] = side
        actions[0, at.ACTION_PRICE] = price
        actions[0, at.ACTION_LOTS] = int(shares * 100.0)
        actions[0, at.ACTION_KIND] = at.FAK
        actions[0, at.ACTION_TTL_MS] = 0
        return 1
    return 0
