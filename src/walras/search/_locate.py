"""Finds searches and iterations by what a person types: an id, a prefix, @last, @best, ID:N."""

from walras.core import Iteration, SearchRecord, UnknownName, UsageError
from walras.search._bench import Bench
from walras.search._ranking import best_of


def locate(bench: Bench, ref: str) -> tuple[SearchRecord, int | None]:
    """Return the search that `ref` names and the iteration after the colon, if one is named.

    `ref` is an id, a unique prefix, `@last` (the newest) or `@best` (the highest holdout score among the
    searches with the engine, objective and holdout of the newest finished one); `:N` names an iteration,
    `:best` the headline's. `@best` names its best iteration by itself.

    Raises:
        UnknownName: If there is no such search or iteration.
        AmbiguousName: If a prefix fits several searches.
    """
    name, colon, place = ref.partition(":")
    if colon and not place:
        raise UsageError(
            f"{ref[:80]!r} names no iteration.", hint="Write ID, ID:N with N from 0, or ID:best."
        )
    if name == "@best":
        record = _best_search(bench)
        place = place or "best"
    else:
        record = bench.store.find(name)
    if not place:
        return record, None
    if place == "best":
        return record, best_number(bench, record)
    if not (place.isascii() and place.isdecimal() and len(place) <= 9):
        raise UsageError(
            f"{place[:40]!r} is no iteration number.", hint="Write ID:N with N from 0, or ID:best."
        )
    number = int(place)
    if number >= record.iterations:
        have = f"0 to {record.iterations - 1}" if record.iterations else "none yet"
        raise UnknownName("iteration", f"{record.id}:{number}", hint=f"The search has {have}.")
    return record, number


def best_number(bench: Bench, record: SearchRecord) -> int:
    """Return the iteration of the headline, or of the best search score while there is no headline.

    Raises:
        UnknownName: If no iteration has a score.
    """
    if record.headline is not None and record.headline.best is not None:
        return record.headline.best
    best = best_of(bench.store.iterations(record.id))
    if best is None:
        raise UnknownName("iteration", f"{record.id}:best", hint="No iteration of this search has a score.")
    return best.number


def iteration_of(bench: Bench, record: SearchRecord, number: int) -> Iteration:
    """Return one finished iteration."""
    (row,) = bench.store.iterations(record.id, start=number, stop=number + 1)
    return row


def _best_search(bench: Bench) -> SearchRecord:
    """Return the best of the searches whose holdout scores compare with the newest one's."""
    finished = [row.record for row in bench.store.list() if _holdout(row.record) is not None]
    if not finished:
        raise UnknownName("search", "@best", hint="No finished search has a holdout score yet.")
    rivals = [record for record in finished if _yardstick(record) == _yardstick(finished[0])]
    return max(rivals, key=lambda record: _holdout(record) or 0.0)


def _holdout(record: SearchRecord) -> float | None:
    return None if record.headline is None else record.headline.holdout_score


def _yardstick(record: SearchRecord) -> tuple[str, str, str]:
    spec = record.spec
    return spec.engine, spec.objective, spec.holdout.digest
