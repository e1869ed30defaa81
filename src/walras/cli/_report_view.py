"""A report envelope for people: the aggregate, by regime, and what to look at."""

from walras.cli._format import NONE, count, number, score
from walras.cli._output import facts, heading, table
from walras.cli._terminal import one_line
from walras.core import AggregateReport, Metric, ReportEnvelope, Undefined

_ROWS = (
    ("P&L at resolution", "resolution_pnl_pusd", "pUSD"),
    ("taker fees", "taker_fee_pusd", "pUSD"),
    ("maker rebates", "maker_rebate_pusd", "pUSD"),
    ("adverse selection", "adverse_selection_pusd", "pUSD, a loss where positive"),
    ("worst drawdown", "max_drawdown_pusd", "pUSD"),
    ("Sharpe", "sharpe_per_block", "per block, not annualised"),
    ("Sortino", "sortino_per_block", "per block, not annualised"),
    ("profit factor", "profit_factor_per_block", "per block"),
    ("win rate", "win_rate_per_block", "of blocks"),
    ("fills", "fills", "a scenario"),
    ("filled", "filled_shares", "shares a scenario"),
    ("fill ratio", "fill_ratio", "of orders placed"),
    ("inventory, mean", "inventory_mean_abs_shares", "shares, absolute"),
    ("inventory, worst", "inventory_max_shares", "shares, absolute"),
)


def tell_report(report: ReportEnvelope) -> None:
    """Print what a backtest measured; a metric without a value says why."""
    total = report.aggregate
    heading(f"Measured on {count(total.scenarios, 'scenario')} of set {one_line(report.scenario_set, 40)}")
    rows = [("P&L net of fees", f"{_pnl(total)}  pUSD a scenario")]
    for label, name, unit in _ROWS:
        value: Metric = getattr(total, name)
        rows.append((label, _metric(value) if isinstance(value, Undefined) else f"{number(value)}  {unit}"))
    if total.rejections:
        refused = ", ".join(f"{number(times)} {one_line(why)}" for why, times in total.rejections.items())
        rows.append(("rejections", refused))
    if report.reason_codes:
        rows.append(("look at", one_line(", ".join(report.reason_codes))))
    facts(rows)
    if total.regimes:
        heading("By regime")
        lines = [
            (one_line(r.regime, 20), number(r.events), number(r.pnl_pusd), number(r.fills))
            for r in total.regimes
        ]
        table(("regime", ">events", ">P&L pUSD", ">fills"), lines)


def _pnl(total: AggregateReport) -> str:
    if isinstance(total.pnl_pusd, Undefined):
        return _metric(total.pnl_pusd)
    error = total.pnl_standard_error_pusd
    return score(total.pnl_pusd, None if isinstance(error, Undefined) else error)


def _metric(value: Undefined) -> str:
    return f"{NONE}  ({one_line(value.undefined, 120)})"
