"""`walras backtest`: one point of a strategy, measured."""

from pathlib import Path

import click

from walras.cli._options import Command, assignments, common, policy_option, store_option

EXAMPLES = (
    "walras backtest market_maker",
    "walras backtest market_maker --set strategy.mm.half_spread_ticks=3 --set strategy.mm.mode=join",
    "walras backtest market_maker --params winner.yaml --role validate --json",
)
ROLES = ("train", "validate", "holdout")


@click.command(cls=Command, examples=EXAMPLES)
@click.argument("strategy", metavar="STRATEGY")
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a parameter; repeatable. It wins over --params.",
)
@click.option(
    "--params",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="YAML that `walras params` prints.",
)
@click.option(
    "--market", default="liquid_politics", show_default=True, metavar="NAME", help="Market profile."
)
@click.option(
    "--role", type=click.Choice(ROLES), default="train", show_default=True, help="Which scenarios to run."
)
@click.option("--scenarios", type=int, metavar="N", help="How many scenarios. [default: the market's]")
@click.option("--events", type=int, metavar="N", help="Events a scenario. [default: the market's]")
@click.option(
    "--objective", default="belief_pnl", show_default=True, metavar="NAME", help="What the score is."
)
@policy_option
@store_option
@common
def backtest(
    *,
    strategy: str,
    sets: tuple[str, ...],
    file: Path | None,
    market: str,
    role: str,
    scenarios: int | None,
    events: int | None,
    objective: str,
    policy: Path | None,
    store: str | None,
    as_json: bool,
) -> None:
    """Run STRATEGY with one set of parameters and print its report envelope.

    What is not set keeps the strategy's default. The same guard judges it and the same engine runs it
    as in a search; nothing is stored but a refusal. With --json the envelope itself is printed.
    """
    from typing import Any, cast

    from walras.backtest import objective_spec
    from walras.backtest import score as score_of
    from walras.cli._output import notice
    from walras.search import run_backtest_once
    from walras.wiring import open_bench

    objective_spec(objective)
    with open_bench(store=store, policy=policy) as bench:
        envelope = run_backtest_once(
            bench,
            strategy,
            assignments=assignments(sets),
            params_file=file,
            market=market,
            role=cast("Any", role),
            scenarios=scenarios,
            events=events,
        )
    if as_json:
        click.echo(envelope.to_canonical_json())
        return
    from walras.cli._format import score, setting
    from walras.cli._headline import objective_text
    from walras.cli._output import facts, heading, say
    from walras.cli._report_view import tell_report
    from walras.cli._terminal import one_line

    value = score_of(objective, envelope)
    say(f"Backtest of {one_line(strategy)}", bold=True)
    text = (
        score(value.value, value.standard_error) if value.value is not None else f"none: {value.value_reason}"
    )
    facts([("score", f"{text}  {objective_text(objective)}"), ("envelope", envelope.envelope_id[:16])])
    heading("Parameters")
    facts([(one_line(name, 128), setting(set_to)) for name, set_to in envelope.params.items()])
    tell_report(envelope)
    notice()
