"""The arrays a strategy sees, and the engine's copy of their layout."""

from hashlib import sha256
from pathlib import Path

import numpy as np

from walras.core import Scenario
from walras.market import _engine, compile_step, layout, simulate


def test_engine_was_compiled_for_this_layout():
    """A changed layout file forces a change of the engine file, and so of numba's cache."""
    assert sha256(Path(layout.__file__).read_bytes()).hexdigest() == _engine.LAYOUT_SHA256


def test_own_orders_fit_in_the_view():
    """The last own order ends where the view does."""
    assert layout.OWN + layout.OWN_ORDERS * layout.OWN_WIDTH <= layout.VIEW_SIZE


def check(view, params, memory, actions):
    """Quote deep, and send one order too small for each thing in the view that is wrong."""
    wrong = 0
    if view[layout.DECISION] != memory[0]:
        wrong += 1
    memory[0] += 1.0
    if view[layout.DECISION] > 0 and view[layout.ELAPSED_NS] <= 0:
        wrong += 1
    if not 0 < view[layout.BEST_BID] < view[layout.BEST_ASK] < view[layout.TICKS_PER_UNIT]:
        wrong += 1
    if not 0 < view[layout.BID_LOTS] <= view[layout.BID_DEPTH_LOTS]:
        wrong += 1
    if not 0 < view[layout.ASK_LOTS] <= view[layout.ASK_DEPTH_LOTS]:
        wrong += 1
    if view[layout.MINIMUM_LOTS] != 500 or view[layout.FEE_BP] != 400:
        wrong += 1
    first = layout.OWN
    if view[layout.DECISION] == 1:
        if view[first + layout.OWN_STATE] != layout.LIVE or view[first + layout.OWN_LOTS] != 1_000:
            wrong += 1
        if view[first + layout.OWN_SIDE] != layout.BUY or view[first + layout.OWN_PRICE] != 2:
            wrong += 1
        if view[layout.FREE_SLOTS] != layout.OWN_ORDERS - 1:
            wrong += 1
        if view[layout.FREE_CASH_UPUSD] != 10_000_000_000 - 1_000 * 2 * 100:
            wrong += 1
    count = 0
    for _ in range(wrong):
        actions[count, layout.ACTION] = layout.PLACE
        actions[count, layout.ACTION_PRICE] = 1
        actions[count, layout.ACTION_LOTS] = 1
        count += 1
    if view[layout.DECISION] == 0:
        actions[count, layout.ACTION] = layout.PLACE
        actions[count, layout.ACTION_PRICE] = 2
        actions[count, layout.ACTION_LOTS] = 1_000
        count += 1
    return count


def test_view_says_what_it_documents():
    """Clock, touch, depth, own orders and free cash are as described at every decision."""
    outcome = simulate(Scenario("liquid_politics", 900_005, 20_000), compile_step(check), np.zeros(1))
    assert outcome.rejections.sum() == 0
    assert outcome.decisions == 200
    assert outcome.orders_placed == 1
