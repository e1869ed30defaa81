"""`walras demo`: the whole thing in seconds, offline and without a key."""

import click

from walras.cli._options import Command, common, store_option, verbosity

EXAMPLES = ("walras demo", "walras demo --json | tail -1", "walras demo --store /tmp/try.db")
PROPOSERS = ("random", "tpe", "llm")
REPEATS = 2
BUDGET = 15
SCENARIOS = 8
EVENTS = 100_000
TRUTH = (
    f"{REPEATS} seeds cannot separate proposers: with {REPEATS} pairs no exact test can reach p <= 0.05,"
    " whatever the scores are."
)


@click.command(cls=Command, examples=EXAMPLES)
@click.option("--seed", default=0, show_default=True, metavar="N", help="First seed.")
@store_option
@common
@click.pass_context
def demo(ctx: click.Context, /, *, seed: int, store: str | None, as_json: bool) -> None:
    """Run random against TPE against a scripted model on a small budget, and say what that shows.

    The scripted model is fixed rules behind the same door as a language model: no key, no network. The
    searches are stored with the tag `demo`, so that `show`, `replay` and `report` have something to show.
    """
    from walras.cli._arms import choose_arms
    from walras.cli._compare_view import tell_comparison
    from walras.cli._displays import following
    from walras.cli._format import command
    from walras.cli._output import notice, say, steps
    from walras.search import ComparisonRequest, EndpointChoice, SearchRequest, compare
    from walras.wiring import open_bench, read_space

    with open_bench(store=store) as bench:
        request = ComparisonRequest(
            search=SearchRequest(
                space=read_space(bench, "market_maker"),
                budget=BUDGET,
                seed=seed,
                scenarios=SCENARIOS,
                events=EVENTS,
                endpoint=EndpointChoice(kind="scripted"),
                name="demo",
                tags=("demo",),
            ),
            proposers=PROPOSERS,
            repeats=REPEATS,
        )
        display = choose_arms(len(PROPOSERS) * REPEATS, as_json=as_json, verbosity=verbosity(ctx))
        with following(display, store=store):
            found = compare(bench, request, listen=display)
    tell_comparison(found, as_json=as_json)
    if as_json:
        return
    rows = [
        ("walras show @last", "the last of these searches, and its winner"),
        ("walras replay @last", "run it again and compare every byte"),
        ("walras report @last -o demo.html", "the same as one page"),
        ("walras search market_maker", "a search of your own, with TPE and budget 60"),
        ("walras compare market_maker --repeats 8", "random against TPE, with seeds enough to decide"),
    ]
    steps(*((command(text, store), what) for text, what in rows))
    say()
    say(TRUTH)
    notice()
