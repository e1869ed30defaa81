"""`walras params`: the parameters of an iteration as YAML."""

import json

import click

from walras.cli._options import Command, common, ref_argument, store_option

EXAMPLES = (
    "walras params @best > winner.yaml",
    "walras params 4k2:17",
    "walras backtest market_maker --params winner.yaml",
)


@click.command(cls=Command, examples=EXAMPLES)
@ref_argument
@store_option
@common
def params(*, ref: str, store: str | None, as_json: bool) -> None:
    """Print the parameters of the winner of ID, or of the iteration ID:N, as YAML.

    `walras backtest --params FILE` and the `fixed` part of a search space take them as they are.
    """
    from walras.cli._output import document, emit, say
    from walras.cli._place import open_to_read
    from walras.core import NOTICE, UnknownName, printable_params
    from walras.search import best_number, iteration_of, locate

    with open_to_read(store=store) as bench:
        record, number = locate(bench, ref)
        row = iteration_of(bench, record, best_number(bench, record) if number is None else number)
    if row.proposal is None:
        raise UnknownName("params", f"{record.id}:{row.number}", hint="This iteration has no proposal.")
    point = dict(sorted({**record.spec.space.fixed, **printable_params(row.proposal.params)}.items()))
    strategy = record.spec.space.strategy
    if as_json:
        emit(document("params", search=record.id, iteration=row.number, strategy=strategy, params=point))
        return
    say(f"# {NOTICE}")
    say(f"# {json.dumps(strategy)[1:-1]}, search {record.id}, iteration {row.number}, {row.status}")
    for name, value in point.items():
        say(f"{name if _is_plain(name) else json.dumps(name)}: {json.dumps(value)}")


def _is_plain(name: str) -> bool:
    return name.isascii() and name.replace(".", "_").isidentifier()
