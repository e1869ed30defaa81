"""The same market maker in hftbacktest; imported only in the benchmark's own environment."""

from typing import Any

import numpy as np
from hftbacktest import (
    ADD_ORDER_EVENT,
    BUY,
    BUY_EVENT,
    CANCEL_ORDER_EVENT,
    DEPTH_EVENT,
    EXCH_EVENT,
    FILL_EVENT,
    GTX,
    LIMIT,
    LOCAL_EVENT,
    MODIFY_ORDER_EVENT,
    SELL_EVENT,
    TRADE_EVENT,
    BacktestAsset,
    ROIVectorMarketDepthBacktest,
)
from hftbacktest.binding import event_dtype
from numba import njit, uint64
from numpy.typing import NDArray

EVENT_NS = 1_000
FEED_LATENCY_NS = 10 * EVENT_NS
ORDER_LATENCY_NS = 10 * EVENT_NS
TICK = 0.001
FIRST_NS = 1_000_000_000
_KINDS = np.array(
    [ADD_ORDER_EVENT, CANCEL_ORDER_EVENT, FILL_EVENT, MODIFY_ORDER_EVENT, DEPTH_EVENT, TRADE_EVENT], np.uint64
)


def as_peer_feed(rows: NDArray[np.int64]) -> Any:
    """Return the rows of `_feed` as hftbacktest's events, one microsecond apart."""
    feed = np.zeros(len(rows), event_dtype)
    side = np.where(rows[:, 1] == 0, BUY_EVENT, SELL_EVENT).astype(np.uint64)
    feed["ev"] = _KINDS[rows[:, 0]] | side | np.uint64(EXCH_EVENT) | np.uint64(LOCAL_EVENT)
    feed["exch_ts"] = FIRST_NS + rows[:, 5] * EVENT_NS
    feed["local_ts"] = feed["exch_ts"] + FEED_LATENCY_NS
    feed["px"] = rows[:, 2] * TICK
    feed["qty"] = rows[:, 3]
    feed["order_id"] = rows[:, 4]
    return feed


def market_of(feed: Any, *, level3: bool) -> Any:
    """Return a backtest over `feed`: FIFO queues for L3, the probability queue model for L2; no fees."""
    asset = (
        BacktestAsset()
        .data(feed)
        .linear_asset(1.0)
        .constant_order_latency(ORDER_LATENCY_NS, ORDER_LATENCY_NS)
        .no_partial_fill_exchange()
        .trading_value_fee_model(0.0, 0.0)
        .tick_size(TICK)
        .lot_size(1.0)
        .roi_lb(0.0)
        .roi_ub(1.0)
        .last_trades_capacity(0)
    )
    queued = asset.l3_fifo_queue_model() if level3 else asset.power_prob_queue_model3(3.0)
    return ROIVectorMarketDepthBacktest([queued])


@njit
def make_market(hbt, interval_ns, half_spread, skew, lots, most, seen):
    """Quote one bid and one ask every `interval_ns`; `seen` gets decisions, requests, trades, position."""
    decisions = requests = 0
    while hbt.elapse(interval_ns) == 0:
        decisions += 1
        hbt.clear_inactive_orders(0)
        depth = hbt.depth(0)
        bid, ask = depth.best_bid_tick, depth.best_ask_tick
        if bid < 1 or ask > 999:
            continue
        held = hbt.position(0)
        centre = 0.5 * (bid + ask) - skew * held
        want_bid = max(min(np.floor(centre - half_spread), ask - 1.0), 1.0)
        want_ask = min(max(np.ceil(centre + half_spread), bid + 1.0), 999.0)
        place_bid, place_ask = held < most, held > -most
        orders = hbt.orders(0)
        values = orders.values()
        while values.has_next():
            order = values.get()
            buys = order.side == BUY
            if order.price_tick == (want_bid if buys else want_ask):
                if buys:
                    place_bid = False
                else:
                    place_ask = False
            elif order.cancellable:
                hbt.cancel(0, order.order_id, False)
                requests += 1
        bid_number, ask_number = uint64(10_000_000_000 + want_bid), uint64(20_000_000_000 + want_ask)
        if place_bid and bid_number not in orders:
            hbt.submit_buy_order(0, bid_number, want_bid * TICK, lots, GTX, LIMIT, False)
            requests += 1
        if place_ask and ask_number not in orders:
            hbt.submit_sell_order(0, ask_number, want_ask * TICK, lots, GTX, LIMIT, False)
            requests += 1
    state = hbt.state_values(0)
    seen[0], seen[1], seen[2], seen[3] = decisions, requests, state.num_trades, state.position
