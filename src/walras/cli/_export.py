"""`walras export`: a search as a file."""

from collections.abc import Mapping
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
Form = Literal["jsonl", "csv", "parquet"]
ENDINGS: Mapping[str, Form] = {".jsonl": "jsonl", ".csv": "csv", ".parquet": "parquet", ".pq": "parquet"}


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
    help="Kind of file. [default: from its ending]",
)
@store_option
@common
def export(
    *,
    ref: str,
    output: Path,
    form: Form | None,
    store: str | None,
    as_json: bool,
) -> None:
    """Write the search ID to FILE, whole or not at all.

    jsonl is the trajectory with its chain: `walras replay FILE` and `walras import FILE` take it. csv and
    parquet are tables, one row an iteration and one column a parameter, with the notice inside.
    """
    from walras.cli._output import document, emit, notice, say, writing
    from walras.cli._place import open_to_read
    from walras.search import locate
    from walras.store import write_table, write_trajectory

    wanted = _form_of(output, form)
    with open_to_read(store=store) as bench:
        record, _ = locate(bench, ref)
        if wanted == "jsonl":
            trajectory = bench.store.trajectory(record.id)
            with writing(output):
                made = write_trajectory(output, trajectory)
        else:
            rows = bench.store.iterations(record.id)
            with writing(output):
                made = write_table(output, wanted, record, rows)
    size = made.stat().st_size
    if as_json:
        emit(document("export", search=record.id, file=str(made), format=wanted, bytes=size))
        return
    say(f"Wrote search {record.id} to {made} ({wanted}, {size:,} bytes).")
    notice()


def _form_of(path: Path, asked: Form | None) -> Form:
    """Return the format that was asked for, else the one that the file's ending names.

    Raises:
        UsageError: If neither names one.
    """
    from walras.cli._terminal import one_line
    from walras.core import UsageError

    named = ENDINGS.get(path.suffix.lower())
    if asked is None and named is None:
        raise UsageError(
            f"The ending of {path.name} names no format.",
            hint=f"End it in {', '.join(ENDINGS)}, or say which with --format.",
        )
    if asked is not None and named not in (None, asked):
        click.echo(f"warning: {one_line(path.name, 200)} ends like {named} but holds {asked}.", err=True)
    return asked or named or "jsonl"
