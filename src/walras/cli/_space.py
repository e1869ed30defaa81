"""`walras space`: check, show, write and list search spaces."""

from pathlib import Path

import click

from walras.cli._options import SET_HELP, Command, Group, assignments, common, policy_option, store_option

EXAMPLES = (
    "walras space list",
    "walras space init market_maker -o my_space.yaml",
    "walras space check my_space.yaml",
)


@click.group("space", cls=Group, examples=EXAMPLES, invoke_without_command=True)
@click.pass_context
def space(ctx: click.Context) -> None:
    """Check, show, write and list search spaces."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@space.command(
    cls=Command, examples=("walras space check my_space.yaml", "walras space check my_space.yaml --json")
)
@click.argument("ref", metavar="SPACE")
@click.option("--set", "sets", multiple=True, metavar="NAME=VALUE", help=SET_HELP)
@policy_option
@store_option
@common
def check(*, ref: str, sets: tuple[str, ...], policy: Path | None, store: str | None, as_json: bool) -> None:
    """Check a search space: every fault at once, each with its line and the mend.

    Exit code 0: a search can run on it; 2: it has faults; 3: a hard gate refuses it.
    """
    from walras.cli._format import command, count, quoted
    from walras.cli._output import document, emit, notice, say
    from walras.cli._terminal import one_line
    from walras.wiring import open_bench, read_space

    with open_bench(store=store, policy=policy) as bench:
        found = read_space(bench, ref, overrides=assignments(sets))
    if as_json:
        emit(document("space.check", ok=True, space=found.to_json(), digest=found.digest))
        return
    fixed = f", {len(found.fixed)} held fixed" if found.fixed else ""
    size = f"{count(len(found.dimensions), 'dimension')}{fixed}"
    say(f"ok: {one_line(found.name, 80)} ({one_line(found.strategy)}), {size}.", fg="green")
    say(f"Search it with: {command(f'walras search {quoted(ref)}', store)}")
    notice()


@space.command(cls=Command, examples=("walras space show market_maker", "walras space show my_space.yaml"))
@click.argument("ref", metavar="SPACE")
@policy_option
@store_option
@common
def show(*, ref: str, policy: Path | None, store: str | None, as_json: bool) -> None:
    """Show a search space: dimensions, bounds, defaults, and which names are locked and why."""
    from walras.cli._output import document, emit, facts, heading, notice, say, table
    from walras.cli._space_view import tell_dimensions
    from walras.cli._terminal import one_line
    from walras.policy import locked_names
    from walras.wiring import open_bench, read_space

    with open_bench(store=store, policy=policy) as bench:
        found = read_space(bench, ref)
        locked = locked_names(bench.policy)
    if as_json:
        rows = [dict(vars(gate)) for gate in locked]
        emit(
            document(
                "space", space=found.to_json(), digest=found.digest, defaults=found.defaults, locked=rows
            )
        )
        return
    say(one_line(found.name, 80), bold=True)
    facts(
        [
            ("strategy", one_line(found.strategy)),
            ("market", one_line(found.market)),
            ("objective", one_line(found.objective)),
            ("digest", found.digest[:16]),
        ]
    )
    heading("Dimensions")
    tell_dimensions(found)
    heading("Locked: no search may touch these")
    table(("pattern", "why"), [(one_line(gate.pattern, 80), one_line(gate.why, 200)) for gate in locked])
    say(f"  {locked[0].how_to_change}", dim=True)
    notice()


@space.command(
    cls=Command,
    examples=("walras space init market_maker", "walras space init market_maker -o my_space.yaml"),
)
@click.argument("strategy", metavar="STRATEGY")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write. [default: stdout]",
)
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@common
def init(*, strategy: str, output: Path | None, force: bool, as_json: bool) -> None:
    """Write a search space with every tunable of STRATEGY: its bounds, default, unit and what it is."""
    from walras.cli._format import quoted
    from walras.cli._output import document, emit, notice, say, write_file, writing
    from walras.core import UsageError
    from walras.policy import space_template
    from walras.strategies import strategy_schema

    text = space_template(strategy_schema(strategy))
    if output is not None:
        with writing(output):
            is_there = output.exists()
        if is_there and not force:
            raise UsageError(f"{output} exists.", hint="Choose another name, or replace it with --force.")
        write_file(output, text)
    if as_json:
        emit(
            document("space.init", strategy=strategy, file=None if output is None else str(output), text=text)
        )
    elif output is None:
        click.echo(text, nl=False)
    else:
        check_it = f"walras space check {quoted(str(output))}"
        say(f"Wrote {output}. Cut the bounds to what you believe in, then: {check_it}")
        notice()


@space.command("list", cls=Command, examples=("walras space list", "walras space list --json"))
@common
def list_spaces(*, as_json: bool) -> None:
    """List the search spaces that ship, and the strategies one can be written for."""
    from walras.cli._output import document, emit, heading, notice, table
    from walras.cli._terminal import one_line
    from walras.strategies import strategy_names, strategy_schema
    from walras.wiring import shipped_spaces

    spaces = shipped_spaces()
    strategies = {name: strategy_schema(name) for name in strategy_names()}
    if as_json:
        known = [{"name": name, "file": str(path)} for name, path in spaces.items()]
        kinds = [{"name": name, "description": schema.description} for name, schema in strategies.items()]
        emit(document("space.list", spaces=known, strategies=kinds))
        return
    heading("Search spaces that ship")
    table(("name", "file"), [(name, str(path)) for name, path in spaces.items()])
    heading("Strategies")
    rows = [
        (
            one_line(name, 40),
            str(sum(spec.tunable for spec in schema.parameters)),
            one_line(schema.description, 200),
        )
        for name, schema in strategies.items()
    ]
    table(("name", ">tunables", "what it does"), rows)
    notice()
