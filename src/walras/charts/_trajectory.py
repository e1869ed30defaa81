"""The report's table of iterations: every row, its params short, its words whole as far as space allows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from walras.charts._format import NONE, number, plain, setting, shared_prefix, weight
from walras.charts._view import ReportView
from walras.core import Iteration, SearchSpace, Status

_LIMITS: Final = (2000, 1000, 600, 400, 250, 120)
_MOST_BYTES: Final = 1_500_000


@dataclass(frozen=True)
class Setting:
    """One parameter in a row; `changed` where it differs from the default."""

    name: str
    value: str
    changed: bool


@dataclass(frozen=True)
class Row:
    """One iteration. `said` pairs a label with text; the label of the reasoning itself is ""."""

    number: int
    status: str
    score: str
    error: str
    params: tuple[Setting, ...]
    problem: tuple[str, str] | None
    said: tuple[tuple[str, str], ...]
    is_best: bool


@dataclass(frozen=True)
class Trajectory:
    """All rows, the prefix that parameter names were shortened by, and where texts were cut."""

    rows: tuple[Row, ...]
    prefix: str
    limit: int


def trajectory(view: ReportView, best: int | None) -> Trajectory:
    """Return the table; texts are cut so that a search of thousands still makes a page one can open."""
    space = view.record.spec.space
    limit = _limit(view.iterations)
    prefix = shared_prefix([*space.by_name, *space.fixed])
    rows = tuple(_row(item, space, prefix, limit, best) for item in view.iterations)
    return Trajectory(rows, plain(prefix, 200), limit)


def _row(item: Iteration, space: SearchSpace, prefix: str, limit: int, best: int | None) -> Row:
    error = item.score.standard_error
    return Row(
        number=item.number,
        status=str(item.status),
        score=number(item.score.value),
        error="" if error is None else f"± {number(error)}",
        params=_settings(item, space, prefix),
        problem=_problem(item, limit),
        said=tuple((label, plain(text, limit)) for label, text in _words(item)),
        is_best=item.number == best,
    )


def _settings(item: Iteration, space: SearchSpace, prefix: str) -> tuple[Setting, ...]:
    if item.proposal is None:
        return ()
    defaults = space.defaults
    return tuple(
        Setting(plain(name.removeprefix(prefix), 200), setting(value), defaults.get(name) != value)
        for name, value in item.proposal.params.items()
    )


def _problem(item: Iteration, limit: int) -> tuple[str, str] | None:
    if item.status is Status.REFUSED and item.verdict is not None:
        return plain(item.verdict.code, 80), plain(item.verdict.reason, limit)
    if item.failure is not None:
        return plain(item.failure.code, 80), plain(item.failure.text, limit)
    if item.score.value is None:
        return "NOT_SCORED", plain(item.score.value_reason or "No reason was recorded.", limit)
    return None


def _words(item: Iteration) -> Iterator[tuple[str, str]]:
    proposal = item.proposal
    if proposal is None:
        return
    if proposal.reasoning:
        yield "", proposal.reasoning
    if proposal.observation:
        yield "Observation", proposal.observation
    if proposal.hypothesis:
        yield "Hypothesis", proposal.hypothesis
    if proposal.predicted_score is not None:
        got = number(item.score.value) if item.score.value is not None else NONE
        yield "Predicted", f"{number(proposal.predicted_score)}, measured {got}"


def _limit(iterations: Sequence[Iteration]) -> int:
    texts = [text for item in iterations for _, text in _words(item)]
    return next(
        (limit for limit in _LIMITS if sum(weight(text[:limit]) for text in texts) <= _MOST_BYTES),
        _LIMITS[-1],
    )
