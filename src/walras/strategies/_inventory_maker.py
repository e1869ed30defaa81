"""Avellaneda-Stoikov quotes on the log-odds scale, where a probability has constant volatility."""

from typing import Any, Final

from walras.core import ParameterSpec, StrategySchema
from walras.market import layout as at
from walras.market import ln, log_odds, probability
from walras.strategies._quoting import requote

SCHEMA: Final = StrategySchema(
    strategy="inventory_maker",
    description="Avellaneda-Stoikov / GLFT market maker on the log-odds scale.",
    parameters=(
        ParameterSpec(
            name="strategy.im.risk_aversion",
            kind="float",
            low=1e-4,
            high=1e-1,
            default=0.02,
            log=True,
            unit="1/share",
            description="Gamma: how much an extra share held is disliked.",
            risk="Low carries the resolution; high sells its edge to stay flat.",
        ),
        ParameterSpec(
            name="strategy.im.fill_decay",
            kind="float",
            low=5.0,
            high=100.0,
            default=7.0,
            log=True,
            unit="1/log-odds",
            description="Kappa: how fast fills thin out with distance from the fair price.",
            risk="Too high quotes tight and is picked off; too low is never filled.",
        ),
        ParameterSpec(
            name="strategy.im.volatility_window_s",
            kind="float",
            low=5.0,
            high=3_600.0,
            default=60.0,
            log=True,
            unit="s",
            description="Time over which the volatility of the log-odds is averaged.",
            risk="Short widens only after the jump; long sleeps through the news.",
        ),
        ParameterSpec(
            name="strategy.im.horizon_s",
            kind="float",
            low=1.0,
            high=3_600.0,
            default=60.0,
            log=True,
            unit="s",
            description="Tau: time over which inventory risk is weighed.",
            risk="Short lets the skew vanish; long makes it dominate.",
        ),
        ParameterSpec(
            name="strategy.im.order_size",
            kind="float",
            low=5,
            high=200,
            default=50.0,
            log=True,
            unit="shares",
            description="Size of each quote.",
            risk="Large orders are filled whole when the price runs through them.",
        ),
        ParameterSpec(
            name="strategy.im.max_inventory",
            kind="float",
            low=50,
            high=5_000,
            default=500.0,
            log=True,
            unit="shares",
            description="Position beyond which the side that adds to it is not quoted.",
            risk="High carries the resolution: a share may end at nothing.",
        ),
        ParameterSpec(
            name="strategy.im.quote_ttl_ms",
            kind="int",
            low=50,
            high=60_000,
            default=10_000,
            log=True,
            unit="ms",
            description="Age at which a quote is withdrawn by itself.",
            risk="Long leaves stale quotes standing; short gives up queue priority.",
        ),
    ),
)

GAMMA: Final = 0
KAPPA: Final = 1
WINDOW: Final = 2
HORIZON: Final = 3
ORDER_SIZE: Final = 4
MAX_INVENTORY: Final = 5
TTL: Final = 6

LAST: Final = 0  # memory: log-odds of the mid at the previous decision
VARIANCE: Final = 1  # memory: variance of the log-odds per second


def step(view: Any, params: Any, memory: Any, actions: Any) -> int:
    """Quote around r = x - gamma sigma^2 tau q at gamma sigma^2 tau / 2 + ln(1 + gamma / kappa) / gamma.

    Source: Avellaneda and Stoikov (2008), High-frequency trading in a limit order book, Quantitative
    Finance 8(3), 217-224; x is the log-odds of the mid in place of the price, and tau is constant.
    """
    bid = view[at.BEST_BID]
    ask = view[at.BEST_ASK]
    ticks = view[at.TICKS_PER_UNIT]
    ttl_ms = int(params[TTL])
    if bid == 0 or ask == ticks:
        return requote(view, actions, 0, ticks, 0, ttl_ms)
    x = log_odds(0.5 * (bid + ask) / ticks)
    seconds = view[at.ELAPSED_NS] * 1e-9
    if seconds > 0.0:
        weight = seconds / (seconds + params[WINDOW])
        change = x - memory[LAST]
        memory[VARIANCE] += weight * (change * change / seconds - memory[VARIANCE])
    memory[LAST] = x
    held = view[at.INVENTORY_LOTS] / 100.0
    risk = params[GAMMA] * memory[VARIANCE] * params[HORIZON]
    centre = x - risk * held
    half = 0.5 * risk + ln(1.0 + params[GAMMA] / params[KAPPA]) / params[GAMMA]
    wanted_bid = int(probability(centre - half) * ticks)
    wanted_ask = ticks - int((1.0 - probability(centre + half)) * ticks)
    wanted_bid = min(wanted_bid, ask - 1) if held < params[MAX_INVENTORY] else 0
    wanted_ask = max(wanted_ask, bid + 1) if held > -params[MAX_INVENTORY] else ticks
    return requote(view, actions, wanted_bid, wanted_ask, int(params[ORDER_SIZE] * 100.0), ttl_ms)
