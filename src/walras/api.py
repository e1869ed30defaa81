"""The Python door: `from walras import search, load, compare`. The same functions as the command line.

Everything heavy loads when a function is called.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from walras.core import NOTICE, Caps, Json, SearchRecord, UsageError, Value

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from walras.core import Iteration
    from walras.replay import ReplayResult
    from walras.search import Bench, Comparison, Event, Explanation

Space = str | Path | dict[str, Any]
"""A path, the name of a shipped space, or a plain dict with a space file's content."""


@final
@dataclass(frozen=True)
class SearchView:
    """A stored search to look at: its record, its iterations, and what came of it."""

    record: SearchRecord
    iterations: "tuple[Iteration, ...]"
    store: str | Path | None = None
    policy: str | Path | None = None

    @property
    def id(self) -> str:
        """Return the search's id."""
        return self.record.id

    @cached_property
    def best(self) -> "Iteration | None":
        """Return the headline's iteration; while there is none, the best by search score."""
        from walras.search import best_of

        head = self.record.headline
        if head is not None and head.best is not None:
            return self.iterations[head.best]
        return best_of(self.iterations)

    @property
    def params(self) -> dict[str, Value]:
        """Return the best point, or {} where nothing was scored."""
        best = self.best
        return {} if best is None or best.proposal is None else dict(best.proposal.params)  # type: ignore[arg-type]

    def columns(self) -> "dict[str, npt.NDArray[Any]]":
        """Return one numpy array a column, one row an iteration.

        Columns: `number` (int64), `status` (str), `score` and `score_se` (float64, NaN where there is
        none), and one for each dimension: float64 with NaN where absent, or str with "" where absent. A
        value is absent where its dimension does not exist given the others, and where the proposal was
        refused or failed; `iterations` holds what a refused one said.
        """
        import numpy as np

        found: dict[str, npt.NDArray[Any]] = {
            "number": np.array([row.number for row in self.iterations], dtype=np.int64),
            "status": np.array([str(row.status) for row in self.iterations], dtype=np.str_),
            "score": _floats([row.score.value for row in self.iterations]),
            "score_se": _floats([row.score.standard_error for row in self.iterations]),
        }
        points = [_admitted(row) for row in self.iterations]
        for axis in self.record.spec.space.dimensions:
            values = [point.get(axis.name) for point in points]
            if axis.kind == "categorical":
                found[axis.name] = np.array(
                    ["" if value is None else str(value) for value in values], dtype=np.str_
                )
            else:
                found[axis.name] = _floats(values)
        return found

    def resume(self, *, budget: int | None = None, workers: int | None = None) -> "SearchView":
        """Go on with the search, or extend it to a larger budget, and return it as it is then.

        Raises:
            UsageError: The budget is smaller than the search's.
            CapReached, Unavailable: It stopped early again.
        """
        from walras.search import resume
        from walras.wiring import open_bench

        with open_bench(store=_text(self.store), policy=_path(self.policy)) as bench:
            record = resume(bench, self.id, budget=budget, workers=workers)
            return SearchView(record, bench.store.iterations(record.id), self.store, self.policy)

    def explain(self) -> "Explanation":
        """Return the computed facts of why the best point scores as it does; see `walras.search.explain`."""
        from walras.search import explain
        from walras.wiring import open_bench

        with open_bench(store=_text(self.store), policy=_path(self.policy)) as bench:
            return explain(bench, self.id)

    def replay(self, *, workers: int = 1) -> "ReplayResult":
        """Run the search again from its record and compare every byte."""
        from walras.replay import replay
        from walras.wiring import open_bench

        with open_bench(store=_text(self.store), policy=_path(self.policy)) as bench:
            return replay(bench, bench.store.trajectory(self.id), workers=workers)

    def report(self, path: str | Path) -> Path:
        """Write the one-page report and return its path.

        Raises:
            UsageError: If the file cannot be written.
        """
        from walras.wiring import open_bench, report_html

        target = Path(path)
        with open_bench(store=_text(self.store), policy=_path(self.policy)) as bench:
            page = report_html(bench, self.record)
        try:
            target.write_text(page, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{target} cannot be written: {error.strerror}.") from error
        return target

    def __repr__(self) -> str:
        head = self.record.headline
        held = "open" if head is None or head.holdout_score is None else f"holdout {head.holdout_score:.4g}"
        return (
            f"<Search {self.id} {self.record.spec.proposer.kind} on {self.record.spec.space.name}: "
            f"{len(self.iterations)} of {self.record.budget} iterations, {held}. {NOTICE}>"
        )

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f"<tr><td>{escape(name)}</td><td>{escape(str(value))}</td></tr>"
            for name, value in self.params.items()
        )
        return f"<p><strong>{NOTICE}</strong></p><p>{escape(repr(self))}</p><table>{rows}</table>"


def search(
    space: Space,
    *,
    proposer: str = "tpe",
    budget: int = 60,
    seed: int = 0,
    batch: int = 1,
    workers: int = 1,
    scenarios: int | None = None,
    events: int | None = None,
    objective: str | None = None,
    market: str | None = None,
    options: Mapping[str, Json] | None = None,
    endpoint: str = "live",
    model: str | None = None,
    base_url: str | None = None,
    price_in: float | None = None,
    price_out: float | None = None,
    caps: Caps | None = None,
    name: str = "",
    note: str = "",
    tags: Sequence[str] = (),
    store: str | Path | None = None,
    policy: str | Path | None = None,
    listen: "Callable[[Event], None] | None" = None,
) -> SearchView:
    """Run a search to its budget and return it; the same as `walras search`.

    Args:
        space: A path, a shipped space's name, or a plain dict.
        price_in, price_out: US dollars a million tokens; `caps.max_usd` needs them.
        listen: Called with each event after it is committed.

    Raises:
        RefusedByPolicy: OPT_REFUSED_HARD_GATE: a hard gate locks a name; nothing ran.
        UsageError: The request cannot be run as it is.
        CapReached, Unavailable: It stopped early and can be resumed.
    """
    from walras.search import EndpointChoice, SearchRequest, start
    from walras.wiring import open_bench, read_space

    asked = EndpointChoice(
        kind=endpoint, model=model, base_url=base_url, price_in=price_in, price_out=price_out
    )
    with open_bench(store=_text(store), policy=_path(policy)) as bench:
        request = SearchRequest(
            space=read_space(bench, space, market=market, objective=objective),
            proposer=proposer,
            options=options or {},
            budget=budget,
            seed=seed,
            batch=batch,
            scenarios=scenarios,
            events=events,
            workers=workers,
            endpoint=asked,
            caps=caps or Caps(),
            name=name,
            note=note,
            tags=_names("tags", tags),
        )
        record = start(bench, request, listen=listen or _silent)
        return _view(bench, record, store, policy)


def load(
    ref: str = "@last", *, store: str | Path | None = None, policy: str | Path | None = None
) -> SearchView:
    """Return a stored search by id, unique prefix, `@last` or `@best`.

    Raises:
        UnknownName, AmbiguousName: If no search, or several, are meant.
    """
    from walras.search import locate
    from walras.wiring import open_bench

    with open_bench(store=_text(store), policy=_path(policy)) as bench:
        record, _ = locate(bench, ref)
        return _view(bench, record, store, policy)


def compare(
    space: Space,
    *,
    proposers: Sequence[str] = ("random", "tpe"),
    repeats: int = 5,
    budget: int = 60,
    seed: int = 0,
    batch: int = 1,
    workers: int = 1,
    scenarios: int | None = None,
    events: int | None = None,
    objective: str | None = None,
    market: str | None = None,
    options: Mapping[str, Mapping[str, Json]] | None = None,
    endpoint: str = "live",
    model: str | None = None,
    base_url: str | None = None,
    price_in: float | None = None,
    price_out: float | None = None,
    caps: Caps | None = None,
    store: str | Path | None = None,
    policy: str | Path | None = None,
    listen: "Callable[[Event], None] | None" = None,
) -> "Comparison":
    """Run several proposers with the same seeds and budget, and compare their winners on holdout.

    Args:
        options: Options of each proposer, by its kind.
        caps: Of each search, not of all together.

    Raises:
        RefusedByPolicy, UsageError: If one of the searches cannot be run as it is; nothing ran.
        CapReached, Unavailable: If a search stopped early; what was done is stored.
    """
    from walras.search import ComparisonRequest, EndpointChoice, SearchRequest
    from walras.search import compare as run_comparison
    from walras.wiring import open_bench, read_space

    kinds = _names("proposers", proposers)
    asked = EndpointChoice(
        kind=endpoint, model=model, base_url=base_url, price_in=price_in, price_out=price_out
    )
    with open_bench(store=_text(store), policy=_path(policy)) as bench:
        shared = SearchRequest(
            space=read_space(bench, space, market=market, objective=objective),
            budget=budget,
            seed=seed,
            batch=batch,
            workers=workers,
            scenarios=scenarios,
            events=events,
            endpoint=asked,
            caps=caps or Caps(),
        )
        request = ComparisonRequest(search=shared, proposers=kinds, repeats=repeats, options=options or {})
        return run_comparison(bench, request, listen=listen or _silent)


def _view(
    bench: "Bench", record: SearchRecord, store: str | Path | None, policy: str | Path | None
) -> SearchView:
    return SearchView(record, bench.store.iterations(record.id), store, policy)


def _admitted(row: "Iteration") -> Mapping[str, object]:
    """Return what an iteration ran with; {} where the guard admitted nothing."""
    if row.proposal is None or row.verdict is None or not row.verdict.allowed:
        return {}
    return row.proposal.params


def _names(what: str, given: Sequence[str]) -> tuple[str, ...]:
    if isinstance(given, str):
        raise UsageError(f"{what} is a sequence of names, not one text.", hint=f"Write [{given[:80]!r}].")
    return tuple(given)


def _text(place: str | Path | None) -> str | None:
    return None if place is None else str(place)


def _path(place: str | Path | None) -> Path | None:
    return None if place is None else Path(place)


def _silent(event: "Event") -> None:
    del event


def _floats(values: Sequence[object]) -> "npt.NDArray[np.float64]":
    import numpy as np

    return np.array([float("nan") if value is None else float(value) for value in values], dtype=np.float64)  # type: ignore[arg-type]
