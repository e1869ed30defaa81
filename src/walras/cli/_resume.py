"""`walras resume`: go on with a stored search."""

from pathlib import Path
from typing import Any

import click

from walras.cli._options import (
    Command,
    cap_options,
    common,
    endpoint_options,
    policy_option,
    ref_argument,
    store_option,
    verbosity,
)

EXAMPLES = (
    "walras resume @last",
    "walras resume 4k2 --budget 120",
    "walras resume 4k2 --max-usd 5 --price-in 0.4 --price-out 1.6",
)


@click.command(cls=Command, examples=EXAMPLES)
@ref_argument
@click.option(
    "--budget", type=int, metavar="N", help="Iterations in all; more than before extends the search."
)
@click.option("--workers", type=int, metavar="N", help="Backtests at a time; changes no result.")
@endpoint_options
@cap_options
@policy_option
@store_option
@common
@click.pass_context
def resume(
    ctx: click.Context, /, *, ref: str, store: str | None, policy: Path | None, as_json: bool, **asked: Any
) -> None:
    """Go on with the search ID, or extend it.

    The trajectory is the one that an uninterrupted search would have had; an answer that a model gave
    is never asked for again. A larger --budget extends a finished search and leaves its first part as
    it is.
    """
    from walras.cli._displays import choose_display, following
    from walras.cli._ends import finished_event, tell_finished
    from walras.cli._place import require_store
    from walras.cli._progress import Progress
    from walras.cli._requests import caps_of, endpoint_of
    from walras.search import locate
    from walras.search import resume as go_on
    from walras.wiring import open_bench

    require_store(store)
    with open_bench(store=store, policy=policy) as bench:
        known, _ = locate(bench, ref)
        progress = Progress()
        progress.recall(bench.store.iterations(known.id))
        display = choose_display(as_json=as_json, verbosity=verbosity(ctx), progress=progress)
        with following(display, store=store):
            record = go_on(
                bench,
                known.id,
                budget=asked["budget"],
                workers=asked["workers"],
                endpoint=endpoint_of(asked),
                caps=caps_of(asked),
                listen=display,
            )
        if not as_json:
            tell_finished(bench, record, seconds=progress.elapsed, store=store)
        elif progress.finished is None:
            event = finished_event(bench, record)
            if event is not None:
                display(event)
