"""The report's tables of measurements, read from the envelope's own fields so that none is forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from walras.charts._format import NONE, number, plain

if TYPE_CHECKING:
    from walras.core import AggregateReport, MarkoutReport, ReportEnvelope

_UNITS: Final = (
    ("_pusd_per_share", "pUSD per share"),
    ("_pusd2", "pUSD²"),
    ("_pusd", "pUSD"),
    ("_shares", "shares"),
    ("_per_block", "per block"),
    ("_per_scenario", "per scenario"),
    ("_ratio", "fraction"),
    ("_seed", "seed"),
    ("_ms", "ms"),
)
_KEPT_IN_LABEL: Final = ("_ratio", "_seed")
_WITHOUT_SUFFIX: Final = {"scenarios": "count", "events": "count", "fills": "per scenario"}


@dataclass(frozen=True)
class Cell:
    """A value, or why there is none."""

    text: str
    undefined: bool = False


@dataclass(frozen=True)
class MetricRow:
    """One metric of the best iteration beside the defaults'."""

    label: str
    unit: str
    best: Cell
    defaults: Cell
    note: str


@dataclass(frozen=True)
class RegimeRow:
    """What happened while the market was in one regime."""

    regime: str
    events: str
    pnl: str
    fills: str


def metric_rows(best: "ReportEnvelope | None", defaults: "ReportEnvelope | None") -> tuple[MetricRow, ...]:
    """Return one row a metric; empty without a report of the best iteration."""
    if best is None:
        return ()
    ours = dict(_measured(best.aggregate))
    theirs = dict(_measured(defaults.aggregate)) if defaults is not None else {}
    notes = {name: field.description or "" for name, field in type(best.aggregate).model_fields.items()}
    return tuple(
        MetricRow(*_label(name), cell, theirs.get(name, Cell(NONE)), notes.get(name, ""))
        for name, cell in ours.items()
    )


def regime_rows(report: "ReportEnvelope | None") -> tuple[RegimeRow, ...]:
    """Return one row a regime of the report."""
    if report is None:
        return ()
    return tuple(
        RegimeRow(plain(row.regime, 60), f"{row.events:,}", number(row.pnl_pusd), f"{row.fills:,}")
        for row in report.aggregate.regimes
    )


def _measured(aggregate: "AggregateReport") -> Iterator[tuple[str, Cell]]:
    for name in type(aggregate).model_fields:
        value = getattr(aggregate, name, None)
        if name == "markouts":
            yield from _markouts(value or ())
        elif name == "rejections":
            yield from (
                (f"rejections_{reason}", Cell(number(count))) for reason, count in (value or {}).items()
            )
        elif name != "regimes":
            yield name, _cell(value)


def _markouts(rows: "tuple[MarkoutReport, ...]") -> Iterator[tuple[str, Cell]]:
    for row in rows:
        yield (
            f"{row.side}_markout_after_{row.horizon_events}_events_pusd_per_share",
            _cell(row.pusd_per_share),
        )


def _cell(value: object) -> Cell:
    why = getattr(value, "undefined", None)
    if isinstance(why, str):
        return Cell(f"undefined: {plain(why, 300)}", undefined=True)
    return Cell(number(value)) if isinstance(value, int | float) else Cell(NONE)


def _label(name: str) -> tuple[str, str]:
    if name in _WITHOUT_SUFFIX:
        return name.replace("_", " ").capitalize(), _WITHOUT_SUFFIX[name]
    for suffix, unit in _UNITS:
        if name.endswith(suffix):
            stem = name if suffix in _KEPT_IN_LABEL else name.removesuffix(suffix)
            return _title(stem), unit
    return _title(name), "number"


def _title(stem: str) -> str:
    words = stem.replace("_", " ")
    return (words[:1].upper() + words[1:]).replace("Pnl", "P&L").replace("pnl", "P&L")
