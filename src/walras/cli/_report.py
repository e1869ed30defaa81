"""`walras report`: a search as one page."""

from pathlib import Path

import click

from walras.cli._options import Command, common, policy_option, ref_argument, store_option

EXAMPLES = ("walras report @last -o search.html", "walras report @best -o best.html")


@click.command(cls=Command, examples=EXAMPLES)
@ref_argument
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Page to write.",
)
@policy_option
@store_option
@common
def report(*, ref: str, output: Path, policy: Path | None, store: str | None, as_json: bool) -> None:
    """Write the search ID as one self-contained HTML page: no script, nothing to fetch, opens from disk."""
    from walras.cli._output import document, emit, notice, say, write_file
    from walras.cli._place import open_to_read
    from walras.search import locate
    from walras.wiring import report_html

    with open_to_read(store=store, policy=policy) as bench:
        record, _ = locate(bench, ref)
        page = report_html(bench, record)
    made = write_file(output, page)
    size = made.stat().st_size
    if as_json:
        emit(document("report", search=record.id, file=str(made), bytes=size))
        return
    say(f"Wrote {made} ({size / 1000:,.0f} kB).")
    notice()
