"""`walras watch`: follow a search that another process runs, through the store alone."""

import time
from typing import TYPE_CHECKING

import click

from walras.cli._options import Command, common, ref_argument, store_option, verbosity

if TYPE_CHECKING:
    from walras.cli._displays import Display
    from walras.core import Iteration, SearchRecord
    from walras.search import Bench, IterationEnded

EXAMPLES = ("walras watch @last", "walras watch 4k2 --json | head -20", "walras watch @last --patience 600")


@click.command(cls=Command, examples=EXAMPLES)
@ref_argument
@click.option("--interval", default=0.5, show_default=True, metavar="SECONDS", help="Time between two looks.")
@click.option(
    "--patience", type=float, metavar="SECONDS", help="Give up after this long without news. [default: never]"
)
@store_option
@common
@click.pass_context
def watch(
    ctx: click.Context,
    /,
    *,
    ref: str,
    interval: float,
    patience: float | None,
    store: str | None,
    as_json: bool,
) -> None:
    """Follow the search ID until it ends; what is done already comes first.

    It only reads: leaving it with Ctrl-C leaves the search running.
    """
    from walras.cli._displays import choose_display
    from walras.cli._ends import tell_finished
    from walras.cli._place import open_to_read
    from walras.core import UsageError
    from walras.search import locate

    if not 0.01 <= interval <= 3600:
        raise UsageError(f"--interval {interval:g} is out of range.", hint="Give 0.01 to 3600 seconds.")
    with open_to_read(store=store) as bench:
        known, _ = locate(bench, ref)
        display = choose_display(as_json=as_json, verbosity=verbosity(ctx))
        with display:
            record = _follow(bench, known.id, display, interval=interval, patience=patience)
        if not as_json:
            tell_finished(bench, record, seconds=record.spent.seconds, store=store)


def _follow(
    bench: "Bench", search: str, display: "Display", *, interval: float, patience: float | None
) -> "SearchRecord":
    """Show what is stored and what is added, until the search is no longer open."""
    from walras.cli._ends import finished_event
    from walras.core import SearchState, Unavailable
    from walras.search import SearchCreated

    record = bench.store.find(search)
    display(SearchCreated(record))
    seen, quiet_since = 0, time.monotonic()
    while True:
        record = bench.store.find(search)
        fresh = bench.store.iterations(search, start=seen)
        for row in fresh:
            display(_ended(record, row, display.progress.best))
        if fresh:
            seen, quiet_since = seen + len(fresh), time.monotonic()
        if record.state is not SearchState.OPEN and seen >= record.iterations:
            event = finished_event(bench, record)
            if event is not None:
                display(event)
            return record
        if patience is not None and time.monotonic() - quiet_since > patience:
            raise Unavailable(
                f"Search {search} brought nothing new for {patience:g} s ({seen}/{record.budget} done).",
                hint=f"If its process has ended, go on with: walras resume {search}",
            )
        time.sleep(interval)


def _ended(record: "SearchRecord", row: "Iteration", best: "Iteration | None") -> "IterationEnded":
    """Return the event that the running search told when it committed `row`."""
    from walras.search import IterationEnded, best_of

    leader = best_of([kept for kept in (best, row) if kept is not None])
    return IterationEnded(
        search=record.id,
        iteration=row,
        best=None if leader is None else leader.score.value,
        best_number=None if leader is None else leader.number,
        spent=record.spent,
    )
