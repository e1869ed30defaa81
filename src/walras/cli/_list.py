"""`walras list`: the searches of a store."""

import click

from walras.cli._options import Command, common, store_option

EXAMPLES = (
    "walras list",
    "walras list --proposer tpe --state open",
    "walras list --tag demo --json | head -1",
)
STATES = ("open", "finished", "archived")


@click.command("list", cls=Command, examples=EXAMPLES)
@click.option("--state", type=click.Choice(STATES), help="Only searches in this state.")
@click.option("--proposer", metavar="KIND", help="Only searches of this proposer.")
@click.option("--strategy", metavar="NAME", help="Only searches of this strategy.")
@click.option("--name", metavar="TEXT", help="Only searches of this name.")
@click.option("--tag", metavar="TEXT", help="Only searches with this tag.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most this many.")
@click.option("--archived", is_flag=True, help="Archived ones too.")
@store_option
@common
def list_searches(
    *,
    state: str | None,
    proposer: str | None,
    strategy: str | None,
    name: str | None,
    tag: str | None,
    limit: int | None,
    archived: bool,
    store: str | None,
    as_json: bool,
) -> None:
    """List searches, newest first. With --json one object a line, each with its `id`."""
    from walras.cli._format import quoted
    from walras.cli._list_view import tell_list
    from walras.cli._output import emit
    from walras.cli._place import open_to_read
    from walras.cli._records import summary_json
    from walras.core import SearchState

    wanted = None if state is None else SearchState(state)
    with open_to_read(store=store) as bench:
        rows = bench.store.list(
            state=wanted,
            archived=archived or wanted is SearchState.ARCHIVED,
            proposer=proposer,
            strategy=strategy,
            name=name,
            tag=tag,
            limit=limit,
        )
        asked = {"state": state, "proposer": proposer, "strategy": strategy, "name": name, "tag": tag}
        narrowed = " ".join(f"--{option} {quoted(value)}" for option, value in asked.items() if value)
        if narrowed and not rows:
            click.echo(f"No search matches {narrowed}.", err=True)
        if not as_json:
            tell_list(rows, place=bench.store.place, store=store)
            return
        for row in rows:
            emit(summary_json(row))
