"""`walras audit`: the log of refusals, imports and what else must not be forgotten."""

import click

from walras.cli._format import number
from walras.cli._options import Command, common, store_option

EXAMPLES = ("walras audit", "walras audit --kind refusal --limit 20", "walras audit --json | head -1")


@click.command(cls=Command, examples=EXAMPLES)
@click.option("--kind", metavar="WORD", help="Only records of this kind: refusal, import ...")
@click.option("--subject", metavar="TEXT", help="Only records about this search or file.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    metavar="N",
    help="At most this many.",
)
@store_option
@common
def audit(*, kind: str | None, subject: str | None, limit: int, store: str | None, as_json: bool) -> None:
    """Read the audit log, newest first. It only grows, and each line carries the digest of the one before."""
    from walras.cli._format import when
    from walras.cli._output import document, emit, notice, say, table
    from walras.cli._place import open_to_read
    from walras.cli._terminal import one_line

    with open_to_read(store=store) as bench:
        records = bench.store.audit_records(kind=kind, subject=subject, limit=limit)
    if as_json:
        for row in records:
            emit(document("audit", **vars(row)))
        return
    if not records:
        say("The audit log has no such record.")
    else:
        rows = [
            (
                str(row.number),
                when(row.at),
                one_line(row.kind, 20),
                one_line(row.code, 40),
                one_line(row.subject, 40),
                one_line("  ".join(f"{name}={_shown(value)}" for name, value in row.detail.items() if value)),
            )
            for row in records
        ]
        table((">#", "when (UTC)", "kind", "code", "about", "detail"), rows, indent=0)
    notice()


def _shown(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else number(value)
