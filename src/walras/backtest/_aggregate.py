"""The scenarios of a report taken together."""

import math
from collections.abc import Iterable, Sequence
from itertools import chain

from walras.backtest import _arithmetic as exact
from walras.backtest._fill import LOTS_PER_SHARE, UPUSD_PER_PUSD, markout_report
from walras.core import AggregateReport, MarkoutReport, Metric, RegimeReport, ScenarioReport, Undefined


def aggregate_report(scenarios: Sequence[ScenarioReport]) -> AggregateReport:
    """Return means, sums and extremes over `scenarios`, of which there is at least one."""
    blocks = tuple(chain.from_iterable(one.block_pnl_upusd for one in scenarios))
    worst = min(scenarios, key=lambda one: (one.pnl_upusd, one.seed))
    pnl = [one.pnl_upusd for one in scenarios]
    resolved = [one.resolution_pnl_upusd for one in scenarios]
    return AggregateReport(
        scenarios=len(scenarios),
        events=sum(one.events for one in scenarios),
        pnl_pusd=_mean_pusd(pnl),
        pnl_standard_error_pusd=_error_pusd(pnl),
        resolution_pnl_pusd=_mean_pusd(resolved),
        resolution_pnl_standard_error_pusd=_error_pusd(resolved),
        taker_fee_pusd=_mean_pusd([one.taker_fee_upusd for one in scenarios]),
        maker_rebate_pusd=_mean_pusd([one.maker_rebate_upusd for one in scenarios]),
        sharpe_per_block=exact.sharpe(blocks),
        sortino_per_block=exact.sortino(blocks),
        max_drawdown_pusd=max(one.max_drawdown_upusd for one in scenarios) / UPUSD_PER_PUSD,
        mean_drawdown_pusd=_mean_pusd([one.max_drawdown_upusd for one in scenarios]),
        profit_factor_per_block=exact.profit_factor(blocks),
        win_rate_per_block=exact.win_rate(blocks),
        win_rate_per_scenario=exact.win_rate(pnl),
        fills=exact.mean([one.maker_fills + one.taker_fills for one in scenarios]),
        fill_ratio=exact.ratio(
            sum(one.orders_filled for one in scenarios),
            sum(one.orders_placed for one in scenarios),
            reason="no order was placed",
        ),
        filled_shares=sum(one.maker_filled_lots + one.taker_filled_lots for one in scenarios)
        / (LOTS_PER_SHARE * len(scenarios)),
        adverse_selection_pusd=_mean_pusd([one.adverse_selection_upusd for one in scenarios]),
        inventory_max_shares=max(one.inventory_max_lots for one in scenarios) / LOTS_PER_SHARE,
        inventory_mean_abs_shares=_scaled(
            _mean_metric([one.inventory_mean_abs_lots for one in scenarios]), LOTS_PER_SHARE
        ),
        quadratic_variation_pusd2=exact.mean(
            [one.quadratic_variation_pusd2 + one.resolution_quadratic_variation_pusd2 for one in scenarios]
        ),
        markouts=_markouts(scenarios),
        regimes=_regimes(scenarios),
        rejections=_sum_counts(one.rejections for one in scenarios),
        worst_scenario_seed=worst.seed,
        worst_scenario_pnl_pusd=worst.pnl_upusd / UPUSD_PER_PUSD,
    )


def _mean_pusd(amounts_upusd: Sequence[int]) -> Metric:
    return exact.ratio(sum(amounts_upusd), UPUSD_PER_PUSD * len(amounts_upusd), reason="no scenarios")


def _error_pusd(amounts_upusd: Sequence[int]) -> Metric:
    return _scaled(exact.standard_error(amounts_upusd), UPUSD_PER_PUSD)


def _scaled(value: Metric, unit: int) -> Metric:
    return value if isinstance(value, Undefined) else value / unit


def _mean_metric(values: Sequence[Metric]) -> Metric:
    for value in values:
        if isinstance(value, Undefined):
            return value
    return exact.mean([value for value in values if not isinstance(value, Undefined)])


def _markouts(scenarios: Sequence[ScenarioReport]) -> tuple[MarkoutReport, ...]:
    columns = zip(*(one.markouts for one in scenarios), strict=True)
    return tuple(
        markout_report(
            column[0].side,
            column[0].horizon,
            column[0].horizon_events,
            gain_upusd=sum(part.gain_upusd for part in column),
            lots=sum(part.lots for part in column),
        )
        for column in columns
    )


def _regimes(scenarios: Sequence[ScenarioReport]) -> tuple[RegimeReport, ...]:
    columns = zip(*(one.regimes for one in scenarios), strict=True)
    return tuple(
        RegimeReport(
            regime=column[0].regime,
            events=sum(part.events for part in column),
            pnl_pusd=math.fsum(part.pnl_pusd for part in column),
            fills=sum(part.fills for part in column),
        )
        for column in columns
    )


def _sum_counts(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for count in counts:
        for name, number in count.items():
            total[name] = total.get(name, 0) + number
    return dict(sorted(total.items()))
