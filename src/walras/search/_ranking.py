"""Which iterations are the best, and of which points."""

from collections.abc import Iterable, Sequence

from walras.core import Iteration, Status, canonical_json, printable_params

FINALISTS = 5


def scored(iterations: Iterable[Iteration]) -> tuple[Iteration, ...]:
    """Return the iterations that have a score, in order."""
    return tuple(
        row
        for row in iterations
        if row.status is Status.DONE and row.score.value is not None and row.proposal
    )


def best_of(iterations: Iterable[Iteration]) -> Iteration | None:
    """Return the iteration with the highest search score; the first of equals; None if none has one."""
    best: Iteration | None = None
    for row in iterations:
        best = better(best, row)
    return best


def better(best: Iteration | None, row: Iteration) -> Iteration | None:
    """Return the better of the best so far and the next iteration; `best` where they are equal."""
    if not scored((row,)) or (best is not None and _value(row) <= _value(best)):
        return best
    return row


def finalists(iterations: Sequence[Iteration]) -> tuple[Iteration, ...]:
    """Return the best few distinct points by search score, and the defaults with them.

    The defaults (iteration 0) always take part, so that "no better than the default" can win.
    """
    rows = sorted(scored(iterations), key=lambda row: (-_value(row), row.number))
    chosen: list[Iteration] = []
    seen: set[str] = set()
    for row in rows:
        assert row.proposal is not None  # noqa: S101  # scored() keeps only rows with one
        point = canonical_json(printable_params(row.proposal.params))
        if point not in seen:
            seen.add(point)
            chosen.append(row)
    best = chosen[:FINALISTS]
    best += [row for row in chosen[FINALISTS:] if row.number == 0]
    return tuple(best)


def _value(row: Iteration) -> float:
    assert row.score.value is not None  # noqa: S101  # scored() keeps only rows with a value
    return row.score.value
