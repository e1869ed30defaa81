"""The report's first screen: tiles, the three scores and what each is worth, and the best parameters."""

import json
import re
from dataclasses import dataclass
from typing import Final

from walras.charts._format import NONE, duration, number, plain, setting, shared_prefix
from walras.charts._view import ReportView
from walras.core import NOTICE, Iteration, Status

_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*")


@dataclass(frozen=True)
class Tile:
    """One large number with its name and a line about it."""

    label: str
    value: str
    detail: str
    note: str = ""


@dataclass(frozen=True)
class Card:
    """One of the three scores: where it was measured and how far it can be believed."""

    label: str
    value: str
    error: str
    meaning: str


@dataclass(frozen=True)
class ParameterRow:
    """One parameter of the best iteration beside its default."""

    name: str
    value: str
    default: str
    unit: str
    bounds: str
    description: str


@dataclass(frozen=True)
class Best:
    """The iteration whose parameters the page recommends looking at, and how it was chosen."""

    iteration: Iteration
    how: str
    yaml: str
    rows: tuple[ParameterRow, ...]


def highest(view: ReportView) -> Iteration | None:
    """Return the iteration with the highest search score, the first of equals."""
    scored = [item for item in view.iterations if item.score.value is not None]
    return max(scored, key=lambda item: item.score.value or 0.0, default=None)


def best_of(view: ReportView) -> Best | None:
    """Return the winner on validate where there is one, else the highest search score."""
    headline = view.record.headline
    chosen = None
    if headline is not None and headline.best is not None:
        chosen = next((item for item in view.iterations if item.number == headline.best), None)
    how = "It won on the validate scenarios among the best few by search score."
    if chosen is None:
        chosen = highest(view)
        how = "It has the highest search score; it has not been checked on validate."
    if chosen is None or chosen.proposal is None:
        return None
    return Best(chosen, how, _yaml(view, chosen), _parameter_rows(view, chosen))


def tiles(view: ReportView) -> tuple[Tile, ...]:
    """Return the tiles Best score, Iterations, Elapsed, and the cost where a model proposed or was paid."""
    top = highest(view)
    spent = view.record.spent
    counts = {status: sum(item.status is status for item in view.iterations) for status in Status}
    lost = [f"{counts[s]} {s}" for s in (Status.REFUSED, Status.FAILED) if counts[s]]
    rows = [
        Tile(
            "Best score",
            number(top.score.value if top else None),
            f"{_error(top.score.standard_error)} · iteration {top.number}" if top else "nothing scored yet",
            _caution(view) if top else "",
        ),
        Tile("Iterations", str(len(view.iterations)), ", ".join([f"of {view.record.budget}", *lost])),
        Tile("Elapsed", duration(spent.seconds), f"{view.record.state}"),
    ]
    if spent.usd or any(item.exchanges for item in view.iterations):
        tokens = f"{spent.prompt_tokens:,} tokens in, {spent.completion_tokens:,} out"
        rows.append(Tile("Model cost", f"${spent.usd:.4f}", f"{spent.calls} calls · {tokens}"))
    return tuple(rows)


def _caution(view: ReportView) -> str:
    """Return what the best score is, beside the number that can be believed where there is one."""
    head = view.record.headline
    said = "Search score, chosen as a maximum: too high by selection. "
    if head is None:
        return said + "The honest number, the holdout score, comes when the budget is used up."
    if head.holdout_score is None:
        return said + "There is no holdout score; the cards below say why."
    error = "" if head.holdout_se is None else f" {_error(head.holdout_se)}"
    return said + f"Honest number, the holdout score: {number(head.holdout_score)}{error}"


def cards(view: ReportView) -> tuple[Card, ...]:
    """Return the search, validate and holdout scores, each with what it is; none without a headline."""
    head = view.record.headline
    if head is None:
        return ()
    spec, looks = view.record.spec, view.record.holdout_looks
    times = f"looked at {looks} time{'s' if looks != 1 else ''} for this space and objective, this included"
    missing = head.reason or "not computed"
    return (
        Card(
            f"Search score, on {plain(spec.train.name, 60)}",
            number(head.search_score),
            _error(head.search_se) if head.search_score is not None else plain(missing, 300),
            "The best of many tries on the scenarios that the search saw: too high by selection.",
        ),
        Card(
            f"Validate score, on {plain(spec.validate.name, 60)}",
            number(head.validate_score),
            _error(head.validate_se) if head.validate_score is not None else plain(missing, 300),
            _choice(len(head.candidates)),
        ),
        Card(
            f"Holdout score, on {plain(spec.holdout.name, 60)}",
            number(head.holdout_score),
            _error(head.holdout_se)
            if head.holdout_score is not None
            else plain(head.holdout_reason or missing, 300),
            f"The winner alone on scenarios that chose nothing. This holdout has been {times}.",
        ),
    )


def _choice(candidates: int) -> str:
    if candidates == 1:
        return "The one candidate, on scenarios that the search never saw."
    return f"It picked the winner among the best {candidates or 'few'}: a little too high by selection."


def _error(standard_error: float | None) -> str:
    return "standard error undefined" if standard_error is None else f"± {number(standard_error)} s.e."


def _parameter_rows(view: ReportView, best: Iteration) -> tuple[ParameterRow, ...]:
    space = view.record.spec.space
    params = best.proposal.params if best.proposal is not None else {}
    prefix = shared_prefix([*space.by_name, *space.fixed])
    rows: list[ParameterRow] = []
    for axis in space.dimensions:
        if axis.kind in ("int", "float"):
            bounds = f"{setting(axis.low)} to {setting(axis.high)}{', log' if axis.log else ''}"
        else:
            bounds = " / ".join(setting(choice) for choice in axis.choices) or "false / true"
        value = setting(params[axis.name]) if axis.name in params else f"{NONE} (not active)"
        rows.append(
            ParameterRow(
                _short(axis.name, prefix), value, setting(axis.default), plain(axis.unit, 40), bounds,
                plain(axis.description, 300),
            )
        )  # fmt: skip
    fixed = ((_short(name, prefix), setting(value)) for name, value in space.fixed.items())
    return (*rows, *(ParameterRow(name, value, value, "", "fixed", "") for name, value in fixed))


def _short(name: str, prefix: str) -> str:
    return plain(name.removeprefix(prefix), 200)


def _yaml(view: ReportView, best: Iteration) -> str:
    """Return the params at full precision, as `walras backtest --params` reads them."""
    params = {**view.record.spec.space.fixed, **(best.proposal.params if best.proposal else {})}
    lines = [f"{_key(name)}: {_scalar(value)}" for name, value in sorted(params.items())]
    return "\n".join(
        [f"# {NOTICE}", f"# search {plain(view.record.id, 80)}, iteration {best.number}", *lines]
    )


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) else json.dumps(name)


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value)
    return json.dumps(value) if isinstance(value, bool | int) else repr(value)
