"""`walras export`: a search as a file."""

from pathlib import Path
from typing import Literal

import click

from walras.cli._options import Command, common, ref_argument, store_option

EXAMPLES = (
    "walras export @last -o search.jsonl",
    "walras export 4k2 -o search.csv",
    "walras export @best -o table.parquet --format parquet",
)
FORMATS = ("jsonl", "csv", "parquet")


@click.command(cls=Command, examples=EXAMPLES)
@ref_argument
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="Kind of file. [default: from its ending, else jsonl]",
)
@store_option
@common
def export(
    *,
    ref: str,
    output: Path,
    form: Literal["jsonl", "csv", "parquet"] | None,
    store: str | None,
    as_json: bool,
) -> None:
    """Write the search ID to FILE, whole or not at all.

    jsonl is the trajectory with its chain: `walras replay FILE` and `walras import FILE` take it. csv and
    parquet are tables, one row an iteration and one column a parameter, with the notice inside.
    """
    from walras.cli._output import document, emit, notice, say
    from walras.search import locate
    from walras.store import write_table, write_trajectory
    from walras.wiring import open_bench

    wanted = form or _form_of(output)
    with open_bench(store=store) as bench:
        record, _ = locate(bench, ref)
        if wanted == "jsonl":
            made = write_trajectory(output, bench.store.trajectory(record.id))
        else:
            made = write_table(output, wanted, record, bench.store.iterations(record.id))
    size = made.stat().st_size
    if as_json:
        emit(document("export", search=record.id, file=str(made), format=wanted, bytes=size))
        return
    say(f"Wrote search {record.id} to {made} ({wanted}, {size:,} bytes).")
    notice()


def _form_of(path: Path) -> Literal["jsonl", "csv", "parquet"]:
    """Return the format that a file's ending names; a trajectory where it names none."""
    ending = path.suffix.lower()
    if ending == ".csv":
        return "csv"
    return "parquet" if ending in (".parquet", ".pq") else "jsonl"
