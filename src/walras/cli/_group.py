"""The group `walras`: it knows its commands by name and loads the one that is named."""

from importlib import import_module

import click

from walras.cli._commands import COMMANDS, SECTIONS

WIDTH = 100
"""Widest line of a help page."""


class LazyGroup(click.Group):
    """A group whose help needs no command, and whose commands load when they are named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every command's name in the order of the help page."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command; None if there is none of this name."""
        del ctx
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        found = getattr(import_module(f"walras.cli.{entry.module}"), entry.attribute)
        assert isinstance(found, click.Command)  # noqa: S101  # held by a test over the table
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that `args` names; a misspelt one gets the nearest name.

        Raises:
            click.UsageError: If there is no such command.
        """
        name = str(args[0])
        if name in COMMANDS or name.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        raise click.UsageError(f"No such command {name[:80]!r}.{_nearest(name)}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under their headings, from the table alone."""
        del ctx
        for heading, entries in SECTIONS.items():
            with formatter.section(heading):
                # One width for all headings, so that the page reads as one table.
                rows = [(name.ljust(_LONGEST), entry.help) for name, entry in entries.items()]
                formatter.write_dl(rows, col_max=_LONGEST + 2)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write how to go on, as it stands."""
        del ctx
        formatter.write(_EPILOG)


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, COMMANDS, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


_LONGEST = max(map(len, COMMANDS))

_EPILOG = """
First steps:
  walras demo
  walras search search_spaces/market_maker.yaml --proposer tpe --budget 60
  walras show @last

An ID may be a prefix, @last or @best; ID:N is one iteration. `walras COMMAND --help` has examples.
Exit codes: 0 done, 1 bug, 2 usage, 3 refused by a hard gate, 4 gate failed, 5 not enough evidence,
6 cap reached, 7 integrity, 8 unavailable, 130 interrupted, 143 terminated.

Synthetic replay only. Not a forecast.
"""


def _version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    del param
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("walras")
    except PackageNotFoundError:  # run from a checkout that is not installed
        number = "not installed"
    click.echo(f"walras {number}")
    ctx.exit()


@click.group(
    name="walras",
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
@click.pass_context
def walras(ctx: click.Context) -> None:
    """Tune trading-strategy parameters on a synthetic prediction-market order book, and keep the evidence."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
