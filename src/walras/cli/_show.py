"""`walras show`: a search in one screen, or one of its iterations whole."""

from typing import TYPE_CHECKING

import click

from walras.cli._options import Command, common, ref_argument, store_option

if TYPE_CHECKING:
    from walras.core import SearchRecord
    from walras.search import Bench

EXAMPLES = (
    "walras show @last",
    "walras show @last --all",
    "walras show 4k2:17",
    "walras show @best --json | jq .proposal.params",
)


@click.command(cls=Command, examples=EXAMPLES)
@ref_argument
@click.option(
    "--all", "every", is_flag=True, help="Every iteration of a search, in order; else the ten best."
)
@store_option
@common
def show(*, ref: str, every: bool, store: str | None, as_json: bool) -> None:
    """Show the search ID, or the iteration ID:N whole: params, reasoning, report, prompts and answers.

    With --json a search is one object with its iterations, an iteration one object with its exchanges.
    """
    from walras.cli._place import open_to_read
    from walras.search import locate

    with open_to_read(store=store) as bench:
        record, number = locate(bench, ref)
        if number is None:
            _search(bench, record, every=every, store=store, as_json=as_json)
        else:
            _iteration(bench, record, number, as_json=as_json)


def _search(bench: "Bench", record: "SearchRecord", *, every: bool, store: str | None, as_json: bool) -> None:
    from walras.cli._output import emit
    from walras.cli._records import record_json

    rows = bench.store.iterations(record.id)
    trials = bench.store.count_trials(record.spec.space.digest, record.spec.train.digest)
    if as_json:
        emit({**record_json(record), "trials": trials, "rows": [row.to_body() for row in rows]})
        return
    from walras.cli._ends import best_params
    from walras.cli._search_view import tell_search

    tell_search(record, rows, params=best_params(bench, record), trials=trials, every=every, store=store)


def _iteration(bench: "Bench", record: "SearchRecord", number: int, *, as_json: bool) -> None:
    from walras.cli._iteration_view import tell_iteration
    from walras.cli._output import emit
    from walras.cli._records import iteration_json
    from walras.search import iteration_of

    row = iteration_of(bench, record, number)
    talk = tuple(item for item in bench.store.exchanges(record.id) if item.number in row.exchanges)
    if as_json:
        emit(iteration_json(record.id, row, talk))
        return
    tell_iteration(record, row, talk)
