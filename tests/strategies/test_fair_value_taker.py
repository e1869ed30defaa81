"""The fair-value taker's decisions."""

import math

from tests.strategies._seats import Seat

from walras.market import layout as at

SEAT = Seat("fair_value_taker", bid=50, ask=52, memory=(math.log(0.7 / 0.3),))


def test_it_buys_what_is_cheap_and_sells_what_is_dear():
    """Far below its fair value it buys at the ask; far above it sells at the bid; at once or not at all."""
    assert [a[:3] + a[4:] for a in SEAT.act()] == [("place", at.BUY, 52, at.FAK)]
    cheap = SEAT.but(memory=(math.log(0.3 / 0.7),))
    assert [a[:3] + a[4:] for a in cheap.act()] == [("place", at.SELL, 50, at.FAK)]


def test_it_wants_its_edge_after_the_fee():
    """Without an edge beyond the fee it stays out."""
    assert SEAT.but(memory=(math.log(0.51 / 0.49),)).act() == []
    assert SEAT.but(params=(("strategy.fvt.edge_ticks", 10.0),), memory=(0.3,)).act() == []


def test_size_is_capped_by_order_and_inventory():
    """Neither the Kelly stake nor the cap on the position is exceeded."""
    assert SEAT.act()[0][3] == 5_000
    assert SEAT.but(held=280).act()[0][3] == 2_000
    assert SEAT.but(held=300).act() == []


def test_the_first_decision_only_looks():
    """Nothing is known before the first look, nor in a one-sided book."""
    assert SEAT.but(decision=0).act() == []
    assert SEAT.but(bid=0).act() == []
    assert SEAT.but(ask=100).act() == []


def test_it_leans_with_the_flow():
    """A burst of purchases raises the fair value by the flow weight."""
    seat = SEAT.but(
        memory=(math.log(0.51 / 0.49),),
        params=(("strategy.fvt.flow_weight", 5.0), ("strategy.fvt.edge_ticks", 1.0)),
    )
    assert seat.act() == []
    assert seat.but(bought=50_000).act()[0][:3] == ("place", at.BUY, 52)
