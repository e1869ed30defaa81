"""`walras search`: start a search, follow it, say what it found."""

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
    "walras search market_maker",
    "walras search search_spaces/market_maker.yaml --proposer tpe --budget 60 --seed 7",
    "walras search my_space.yaml --set strategy.mm.order_size=50 --option n_startup_trials=5 --dry-run",
    "walras search market_maker --proposer llm --model gpt-4.1-mini --max-calls 100 --name 'first try'",
    "walras search market_maker --proposer llm --endpoint scripted --json | tee search.jsonl",
)


@click.command(cls=Command, examples=EXAMPLES)
@click.argument("space", metavar="SPACE")
@click.option(
    "--proposer", default="tpe", show_default=True, metavar="KIND", help="random, tpe, llm or a plug-in's."
)
@click.option(
    "--budget", default=60, show_default=True, metavar="N", help="Iterations, the defaults included."
)
@click.option("--seed", default=0, show_default=True, metavar="N", help="Seed of the proposer.")
@click.option("--objective", metavar="NAME", help="What a score is. [default: the space's]")
@market_options
@click.option("--batch", default=1, show_default=True, metavar="N", help="Proposals made at a time.")
@click.option(
    "--workers", default=1, show_default=True, metavar="N", help="Backtests at a time; changes no result."
)
@click.option("--set", "sets", multiple=True, metavar="NAME=VALUE", help=SET_HELP)
@click.option(
    "--option", "options", multiple=True, metavar="NAME=VALUE", help="Option of the proposer; repeatable."
)
@endpoint_options
@cap_options
@click.option("--name", default="", metavar="TEXT", help="Name of the search.")
@click.option("--note", default="", metavar="TEXT", help="A note to keep with it.")
@click.option("--tag", "tags", multiple=True, metavar="TEXT", help="Tag to find it by; repeatable.")
@click.option("--dry-run", is_flag=True, help="Check all and say what would run; create nothing.")
@policy_option
@store_option
@common
@click.pass_context
def search(
    ctx: click.Context, /, *, space: str, store: str | None, policy: Path | None, as_json: bool, **asked: Any
) -> None:
    """Search SPACE for better parameters, and keep every step.

    SPACE is a file, or the name of a space that ships (`walras space list`). Iteration 0 is the
    strategy's defaults. At the end the best few run again on fresh scenarios, so that the headline is
    not the luckiest of many. Ctrl-C is safe at any time: `walras resume ID` goes on from there.
    """
    from walras.cli._displays import choose_display, following
    from walras.cli._requests import request_of
    from walras.search import specify, start
    from walras.wiring import open_bench, read_space

    held = assignments(asked["sets"])
    with open_bench(store=store, policy=policy) as bench:
        found = read_space(bench, space, overrides=held, market=asked["market"], objective=asked["objective"])
        request = request_of(found, asked)
        if asked["dry_run"]:
            from walras.cli._dry_run import tell_plan

            tell_plan(request, specify(bench, request), as_json=as_json)
            return
        shown = choose_display(as_json=as_json, verbosity=verbosity(ctx))
        with following(shown, store=store) as display:
            record = start(bench, request, listen=display)
        if not as_json:
            from walras.cli._ends import tell_finished

            tell_finished(bench, record, seconds=display.progress.elapsed, store=store)
