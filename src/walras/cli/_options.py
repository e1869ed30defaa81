"""What commands share: their base class with examples, the options that many take, typed assignments."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from walras.cli._group import WIDTH
from walras.core import NOTICE, UsageError

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_META: Final = "walras.logging"
STORE: Final = "walras.store"
"""Where a context keeps the --store that was given."""


class Command(click.Command):
    """A command with examples in its help; it sets up logging before it runs."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **settings: Any) -> None:
        self.examples = tuple(examples)
        settings.setdefault("context_settings", {}).setdefault("max_content_width", WIDTH)
        super().__init__(*args, **settings)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they stand, then the notice."""
        del ctx
        _write_examples(formatter, self.examples)

    def invoke(self, ctx: click.Context) -> Any:
        """Set up logging, then run."""
        from walras.cli._logging import configure

        kept = ctx.meta.get(_META, {})
        configure(verbosity=kept.get("verbose", 0), as_json=kept.get("log_json", False))
        if "store" not in ctx.params:
            return super().invoke(ctx)
        ctx.meta[STORE] = ctx.params["store"]
        from walras.cli._waiting import told_of_waiting

        with told_of_waiting():
            return super().invoke(ctx)


class Group(click.Group):
    """A group of commands with examples in its help."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **settings: Any) -> None:
        self.examples = tuple(examples)
        super().__init__(*args, **settings)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they stand, then the notice."""
        del ctx
        _write_examples(formatter, self.examples)


def _write_examples(formatter: click.HelpFormatter, examples: Sequence[str]) -> None:
    formatter.write("\nExamples:\n")
    for example in examples:
        formatter.write(f"  {example}\n")
    formatter.write(f"\n{NOTICE}\n")


def verbosity(ctx: click.Context) -> int:
    """Return how often -v was given, and at least 1 where logs are JSON."""
    kept = ctx.meta.get(_META, {})
    return max(int(kept.get("verbose", 0)), int(kept.get("log_json", False)))


def _keep(ctx: click.Context, param: click.Parameter, value: object) -> None:
    ctx.meta.setdefault(_META, {})[param.name] = value


def common(function: Decorated) -> Decorated:
    """Add what every command takes: --json, -v and --log-json."""
    for option in (
        click.option(
            "--log-json",
            is_flag=True,
            expose_value=False,
            callback=_keep,
            help="Log to stderr as JSON lines.",
        ),
        click.option(
            "-v",
            "--verbose",
            count=True,
            expose_value=False,
            callback=_keep,
            help="Log to stderr; twice for more.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout and nothing else there."),
    ):
        function = option(function)
    return function


def store_option(function: Decorated) -> Decorated:
    """Add --store."""
    return click.option(
        "--store", metavar="URL", help="Store to use: a path or a SQLAlchemy URL. [default: WALRAS_STORE]"
    )(function)


def policy_option(function: Decorated) -> Decorated:
    """Add --policy."""
    return click.option(
        "--policy", metavar="FILE", type=click.Path(path_type=Path), help="File of further hard gates."
    )(function)


def market_options(function: Decorated) -> Decorated:
    """Add what says which market, how many scenarios and how long."""
    for option in (
        click.option("--events", type=int, metavar="N", help="Events a scenario. [default: the market's]"),
        click.option("--scenarios", type=int, metavar="N", help="Train scenarios. [default: the market's]"),
        click.option("--market", metavar="NAME", help="Market profile. [default: the space's]"),
    ):
        function = option(function)
    return function


def endpoint_options(function: Decorated) -> Decorated:
    """Add what says which endpoint answers prompts."""
    for option in (
        click.option(
            "--prices",
            metavar="FILE",
            type=click.Path(path_type=Path),
            help='JSON of prices: {"model": {"in": 0.4, "out": 1.6}}.',
        ),
        click.option("--price-out", type=float, metavar="USD", help="Price of a million completion tokens."),
        click.option("--price-in", type=float, metavar="USD", help="Price of a million prompt tokens."),
        click.option(
            "--base-url", metavar="URL", help="OpenAI-compatible server. [default: WALRAS_BASE_URL]"
        ),
        click.option("--model", metavar="NAME", help="Model that answers."),
        click.option(
            "--endpoint",
            "endpoint_kind",
            metavar="KIND",
            help="live (a server) or scripted (fixed rules, offline, no model). [default: live]",
        ),
    ):
        function = option(function)
    return function


def cap_options(function: Decorated) -> Decorated:
    """Add the caps on money, calls, tokens and time."""
    for option in (
        click.option("--max-minutes", type=float, metavar="N", help="Stop after this many minutes of work."),
        click.option("--max-tokens", type=int, metavar="N", help="Stop before this many tokens are used."),
        click.option(
            "--max-calls", type=int, metavar="N", help="Stop before this many endpoint calls are made."
        ),
        click.option("--max-usd", type=float, metavar="USD", help="Stop before this much money is spent."),
    ):
        function = option(function)
    return function


SET_HELP: Final = "Hold a parameter at a value; repeat it for more. A comma does not separate two."


def assignments(given: Iterable[str], *, flag: str = "--set") -> dict[str, str]:
    """Return `NAME=VALUE` texts by name, split at the first `=`; the values stay text for the guard.

    Raises:
        UsageError: If one is no assignment, or a name is assigned twice.
    """
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"{flag} {text[:200]!r} is no assignment.", hint=f"Write {flag} NAME=VALUE.")
        if name in found:
            raise UsageError(f"{flag} assigns {name[:200]!r} twice.", hint="Give each name once.")
        found[name] = value
    return found


def ref_argument(function: Decorated) -> Decorated:
    """Add the argument that names a search."""
    return click.argument("ref", metavar="ID", shell_complete=_refs, callback=whole_ref)(function)


def whole_ref(ctx: click.Context, param: click.Parameter, ref: str | None) -> str | None:
    """Return a reference as it is; one that ends in its colon names no iteration.

    Raises:
        UsageError: If it does.
    """
    del ctx, param
    if ref and ref.endswith(":"):
        raise UsageError(
            f"{ref[:80]!r} names no iteration.", hint="Write ID:N or ID:best, or leave the colon out."
        )
    return ref


def _refs(ctx: click.Context, param: click.Parameter, text: str) -> list[str]:
    del ctx, param
    return [name for name in ("@last", "@best") if name.startswith(text)]
