"""What a finished search found: each number with the scenarios it was made on, and the next commands."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from walras.backtest import objective_spec
from walras.cli._format import command, count, duration, score, setting
from walras.cli._output import facts, heading, say, steps, table
from walras.cli._terminal import one_line
from walras.core import Headline, Iteration, SearchRecord, Status, UsageError, Value, WalrasError

_STILL: Final = "NO_FILLS"


def objective_text(name: str) -> str:
    """Return an objective with its unit, or alone where it is not installed here."""
    try:
        return f"{one_line(name)} ({objective_spec(name).unit})"
    except UsageError:
        return one_line(name)


def tell_headline(record: SearchRecord, headline: Headline, rows: Sequence[Iteration]) -> None:
    """Print the three scores of the best iteration, how far each can be trusted, and what was lost.

    Args:
        rows: Every iteration of the search.
    """
    lost = _lost(rows)
    proposed = sum(row.number > 0 for row in rows)
    is_all = 0 < proposed == sum(lost.values())
    if headline.best is None:
        heading("Nothing was found")
        say(f"  {headline.reason or 'No iteration has a score.'}")
    else:
        still = _stillness(rows, headline)
        heading(f"Iteration {headline.best} is the best, in {objective_text(record.spec.objective)}{still}")
        facts(_scores(record, headline))
        if headline.best == 0 and not is_all:
            say("  Nothing beat the strategy's defaults, which are iteration 0.")
    if lost:
        codes = ", ".join(f"{one_line(code, 60)} {times}" for code, times in lost.most_common())
        alone = "; only the defaults were measured" if is_all and headline.best == 0 else ""
        text = f"{sum(lost.values())} of {count(proposed, 'proposal')} failed: {codes}{alone}."
        say(f"  {text}", bold=is_all, fg="red" if is_all else "yellow")


def _lost(rows: Sequence[Iteration]) -> Counter[str]:
    """Return how many proposals were refused or failed, by code."""
    return Counter(
        (row.failure and row.failure.code) or (row.verdict and row.verdict.code) or str(row.status)
        for row in rows
        if row.number > 0 and row.status in (Status.FAILED, Status.REFUSED)
    )


def _stillness(rows: Sequence[Iteration], headline: Headline) -> str:
    """Return what is to be said of a winner that won by not trading; "" of one that trades."""
    found = next((row for row in rows if row.number == headline.best), None)
    if found is None or found.report is None or _STILL not in found.report.reason_codes:
        return ""
    if headline.holdout_score:  # on the holdout it did trade a little
        return ", but made no fills: it does not trade on the scenarios that the search chose on"
    return ", but made no fills: it does not trade"


def _scores(record: SearchRecord, headline: Headline) -> list[tuple[str, str]]:
    spec = record.spec
    sizes = {
        role: count(len(getattr(spec, role).scenarios), "scenario")
        for role in ("train", "validate", "holdout")
    }
    looks = record.holdout_looks
    seen = "the first look at them" if looks <= 1 else f"look {looks} at them, each makes it less of one"
    held = score(headline.holdout_score, headline.holdout_se)
    if headline.holdout_score is None:
        held = f"no score: {one_line(headline.holdout_reason or 'no reason stored', 200)}"
    rows = [
        (
            "search score",
            score(headline.search_score, headline.search_se),
            f"{sizes['train']} that the search chose on, so it flatters",
        ),
        (
            "validate score",
            score(headline.validate_score, headline.validate_se),
            f"{sizes['validate']}, fresh; chose among the best {len(headline.candidates)}",
        ),
        ("holdout score", held, f"{sizes['holdout']} that nothing was chosen on; {seen}"),
    ]
    rival = next((row for row in headline.candidates if row.number == 0), None)
    if rival is not None and headline.best != 0:
        rows.append(
            ("the defaults", score(rival.validate_score, rival.validate_se), "the validate scenarios too")
        )
    width = max(len(value) for _, value, _ in rows)
    return [(label, f"{value.ljust(width)}  on {what}") for label, value, what in rows]


def tell_params(
    record: SearchRecord, params: Mapping[str, object], *, title: str = "Best parameters"
) -> None:
    """Print a point beside the strategy's defaults and the bounds it was searched in."""
    heading(title)
    rows = []
    for name, value in params.items():
        axis = record.spec.space.by_name.get(name)
        bounds = "" if axis is None else bounds_text(axis.low, axis.high, axis.choices)
        default = "" if axis is None else setting(axis.default)
        rows.append(
            (one_line(name, 128), setting(value), one_line(axis.unit, 20) if axis else "", default, bounds)
        )
    known = declared(record.spec.space.strategy)
    for name, value in record.spec.space.fixed.items():
        unit, default = known.get(name, ("", ""))
        rows.append((one_line(name, 128), setting(value), unit, default, "fixed"))
    table(("parameter", ">value", "unit", ">default", "searched in"), rows)


def declared(strategy: str) -> dict[str, tuple[str, str]]:
    """Return unit and default of each parameter of a strategy; {} where it is not installed here."""
    from walras.strategies import strategy_schema

    try:
        schema = strategy_schema(strategy)
    except WalrasError:
        return {}
    return {row.name: (one_line(row.unit, 20), setting(row.default)) for row in schema.parameters}


def bounds_text(low: float | None, high: float | None, choices: tuple[str, ...] = ()) -> str:
    """Return `1 .. 10`, the choices, or `false, true`."""
    if low is not None and high is not None:
        return f"{setting(low)} .. {setting(high)}"
    return one_line(", ".join(choices), 80) if choices else "false, true"


def tell_end(
    record: SearchRecord,
    params: Mapping[str, Value] | None,
    rows: Sequence[Iteration],
    *,
    seconds: float,
    store: str | None,
) -> None:
    """Print the end of a search: the headline, its parameters, and what to do next."""
    name, done = one_line(record.spec.space.name, 60), count(record.iterations, "iteration")
    say(f"Finished search {record.id}  {name} · {done} · {duration(seconds)}")
    if record.headline is not None:
        tell_headline(record, record.headline, rows)
    if params:
        tell_params(record, params)
    next_steps(record, store=store)


def next_steps(record: SearchRecord, *, store: str | None) -> None:
    """Print the commands that go on from a finished search."""
    found = record.headline is not None and record.headline.best is not None
    place = f"{record.id}:best" if found else record.id
    rows = [
        (f"walras show {place}", "the best point and all that was measured"),
        (f"walras explain {record.id}", "what each of its parameters is worth"),
        (f"walras report {record.id} -o {record.id}.html", "the whole search as one page"),
        (f"walras replay {record.id}", "run it again and compare every byte"),
    ]
    steps(*((command(text, store), what) for text, what in rows))
