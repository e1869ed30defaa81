"""`walras compare`: proposers side by side, paired by seed."""

from pathlib import Path
from typing import Any

import click

from walras.cli._options import (
    SET_HELP,
    Command,
    assignments,
    cap_options,
    common,
    endpoint_options,
    market_options,
    policy_option,
    store_option,
    verbosity,
)

EXAMPLES = (
    "walras compare market_maker --proposers random,tpe --repeats 8 --budget 40",
    "walras compare market_maker --proposers random,tpe,llm --endpoint scripted --repeats 6",
    "walras compare --searches 4k2,7p9,9q1,c3x --json",
)


@click.command(cls=Command, examples=EXAMPLES)
@click.argument("space", metavar="[SPACE]", required=False)
@click.option(
    "--searches", metavar="ID,ID,...", help="Compare finished searches instead of running new ones."
)
@click.option(
    "--proposers", default="random,tpe", show_default=True, metavar="KIND,...", help="Who competes."
)
@click.option(
    "--repeats", default=5, show_default=True, metavar="N", help="Seeds a proposer: seed, seed + 1 ..."
)
@click.option("--budget", default=60, show_default=True, metavar="N", help="Iterations a search.")
@click.option("--seed", default=0, show_default=True, metavar="N", help="First seed.")
@click.option("--objective", metavar="NAME", help="What a score is. [default: the space's]")
@market_options
@click.option("--batch", default=1, show_default=True, metavar="N", help="Proposals made at a time.")
@click.option(
    "--workers", default=1, show_default=True, metavar="N", help="Backtests at a time; changes no result."
)
@click.option("--set", "sets", multiple=True, metavar="NAME=VALUE", help=SET_HELP)
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="KIND.NAME=VALUE",
    help="Option of one proposer; repeatable.",
)
@endpoint_options
@cap_options
@click.option("--name", default="", metavar="TEXT", help="Name of the searches.")
@click.option("--note", default="", metavar="TEXT", help="A note to keep with them.")
@click.option("--tag", "tags", multiple=True, metavar="TEXT", help="Tag to find them by; repeatable.")
@policy_option
@store_option
@common
@click.pass_context
def compare(
    ctx: click.Context,
    /,
    *,
    space: str | None,
    searches: str | None,
    store: str | None,
    policy: Path | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Run several proposers on SPACE, everything else the same, and compare what they found.

    Every proposer runs once a seed; the winners' holdout scores are paired by seed. Exit code 0: a
    difference is shown; 5: not enough evidence, which is a finding too. With --json the events of every
    search, then one `comparison` object.
    """
    from walras.cli._arms import choose_arms
    from walras.cli._compare_view import tell_comparison
    from walras.cli._displays import following
    from walras.cli._output import notice
    from walras.cli._place import require_store
    from walras.cli._requests import comparison_of
    from walras.core import UsageError
    from walras.search import compare as run_all
    from walras.search import compare_stored
    from walras.wiring import open_bench, read_space

    if (space is None) == (searches is None):
        raise UsageError("Give a SPACE to run, or --searches ID,ID to compare what is stored.")
    if space is None:
        require_store(store)
    with open_bench(store=store, policy=policy) as bench:
        if space is None:
            from walras.search import locate

            refs = [locate(bench, ref.strip())[0].id for ref in (searches or "").split(",")]
            found = compare_stored(bench, refs)
        else:
            held = assignments(asked["sets"])
            space_read = read_space(
                bench, space, overrides=held, market=asked["market"], objective=asked["objective"]
            )
            request = comparison_of(space_read, asked)
            total = len(request.proposers) * request.repeats
            shown = choose_arms(total, as_json=as_json, verbosity=verbosity(ctx))
            with following(shown, store=store) as display:
                found = run_all(bench, request, listen=display)
    tell_comparison(found, as_json=as_json)
    if not as_json:
        notice()
    if not found.enough_evidence:
        ctx.exit(5)
