"""The market maker's quotes, decision by decision."""

import pytest
from tests.strategies._seats import Seat

from walras.market import layout as at

SEAT = Seat("market_maker")


def prices(seat):
    return [(side, price) for _, side, price, _, _ in seat.act()]


def test_it_quotes_both_sides_around_the_mid():
    """With a mid of 51 and three ticks it wants 48 and 54, post-only, in the size asked for."""
    assert SEAT.act() == [
        ("place", at.BUY, 48, 5_000, at.POST_ONLY),
        ("place", at.SELL, 54, 5_000, at.POST_ONLY),
    ]


def test_quotes_that_stand_where_they_should_are_kept():
    """An order at the wanted price keeps its place in the queue; a double or a stale one is cancelled."""
    assert SEAT.but(own=((at.BUY, 48), (at.SELL, 54))).act() == []
    assert SEAT.but(own=((at.BUY, 48), (at.SELL, 54), (at.BUY, 48))).act() == [("cancel", 2)]
    assert SEAT.but(own=((at.BUY, 47), (at.SELL, 54))).act() == [
        ("cancel", 0),
        ("place", at.BUY, 48, 5_000, at.POST_ONLY),
    ]


def test_inventory_moves_both_quotes_against_itself():
    """Long, it quotes lower; short, higher."""
    skew = (("strategy.mm.inventory_skew", 1.0),)
    assert prices(SEAT.but(held=200, params=skew)) == [(at.BUY, 46), (at.SELL, 52)]
    assert prices(SEAT.but(held=-200, params=skew)) == [(at.BUY, 50), (at.SELL, 56)]


@pytest.mark.parametrize(("mode", "bid", "ask"), [("join", 48, 54), ("improve", 50, 52)])
def test_only_improve_goes_inside_the_spread(mode, bid, ask):
    """With one tick wanted, joining stays at the touch and improving goes inside."""
    params = (("strategy.mm.half_spread_ticks", 1), ("strategy.mm.mode", mode))
    assert prices(SEAT.but(params=params)) == [(at.BUY, bid), (at.SELL, ask)]


def test_it_never_crosses_the_touch():
    """However strong the skew, a quote stays on its own side."""
    params = (("strategy.mm.inventory_skew", 2.0), ("strategy.mm.half_spread_ticks", 1))
    assert (at.SELL, 49) in prices(SEAT.but(held=450, params=params))


def test_at_its_cap_it_quotes_one_side_only():
    """Full, it only offers to get smaller."""
    assert [side for side, _ in prices(SEAT.but(held=500))] == [at.SELL]
    assert [side for side, _ in prices(SEAT.but(held=-500))] == [at.BUY]


@pytest.mark.parametrize("book", [{"bid": 0}, {"ask": 100}])
def test_a_one_sided_book_is_not_quoted(book):
    """Without a mid there is no quote, and what stands is withdrawn."""
    assert SEAT.but(**book, own=((at.BUY, 48),)).act() == [("cancel", 0)]
