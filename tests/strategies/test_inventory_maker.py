"""The Avellaneda-Stoikov maker's quotes against its formula."""

import math

import pytest
from tests.strategies._seats import Seat

from walras.market import layout as at

X = math.log(0.51 / 0.49)
SEAT = Seat("inventory_maker", memory=(X, 0.001))


def expected(held, *, variance, gamma=0.02, kappa=7.0, tau=60.0):
    risk = gamma * variance * tau
    half = risk / 2 + math.log(1 + gamma / kappa) / gamma
    sigmoid = [100 / (1 + math.exp(-(X - risk * held + sign * half))) for sign in (-1, 1)]
    return math.floor(sigmoid[0]), math.ceil(sigmoid[1])


@pytest.mark.parametrize("held", [0.0, 100.0, -250.0])
def test_quotes_follow_the_formula(held):
    """Bid and ask are r minus and plus delta on the log-odds scale, rounded away from the mid."""
    variance = 0.001 * (1 - 2.0 / 62.0)  # no change over two seconds of a 60-second window
    bid, ask = expected(held, variance=variance)
    placed = {side: price for _, side, price, _, _ in SEAT.but(held=held).act()}
    assert placed == {at.BUY: min(bid, 53), at.SELL: max(ask, 49)}


def test_at_its_cap_it_quotes_one_side_only():
    """Full, it only offers to get smaller."""
    assert [a[1] for a in SEAT.but(held=500).act()] == [at.SELL]
    assert [a[1] for a in SEAT.but(held=-500).act()] == [at.BUY]


@pytest.mark.parametrize("book", [{"bid": 0}, {"ask": 100}])
def test_a_one_sided_book_is_not_quoted(book):
    """Without a mid what stands is withdrawn."""
    assert SEAT.but(**book, own=((at.SELL, 54),)).act() == [("cancel", 0)]


def test_volatility_widens_the_quotes():
    """After a jump of the mid the spread wanted is wider."""
    calm = SEAT.act()
    wild = SEAT.but(memory=(X - 1.0, 0.5)).act()
    assert wild[1][2] - wild[0][2] > calm[1][2] - calm[0][2]
