"""The market pays a sensible quoter, and punishes a tight one, an idle one and an uninformed taker.

Measured on reserved seeds that were not used for calibration; every claim leaves three standard errors.
"""

from functools import cache

import numpy as np

from walras.core import Scenario
from walras.market import simulate
from walras.strategies import load_strategy

SEEDS = range(910_000, 910_048)


@cache
def profits(name, *changes):
    """Return belief-marked profit per scenario in pUSD, shape (48,)."""
    strategy = load_strategy(name)
    vector = strategy.vector({**strategy.schema.defaults, **dict(changes)})
    outcomes = [simulate(Scenario("liquid_politics", s, 100_000), strategy.step, vector) for s in SEEDS]
    return np.array([o.belief_pnl_upusd for o in outcomes]) / 1e6


def maker(half_spread):
    return profits("market_maker", ("strategy.mm.half_spread_ticks", half_spread))


def t_value(sample):
    return sample.mean() / (sample.std(ddof=1) / len(sample) ** 0.5)


def test_quoting_too_tight_loses():
    """One tick from the mid is picked off by those who know more."""
    assert t_value(maker(1)) < -2


def test_a_sensible_middle_earns():
    """Three ticks earn, and more than one tick or five on the same scenarios."""
    assert t_value(maker(3)) > 5
    assert t_value(maker(3) - maker(1)) > 5
    assert t_value(maker(3) - maker(5)) > 5


def test_quoting_too_wide_earns_about_nothing():
    """Twelve ticks away hardly anything fills: less than a twentieth of the middle, either way."""
    assert abs(maker(12).mean()) < maker(3).mean() / 20


def test_sixteen_scenarios_tell_the_middle_from_the_tight():
    """The size of the train set suffices to see the optimum inside the range."""
    assert t_value(maker(3)[:16] - maker(1)[:16]) > 3


def test_a_taker_with_a_stale_fair_value_loses():
    """A fair value a minute old buys what the news has already marked down, and pays the fee."""
    stale = profits("fair_value_taker", ("strategy.fvt.staleness_s", 60.0), ("strategy.fvt.edge_ticks", 1.0))
    assert t_value(stale) < -3


def test_the_inventory_maker_earns_at_its_defaults():
    """The Avellaneda-Stoikov quoter is profitable as shipped."""
    assert t_value(profits("inventory_maker")) > 5
