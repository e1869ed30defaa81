"""The matching engine against an independent slow book, and its invariants."""

import dataclasses
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.market._plain_book import (
    ADD,
    CANCEL,
    FAK,
    FOK,
    GTC,
    OWN_CANCEL,
    OWN_PLACE,
    POST_ONLY,
    TAKE,
    PlainBook,
)

from walras.core import DomainError, Scenario
from walras.market import REJECTIONS, compile_step, layout, market_profile, read_tape, replay_book, simulate
from walras.strategies import load_strategy

PROFILE = market_profile("liquid_politics")
POOR = dataclasses.replace(PROFILE, initial_cash_upusd=40_000_000)
SCENARIO = Scenario("liquid_politics", 900_001, 6_400)


def plain_book(profile):
    return PlainBook(
        ticks=profile.ticks_per_unit,
        minimum_lots=profile.minimum_lots,
        minimum_upusd=profile.minimum_notional_upusd,
        fee_bp=profile.taker_fee_bp,
        rebate_bp=profile.rebate_share_bp,
        cash=profile.initial_cash_upusd,
    )


@st.composite
def operation(draw):
    what = draw(st.sampled_from([ADD, ADD, ADD, CANCEL, TAKE, OWN_PLACE, OWN_PLACE, OWN_CANCEL]))
    side = draw(st.integers(0, 1))
    if what == OWN_PLACE:
        price = draw(st.integers(-1, 101) | st.integers(45, 55))
        lots = draw(st.sampled_from([100, 499, 500, 700, 2_000, 9_000]))
        return [what, side, price, lots, draw(st.integers(0, 3)), draw(st.integers(GTC, FOK))]
    if what == OWN_CANCEL:
        return [what, 0, 0, 0, draw(st.integers(0, 3)), 0]
    if what == CANCEL:
        return [what, 0, 0, 0, draw(st.integers(0, 40)), 0]
    return [what, side, draw(st.integers(44, 56)), draw(st.integers(1, 3_000)), 0, 0]


def agree(operations, profile):
    replay = replay_book(np.array(operations, np.int64).reshape(-1, 6), profile=profile)
    book = plain_book(profile)
    for number, row in enumerate(operations):
        book.run(row, number)
        assert replay.trail[number].tolist() == book.trail(), (number, row)
    assert replay.resting.tolist() == book.resting()
    return replay


@settings(max_examples=300, deadline=None)
@given(st.lists(operation(), max_size=40), st.sampled_from([PROFILE, POOR]))
def test_engine_equals_the_slow_book(operations, profile):
    """After every operation, prices, volumes, fills, money and queues equal the slow book's."""
    agree(operations, profile)


def stream(seed, size=600):
    """Return random operations, shape (size, 6), that reuse orders, slots and every kind."""
    rng = np.random.default_rng(seed)
    what = rng.choice([ADD, CANCEL, TAKE, OWN_PLACE, OWN_CANCEL], size=size, p=[0.4, 0.2, 0.1, 0.2, 0.1])
    rows = np.zeros((size, 6), np.int64)
    rows[:, 0], rows[:, 1] = what, rng.integers(0, 2, size)
    rows[:, 2] = np.where(what == OWN_PLACE, rng.integers(40, 61, size), rng.integers(42, 59, size))
    rows[:, 2] *= np.where((what == OWN_PLACE) & (rng.random(size) < 0.05), 3, 1)
    rows[:, 3] = rng.integers(100, 4_000, size)
    rows[:, 4] = np.where(what == CANCEL, rng.integers(0, size, size), rng.integers(0, 16, size))
    rows[:, 5] = rng.integers(0, 4, size)
    return rows


@pytest.mark.parametrize("seed", range(4))
def test_engine_equals_the_slow_book_on_long_streams(seed):
    """The same over 600 operations, long enough to use nodes again."""
    replay = agree(stream(seed).tolist(), POOR if seed % 2 else PROFILE)
    assert replay.trail[-1][4] > 0


@settings(max_examples=200, deadline=None)
@given(st.lists(operation(), max_size=60))
def test_book_never_crosses(operations):
    """After any flow of orders the best bid stays below the best ask."""
    trail = replay_book(np.array(operations, np.int64).reshape(-1, 6), profile=PROFILE).trail
    assert (trail[:, 0] < trail[:, 1]).all()


@settings(max_examples=200, deadline=None)
@given(st.lists(operation(), max_size=60))
def test_cash_is_conserved_and_never_negative(operations):
    """What we paid is what others got, and a poor account is never overdrawn."""
    trail = replay_book(np.array(operations, np.int64).reshape(-1, 6), profile=POOR).trail
    assert (trail[:, 5] + trail[:, 11] == 0).all()
    assert (trail[:, 10] >= 0).all()


def test_older_order_at_a_price_fills_first():
    """Two orders at one price fill in the order in which they came."""
    rows = [[ADD, 0, 50, 700, 0, 0], [ADD, 0, 50, 900, 0, 0], [TAKE, 1, 50, 800, 0, 0]]
    assert agree(rows, PROFILE).resting.tolist() == [[0, 50, 800, 1]]


def test_replay_refuses_another_shape():
    """Operations of the wrong width are a clear error."""
    with pytest.raises(DomainError, match=r"shape \(n, 6\)"):
        replay_book(np.zeros((3, 5), np.int64), profile=PROFILE)


ORDERS = {
    (0, 99, 1_000, POST_ONLY): "post_only_would_cross",
    (0, 10, 499, GTC): "below_minimum_size",
    (0, 0, 1_000, GTC): "price_out_of_range",
    (1, 100, 1_000, GTC): "price_out_of_range",
    (0, 30, 16_000_000, GTC): "insufficient_balance",
    (1, 90, 9_000_000, GTC): None,
    (0, 99, 16_000_000, FOK): "fok_unfilled",
    (0, 1, 20_000, FAK): "fak_unfilled",
    (0, 1, 500, FAK): "below_minimum_notional",
    (2, 50, 1_000, GTC): "malformed_action",
    (0, 50, 1_000, 9): "malformed_action",
    (0, 99, 6_000, FOK): None,
    (0, 2, 1_000, GTC, 2_000): None,
    (0, 2, 1_000, GTC, 30_000): None,
    (0, 2, 1_000, GTC, 10_000_000): None,
}
"""An order (side, price, lots, kind, time to live), and why it is refused."""

DEEP = [order for order in ORDERS if len(order) == 5 or order[3] == FOK]


def place_once(side, price, lots, kind, ttl_ms=0):
    """Return a step that sends one order at its first decision and nothing after."""

    def step(view, params, memory, actions):
        if view[layout.DECISION] > 0:
            return 0
        actions[0, layout.ACTION] = layout.PLACE
        actions[0, layout.ACTION_SIDE] = int(params[0])
        actions[0, layout.ACTION_PRICE] = int(params[1])
        actions[0, layout.ACTION_LOTS] = int(params[2])
        actions[0, layout.ACTION_KIND] = int(params[3])
        actions[0, layout.ACTION_TTL_MS] = int(params[4])
        return 1

    return simulate(SCENARIO, compile_step(step), np.array([side, price, lots, kind, ttl_ms], float))


@pytest.mark.parametrize(("order", "reason"), ORDERS.items())
def test_refusals_are_recorded_by_name(order, reason):
    """Each way to refuse an order is counted under its own name and raises nothing."""
    outcome = place_once(*order)
    counted = {name: int(n) for name, n in zip(REJECTIONS, outcome.rejections, strict=True) if n}
    assert counted == ({reason: 1} if reason else {})
    assert outcome.orders_placed == (0 if reason else 1)


def test_a_short_sale_buys_no_with_cash():
    """Selling without YES holds NO tokens, fully paid: there is no naked short."""
    outcome = place_once(1, 1, 2_000, FAK)
    assert outcome.final_no_lots == 2_000
    assert outcome.final_cash_upusd < outcome.initial_cash_upusd - outcome.taker_fee_upusd


def test_an_order_expires_after_its_time_to_live():
    """An unfilled order with a time to live leaves by itself and is counted as expired."""
    assert place_once(0, 1, 1_000, GTC, 500).orders_expired == 1
    assert place_once(0, 1, 1_000, GTC).orders_expired == 0


def flood(view, params, memory, actions):
    """Send sixteen orders and claim more rows than there are, then cancel what does not exist."""
    for row in range(layout.ACTION_ROWS):
        actions[row, layout.ACTION] = layout.PLACE if view[layout.DECISION] < 2 else layout.CANCEL
        actions[row, layout.ACTION_SIDE] = 0
        actions[row, layout.ACTION_PRICE] = 1 + row % 4
        actions[row, layout.ACTION_LOTS] = 1_000
        actions[row, layout.ACTION_KIND] = layout.GTC
        actions[row, layout.ACTION_TTL_MS] = 0
        actions[row, layout.ACTION_SLOT] = 8 * row
    actions[15, layout.ACTION] = 7
    return 99


def test_a_misbehaving_strategy_is_counted_and_contained():
    """Too many orders, unknown slots, unknown actions and bad counts are recorded rejections."""
    outcome = simulate(SCENARIO, compile_step(flood), np.zeros(1))
    named = dict(zip(REJECTIONS, outcome.rejections.tolist(), strict=True))
    assert named["too_many_orders"] > 0
    assert named["unknown_order"] > 0
    assert named["malformed_action"] >= 2 * outcome.decisions
    assert outcome.orders_placed == 15 + 1
    assert outcome.orders_cancelled == 2


def look_only(view, params, memory, actions):
    """Never trade."""
    return 0


def far_away(view, params, memory, actions):
    """Try orders that the exchange refuses, so that nothing of ours ever rests."""
    actions[0, layout.ACTION] = layout.PLACE
    actions[0, layout.ACTION_PRICE] = int(params[0])
    actions[0, layout.ACTION_LOTS] = 1
    return 1


def test_the_market_is_the_same_until_our_orders_change_it():
    """Strategies that never rest an order meet the identical book, whatever their parameters."""
    outcomes = [simulate(SCENARIO, compile_step(look_only), np.zeros(1))]
    outcomes += [simulate(SCENARIO, compile_step(far_away), np.array([p])) for p in (3.0, 60.0)]
    assert len({o.book_checksum for o in outcomes}) == 1


def test_the_tape_never_depends_on_our_orders():
    """Belief, regime and clock are the same whoever trades."""
    maker = load_strategy("market_maker")
    traded = simulate(SCENARIO, maker.step, maker.vector(maker.schema.defaults))
    idle = simulate(SCENARIO, compile_step(look_only), np.zeros(1))
    assert traded.tape_checksum == idle.tape_checksum
    assert traded.book_checksum != idle.book_checksum
    assert traded.resolved_yes == idle.resolved_yes


def test_equal_arguments_give_equal_integers():
    """Running twice changes nothing; another seed changes everything."""
    maker = load_strategy("market_maker")
    vector = maker.vector(maker.schema.defaults)
    first, again = (simulate(SCENARIO, maker.step, vector).digest() for _ in range(2))
    other = simulate(Scenario("liquid_politics", 900_002, 6_400), maker.step, vector).digest()
    assert first == again != other


@pytest.mark.parametrize("name", ["market_maker", "inventory_maker", "fair_value_taker"])
@pytest.mark.parametrize("seed", [900_003, 900_004])
def test_totals_are_conserved(name, seed):
    """Lots, tokens, cash, blocks and regimes all add up to the unit."""
    strategy = load_strategy(name)
    outcome = simulate(
        Scenario("liquid_politics", seed, 50_000), strategy.step, strategy.vector(strategy.schema.defaults)
    )
    assert outcome.book_added_lots == (
        outcome.book_cancelled_lots + outcome.book_traded_lots + outcome.book_resting_lots
    )
    collateral = outcome.final_no_lots * 10_000
    spent = outcome.initial_cash_upusd - outcome.final_cash_upusd - collateral - outcome.exchange_income_upusd
    assert spent == outcome.counterparty_cash_upusd
    assert outcome.final_inventory_lots == outcome.final_yes_lots - outcome.final_no_lots
    assert outcome.regime_pnl_upusd.sum() == outcome.block_pnl_upusd.sum() == outcome.belief_pnl_upusd
    assert outcome.regime_events.sum() == outcome.events
    assert outcome.regime_fills.sum() == outcome.maker_fills + outcome.taker_fills
    paid = outcome.final_yes_lots * outcome.resolved_yes + outcome.final_no_lots * (1 - outcome.resolved_yes)
    assert (
        outcome.resolution_pnl_upusd == outcome.final_cash_upusd - outcome.initial_cash_upusd + paid * 10_000
    )
    assert (outcome.maker_markout_lots <= outcome.maker_filled_lots).all()


def test_belief_is_a_calibrated_martingale():
    """Over many seeds the start, the end and the resolution agree on average."""
    tapes = [read_tape(Scenario("liquid_politics", 950_000 + i, 100_000)) for i in range(2_000)]
    start, end = (np.array([t.belief_q20[k] / 2**20 for t in tapes]) for k in (0, -1))
    truth = np.array([t.resolved_yes for t in tapes])
    for gap in (end - start, truth - end):
        assert abs(gap.mean()) < 3 * gap.std(ddof=1) / len(tapes) ** 0.5
    slope = np.polyfit(end, truth, 1)[0]
    assert 0.85 < slope < 1.15
    assert all((np.diff(t.clock_ns) > 0).all() for t in tapes[:50])


def test_a_step_that_raises_is_heard():
    """An exception in a strategy comes out as it is; nothing is measured."""

    def step(view, params, memory, actions):
        return 1 // int(params[0])

    with pytest.raises(ZeroDivisionError):
        simulate(SCENARIO, compile_step(step), np.zeros(1))


def test_a_grid_that_does_not_divide_a_pusd_is_refused():
    """Money is exact only where a tick is a whole number of micro-pUSD a lot."""
    with pytest.raises(DomainError, match="ticks_per_unit"):
        read_tape(SCENARIO, profile=dataclasses.replace(PROFILE, ticks_per_unit=300))


def test_a_finer_grid_works():
    """The same engine trades on ticks of a tenth of a cent."""
    fine = dataclasses.replace(PROFILE, ticks_per_unit=1_000)
    maker = load_strategy("market_maker")
    params = {**maker.schema.defaults, "strategy.mm.half_spread_ticks": 30}
    outcome = simulate(SCENARIO, maker.step, maker.vector(params), profile=fine)
    assert outcome.maker_fills > 0
    agree([[ADD, 0, 501, 700, 0, 0], [OWN_PLACE, 1, 500, 600, 0, FAK]], fine)


def test_orders_arrive_only_after_the_latency():
    """With a latency longer than the scenario nothing ever reaches the book."""
    slow = dataclasses.replace(PROFILE, place_latency_ns=10**15)
    maker = load_strategy("market_maker")
    outcome = simulate(SCENARIO, maker.step, maker.vector(maker.schema.defaults), profile=slow)
    assert outcome.orders_placed == 0


INTERPRETED = """
import numpy as np
np.seterr(over="ignore")
from walras.core import Scenario
from walras.market import replay_book, simulate
from walras.strategies import load_strategy, strategy_names
for name in strategy_names():
    s = load_strategy(name)
    p = dict(s.schema.defaults)
    if name == "fair_value_taker":
        p |= {"strategy.fvt.edge_ticks": 0.0, "strategy.fvt.flow_weight": 4.0}
    print(simulate(Scenario("liquid_politics", 900_001, 6_400), s.step, s.vector(p)).digest())
import tests.market.test_engine as here
print(here.read_tape(Scenario("liquid_politics", 900_002, 100_000)).belief_q20.sum())
from walras.market import compile_step
print(simulate(here.SCENARIO, compile_step(here.flood), np.zeros(1)).digest())
for order in here.DEEP:
    print(here.place_once(*order).digest())
replay = replay_book(here.stream(5), profile=here.POOR)
print(replay.trail.sum(), replay.resting.sum())
"""


def test_interpreted_and_compiled_code_agree():
    """With the compiler off the same Python gives the same integers, bit for bit."""
    outputs = [
        subprocess.run(
            [sys.executable, "-c", INTERPRETED],
            env={**os.environ, "NUMBA_DISABLE_JIT": flag},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for flag in ("0", "1")
    ]
    assert outputs[0] == outputs[1]
    assert len(outputs[0].splitlines()) == 6 + len(DEEP)
