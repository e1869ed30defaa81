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
    from walras.cli._format import command, count
    from walras.cli._output import emit, facts, notice, say
    from walras.cli._records import record_json
    from walras.core import UsageError
    from walras.search import import_file as take_in
    from walras.wiring import open_bench

    if file.is_dir():
        raise UsageError(f"{file} is a directory.", hint="Name one trajectory file in it.")
    with open_bench(store=store, policy=policy) as bench:
        known = {row.record.id for row in bench.store.list(archived=True)}
        record = take_in(bench, file)
    is_known = record.id in known
    if as_json:
        emit({**record_json(record, "import"), "already_stored": is_known})
        return
    what = "Verified; already stored" if is_known else "Verified, judged and stored"
    say(f"{what} as search {record.id}.")
    facts(
        [
            ("proposer", f"{record.spec.proposer.kind}, seed {record.spec.seed}"),
            ("iterations", count(record.iterations, "iteration")),
            ("next", command(f"walras replay {record.id}", store)),
        ]
    )
    notice()
