"""A hand-made outcome fills the report as computed on paper."""

import math

import pytest
from tests.backtest._outcomes import SCENARIO, blocks, outcome

from walras.backtest._aggregate import aggregate_report
from walras.backtest._fill import scenario_report
from walras.core import Scenario, Undefined
from walras.market import REJECTIONS

ONE = outcome(
    block_pnl_upusd=blocks(3_000_000, -1_000_000, 2_000_000),
    resolution_pnl_upusd=5_000_000,
    taker_fee_upusd=10_000,
    maker_rebate_upusd=20_000,
    quadratic_variation=250_000_000,
    resolution_quadratic_variation=100_000_000,
    max_drawdown_upusd=1_500_000,
    adverse_selection_upusd=700_000,
    maker_fills=3,
    taker_fills=1,
    maker_filled_lots=300,
    taker_filled_lots=100,
    orders_placed=8,
    orders_filled=2,
    orders_cancelled=4,
    orders_expired=1,
    rejections=[2, *([0] * (len(REJECTIONS) - 1))],
    maker_markout_upusd=[600_000, 0, -300_000],
    maker_markout_lots=[200, 0, 100],
    max_abs_inventory_lots=400,
    sum_abs_inventory_lots=1_600,
    final_inventory_lots=-200,
    regime_pnl_upusd=[3_000_000, 1_000_000],
    regime_fills=[3, 1],
    regime_events=[6_000, 400],
    duration_ms=128_000,
    resolved_yes=1,
)
TWO = outcome(
    block_pnl_upusd=blocks(-2_000_000), regime_pnl_upusd=[-2_000_000, 0], resolution_pnl_upusd=-1_000_000
)


def test_a_scenario_as_on_paper() -> None:
    """Each field is the outcome's integer, or one rounding away from it."""
    got = scenario_report(SCENARIO, ONE)
    assert (got.market, got.seed, got.events) == ("liquid_politics", 900_001, 6_400)
    assert got.pnl_upusd == sum(got.block_pnl_upusd) == 4_000_000
    assert len(got.block_pnl_upusd) == 64
    assert got.quadratic_variation_pusd2 == 2.5
    assert got.resolution_quadratic_variation_pusd2 == 1.0
    assert got.profit_factor_per_block == 5.0
    assert got.win_rate_per_block == 2 / 64
    assert got.fill_ratio == 0.25
    assert got.inventory_mean_abs_lots == 2.0
    assert got.rejections == {"post_only_would_cross": 2}
    assert got.resolved_yes is True
    mean, square = 4 / 64, (9 + 1 + 4) / 64
    assert got.sortino_per_block == mean / math.sqrt(1 / 64)
    assert got.sharpe_per_block == pytest.approx(
        mean / math.sqrt((square - mean * mean) * 64 / 63), rel=1e-15
    )


def test_markouts_are_per_share_and_per_side() -> None:
    """600,000 micro-pUSD over two shares are 0.3 pUSD a share; no fills, no value."""
    markouts = {(row.side, row.horizon): row for row in scenario_report(SCENARIO, ONE).markouts}
    assert markouts["maker", "short"].pusd_per_share == 0.3
    assert markouts["maker", "long"].pusd_per_share == -0.3
    assert markouts["maker", "medium"].pusd_per_share == Undefined(undefined="no maker fill has this horizon")
    assert isinstance(markouts["taker", "short"].pusd_per_share, Undefined)
    assert [row.horizon_events for row in markouts.values()] == [40, 400, 4_000] * 2


def test_the_aggregate_as_on_paper() -> None:
    """Means over scenarios, pooled ratios, extremes, sums."""
    other = Scenario("liquid_politics", 900_002, 6_400)
    both = [scenario_report(SCENARIO, ONE), scenario_report(other, TWO)]
    got = aggregate_report(both)
    assert (got.scenarios, got.events) == (2, 12_800)
    assert (got.pnl_pusd, got.pnl_standard_error_pusd) == (1.0, 3.0)
    assert (got.resolution_pnl_pusd, got.resolution_pnl_standard_error_pusd) == (2.0, 3.0)
    assert (got.max_drawdown_pusd, got.mean_drawdown_pusd) == (1.5, 0.75)
    assert got.profit_factor_per_block == 5 / 3
    assert (got.win_rate_per_block, got.win_rate_per_scenario) == (2 / 128, 0.5)
    assert (got.fills, got.fill_ratio, got.filled_shares) == (2.0, 0.25, 2.0)
    assert (got.inventory_max_shares, got.inventory_mean_abs_shares) == (4.0, 0.01)
    assert got.quadratic_variation_pusd2 == 1.75
    assert (got.worst_scenario_seed, got.worst_scenario_pnl_pusd) == (900_002, -2.0)
    assert got.rejections == {"post_only_would_cross": 2}
    assert [(row.regime, row.pnl_pusd, row.fills) for row in got.regimes] == [
        ("calm", 1.0, 3),
        ("news", 1.0, 1),
    ]
    assert got.markouts[0].pusd_per_share == 0.3


def test_an_undefined_part_makes_the_mean_undefined() -> None:
    """A mean that leaves scenarios out would be a mean of others."""
    nothing = scenario_report(SCENARIO, outcome(belief_steps=0))
    got = aggregate_report([scenario_report(SCENARIO, ONE), nothing])
    assert got.inventory_mean_abs_shares == Undefined(undefined="no belief steps")


def test_one_scenario_has_no_standard_error() -> None:
    """A spread needs two."""
    got = aggregate_report([scenario_report(SCENARIO, ONE)])
    assert got.pnl_standard_error_pusd == Undefined(undefined="1 scenario; at least 2 needed")


def test_a_scenario_without_trades_is_all_undefined_ratios() -> None:
    """Nothing traded, nothing claimed."""
    got = scenario_report(SCENARIO, outcome())
    for value in (got.sharpe_per_block, got.sortino_per_block, got.profit_factor_per_block, got.fill_ratio):
        assert isinstance(value, Undefined)
