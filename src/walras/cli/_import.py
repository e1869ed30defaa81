"""`walras import`: take in a trajectory file."""

from pathlib import Path

import click

from walras.cli._options import Command, common, policy_option, store_option

EXAMPLES = ("walras import search.jsonl", "walras import trajectories/market_maker_tpe.jsonl --json")


@click.command("import", cls=Command, examples=EXAMPLES)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@policy_option
@store_option
@common
def import_file(*, file: Path, policy: Path | None, store: str | None, as_json: bool) -> None:
    """Take the trajectory in FILE into the store.

    Every line is verified against the chain, then the guard judges it like any other input. One that is
    stored already is not stored twice.
    """
    from walras.cli._format import count
    from walras.cli._output import emit, facts, notice, say
    from walras.cli._records import record_json
    from walras.search import import_file as take_in
    from walras.wiring import open_bench

    with open_bench(store=store, policy=policy) as bench:
        record = take_in(bench, file)
    if as_json:
        emit(record_json(record, "import"))
        return
    say(f"Verified, judged and stored as search {record.id}.")
    facts(
        [
            ("proposer", f"{record.spec.proposer.kind}, seed {record.spec.seed}"),
            ("iterations", count(record.iterations, "iteration")),
            ("next", f"walras replay {record.id}"),
        ]
    )
    notice()
