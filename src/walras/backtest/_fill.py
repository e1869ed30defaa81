"""Turns the integers of one scenario's outcome into its part of the report."""

from collections.abc import Sequence
from typing import Literal, cast

from walras.backtest import _arithmetic as exact
from walras.core import MarkoutReport, RegimeReport, Scenario, ScenarioReport
from walras.market import MARKOUT_HORIZONS, REGIMES, REJECTIONS, ScenarioOutcome, market_profile

UPUSD_PER_PUSD = 1_000_000
LOTS_PER_SHARE = 100
QV_UNITS_PER_PUSD2 = 100_000_000

Integers = dict[str, int | list[int]]


def scenario_report(scenario: Scenario, outcome: ScenarioOutcome) -> ScenarioReport:
    """Return the report of one scenario; every float in it is one rounding away from exact integers."""
    whole = outcome.as_integers()
    blocks = _row(whole, "block_pnl_upusd")
    placed, filled = _one(whole, "orders_placed"), _one(whole, "orders_filled")
    return ScenarioReport(
        market=scenario.market,
        seed=scenario.seed,
        events=_one(whole, "events"),
        duration_ms=_one(whole, "duration_ms"),
        resolved_yes=bool(_one(whole, "resolved_yes")),
        pnl_upusd=sum(blocks),
        block_pnl_upusd=tuple(blocks),
        resolution_pnl_upusd=_one(whole, "resolution_pnl_upusd"),
        taker_fee_upusd=_one(whole, "taker_fee_upusd"),
        maker_rebate_upusd=_one(whole, "maker_rebate_upusd"),
        quadratic_variation_pusd2=_one(whole, "quadratic_variation") / QV_UNITS_PER_PUSD2,
        resolution_quadratic_variation_pusd2=_one(whole, "resolution_quadratic_variation")
        / QV_UNITS_PER_PUSD2,
        max_drawdown_upusd=_one(whole, "max_drawdown_upusd"),
        adverse_selection_upusd=_one(whole, "adverse_selection_upusd"),
        sharpe_per_block=exact.sharpe(blocks),
        sortino_per_block=exact.sortino(blocks),
        profit_factor_per_block=exact.profit_factor(blocks),
        win_rate_per_block=exact.win_rate(blocks),
        maker_fills=_one(whole, "maker_fills"),
        taker_fills=_one(whole, "taker_fills"),
        maker_filled_lots=_one(whole, "maker_filled_lots"),
        taker_filled_lots=_one(whole, "taker_filled_lots"),
        orders_placed=placed,
        orders_filled=filled,
        orders_cancelled=_one(whole, "orders_cancelled"),
        orders_expired=_one(whole, "orders_expired"),
        fill_ratio=exact.ratio(filled, placed, reason="no order was placed"),
        rejections=_rejections(_row(whole, "rejections")),
        markouts=_markouts(scenario.market, whole),
        inventory_max_lots=_one(whole, "max_abs_inventory_lots"),
        inventory_mean_abs_lots=exact.ratio(
            _one(whole, "sum_abs_inventory_lots"), _one(whole, "belief_steps"), reason="no belief steps"
        ),
        inventory_final_lots=_one(whole, "final_inventory_lots"),
        decisions=_one(whole, "decisions"),
        regimes=_regimes(whole),
    )


def markout_report(
    side: Literal["maker", "taker"], horizon: str, events: int, *, gain_upusd: int, lots: int
) -> MarkoutReport:
    """Return one mean markout from exact sums."""
    return MarkoutReport(
        side=side,
        horizon=horizon,
        horizon_events=events,
        gain_upusd=gain_upusd,
        lots=lots,
        pusd_per_share=exact.ratio(
            gain_upusd * LOTS_PER_SHARE, lots * UPUSD_PER_PUSD, reason=f"no {side} fill has this horizon"
        ),
    )


def _one(whole: Integers, name: str) -> int:
    return cast("int", whole[name])


def _row(whole: Integers, name: str) -> list[int]:
    return cast("list[int]", whole[name])


def _rejections(counts: Sequence[int]) -> dict[str, int]:
    return {name: count for name, count in sorted(zip(REJECTIONS, counts, strict=True)) if count}


def _markouts(market: str, whole: Integers) -> tuple[MarkoutReport, ...]:
    lengths = market_profile(market).markout_events
    sides: tuple[Literal["maker", "taker"], ...] = ("maker", "taker")
    return tuple(
        markout_report(side, horizon, length, gain_upusd=gain, lots=lots)
        for side in sides
        for horizon, length, gain, lots in zip(
            MARKOUT_HORIZONS,
            lengths,
            _row(whole, f"{side}_markout_upusd"),
            _row(whole, f"{side}_markout_lots"),
            strict=True,
        )
    )


def _regimes(whole: Integers) -> tuple[RegimeReport, ...]:
    rows = (_row(whole, "regime_events"), _row(whole, "regime_pnl_upusd"), _row(whole, "regime_fills"))
    return tuple(
        RegimeReport(regime=name, events=events, pnl_pusd=pnl / UPUSD_PER_PUSD, fills=fills)
        for name, events, pnl, fills in zip(REGIMES, *rows, strict=True)
    )
