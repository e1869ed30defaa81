"""The end of a search that was followed: its best point and its headline."""

from typing import Any

from walras.cli._headline import tell_end
from walras.cli._output import notice
from walras.core import SearchRecord, printable_params
from walras.search import Bench, SearchFinished, iteration_of


def best_params(bench: Bench, record: SearchRecord) -> dict[str, Any] | None:
    """Return the params of the headline's iteration; None where there is none."""
    if record.headline is None or record.headline.best is None:
        return None
    row = iteration_of(bench, record, record.headline.best)
    return None if row.proposal is None else printable_params(row.proposal.params)


def tell_finished(bench: Bench, record: SearchRecord, *, seconds: float, store: str | None) -> None:
    """Print what a search found, after its display has left the screen."""
    rows = bench.store.iterations(record.id)
    tell_end(record, best_params(bench, record), rows, seconds=seconds, store=store)
    notice()


def finished_event(bench: Bench, record: SearchRecord) -> SearchFinished | None:
    """Return the last event of a search as it stands in the store; None while it is open."""
    if record.headline is None:
        return None
    return SearchFinished(record, record.headline, best_params(bench, record))
