"""A search in one screen."""

from collections.abc import Mapping, Sequence

from walras.charts import sparkline
from walras.cli._format import command, count, duration, number, setting, when
from walras.cli._headline import next_steps, objective_text, tell_headline, tell_params
from walras.cli._output import clipped, facts, heading, notice, say, screen_width, steps
from walras.cli._progress import fate, said
from walras.cli._terminal import one_line
from walras.core import Iteration, SearchRecord, Status

_SHOWN = 10


def tell_search(
    record: SearchRecord,
    rows: Sequence[Iteration],
    *,
    params: Mapping[str, object] | None,
    trials: int,
    every: bool,
    store: str | None,
) -> None:
    """Print what a search is, where it stands, what it found, and its iterations."""
    name = f"  {one_line(record.name, 80)}" if record.name else ""
    say(f"Search {record.id}{name}", bold=True)
    facts(_facts(record, rows, trials))
    if rows:
        heading("Score per iteration")
        say(f"  {sparkline([row.score.value for row in rows], min(screen_width() - 4, 80))}")
    if record.headline is not None:
        tell_headline(record, record.headline, rows)
    if params:
        tell_params(record, params)
    if rows:
        chosen = rows if every else _best(rows)
        heading("Every iteration" if every else f"The {len(chosen)} best of {len(rows)} by search score")
        tell_rows(chosen)
    if record.headline is not None:
        next_steps(record, store=store)
    else:
        steps((command(f"walras resume {record.id}", store), "go on to its budget"))
    notice()


def tell_rows(rows: Sequence[Iteration]) -> None:
    """Print iterations, each with what was tried and, below it, why."""
    scores = [fate(row) for row in rows]
    width = max(map(len, scores))
    for row, value in zip(rows, scores, strict=True):
        tried, why = said(row, max(screen_width() - width - 12, 40))
        say(clipped(f"  {f'#{row.number}':>5}  {value.ljust(width)}  {tried}".rstrip()))
        if why:
            say(clipped(f"{'':{width + 11}}{why}"), dim=True)


def _best(rows: Sequence[Iteration]) -> list[Iteration]:
    scored = [row for row in rows if row.score.value is not None]
    return sorted(scored, key=lambda row: -(row.score.value or 0.0))[:_SHOWN] or list(rows[:_SHOWN])


def _origin(record: SearchRecord) -> str:
    """Return what the time of an imported search is, and when the search itself was made."""
    origin = record.meta.get("imported")
    if origin is None:
        return ""
    made = origin.get("created_at") if isinstance(origin, dict) else None
    return f", when it was imported; made {when(str(made))} UTC" if made else ", when it was imported"


def _facts(record: SearchRecord, rows: Sequence[Iteration], trials: int) -> list[tuple[str, str]]:
    spec, spent = record.spec, record.spent
    fates = [
        sum(row.status is status for row in rows) for status in (Status.DONE, Status.REFUSED, Status.FAILED)
    ]
    options = ", ".join(f"{name}={setting(value)}" for name, value in spec.proposer.options.items())
    cost = ""
    if spent.calls:
        tokens = f"{number(spent.prompt_tokens)} tokens in, {number(spent.completion_tokens)} out"
        cost = f"${spent.usd:.4f}, {count(spent.calls, 'call')}, {tokens}"
    roles = ", ".join(
        f"{len(role.scenarios)} {role.role}" for role in (spec.train, spec.validate, spec.holdout)
    )
    space = (
        f"{one_line(spec.space.name, 80)} ({one_line(spec.space.strategy)}, {one_line(spec.space.market)})"
    )
    return [
        ("state", f"{record.state}, {len(rows)} of {record.budget} iterations"),
        ("fates", f"{fates[0]} scored, {fates[1]} refused, {fates[2]} failed"),
        ("space", space),
        ("objective", objective_text(spec.objective)),
        ("proposer", f"{spec.proposer.kind}, seed {spec.seed}, batch {spec.batch}"),
        ("options", one_line(options)),
        ("scenarios", roles),
        ("trials", f"{count(trials, 'iteration')} ever on this space and these scenarios"),
        ("started", f"{when(record.created_at)} UTC{_origin(record)}"),
        ("worked", duration(spent.seconds)),
        ("cost", cost),
        ("tags", one_line(" ".join(f"#{tag}" for tag in record.tags))),
        ("note", record.note),
    ]
