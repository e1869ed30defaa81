"""Tree-structured Parzen estimator: Optuna's sampler as a pure function of history and seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, final

from walras.core import Json, NoProposal, Proposal, SearchSpace, Value
from walras.proposers._base import Conversation, Option, Proposer
from walras.proposers._history import Scored, best_of, quartiles, scored
from walras.proposers._numpy import numpy_fingerprint

if TYPE_CHECKING:
    from walras.core import Iteration
    from walras.proposers._optuna import TpeStudy


@final
class TpeProposer(Proposer):
    """Prefers what is likely under the good results and unlikely under the rest.

    The sampler is re-seeded from (seed, len(history)) and sees the history in an in-memory study,
    which is kept while the prefix is unchanged. Points of the same batch are told as running, so
    the constant liar keeps them apart. Failed iterations are states, refused ones are not told.
    """

    OPTIONS: ClassVar[Mapping[str, Option]] = {
        "n_startup_trials": Option(
            kind=int, default=10, low=0, high=10_000, help="Random draws before the model is used."
        ),
        "n_ei_candidates": Option(
            kind=int, default=24, low=1, high=10_000, help="Candidates that are compared for a proposal."
        ),
        "multivariate": Option(kind=bool, default=True, help="Model the dimensions jointly."),
        "group": Option(
            kind=bool, default=True, help="Model conditional dimensions jointly within their group."
        ),
        "constant_liar": Option(
            kind=bool, default=True, help="Count the running points of a batch as bad results."
        ),
    }

    def __init__(
        self,
        *,
        seed: int,
        n_startup_trials: int = 10,
        n_ei_candidates: int = 24,
        multivariate: bool = True,
        group: bool = True,
        constant_liar: bool = True,
    ) -> None:
        self._seed = seed
        self._arguments: dict[str, int | bool] = {
            "n_startup_trials": n_startup_trials,
            "n_ei_candidates": n_ei_candidates,
            "multivariate": multivariate,
            "group": group and multivariate,
            "constant_liar": constant_liar,
        }
        self._study: TpeStudy | None = None

    def converse(self, space: SearchSpace, history: Sequence[Iteration], *, count: int) -> Conversation:
        """Return what Optuna's sampler suggests, snapped, each with the computed facts behind it."""
        from walras.proposers._optuna import TpeStudy

        yield from ()
        if self._study is None or not self._study.extends_to(space, history):
            self._study = TpeStudy(space, self._arguments)
        points = self._study.suggest(history, seed=(self._seed, len(history)), count=count)
        rows = scored(space, history)
        return tuple(self._entry(space, rows, point) for point in points)

    def fingerprint(self) -> dict[str, Json]:
        """Return the versions, the SIMD level, and every argument of the sampler."""
        from walras.proposers._optuna import optuna_fingerprint

        return {"kind": "tpe", **optuna_fingerprint(self._arguments), **numpy_fingerprint()}

    def _entry(
        self, space: SearchSpace, rows: Sequence[Scored], point: Mapping[str, Value]
    ) -> Proposal | NoProposal:
        if not space.contains(point):
            return NoProposal(
                code="PROPOSAL_BOUNDS",
                reason="The sampler left the search space; its point was not evaluated.",
                source="tpe",
                params=dict(point),
            )
        startup = int(self._arguments["n_startup_trials"])
        if len(rows) < max(startup, 1):
            return Proposal(
                params=dict(point),
                reasoning=(
                    f"Start-up phase: {len(rows)} of {startup} scored iterations; an independent random "
                    "draw, no result was used."
                ),
                source="tpe",
                details={"phase": "start-up", "scored": len(rows), "startup": startup},
            )
        return _modelled(space, rows, point)


def _modelled(space: SearchSpace, rows: Sequence[Scored], point: Mapping[str, Value]) -> Proposal:
    from walras.proposers._optuna import good_count

    size = good_count(len(rows))
    good = sorted(rows, key=lambda row: -row.score)[:size]
    incumbent = best_of(rows)
    assert incumbent is not None  # noqa: S101  # the model phase has scored rows
    moved: list[dict[str, Json]] = []
    for name, value in point.items():
        old = incumbent.params.get(name)
        if type(old) is type(value) and old == value:
            continue
        moved.append({"name": name, "from": old, "to": value, "good": _good_range(space, name, good)})
    return Proposal(
        params=dict(point),
        reasoning=_sentence(len(rows), size, incumbent, moved),
        source="tpe",
        details={
            "phase": "model",
            "scored": len(rows),
            "good": size,
            "incumbent": incumbent.number,
            "moved": moved,
        },
    )


def _good_range(space: SearchSpace, name: str, good: Sequence[Scored]) -> Json:
    """Return the quartiles of a dimension over the good set, or how often each choice is in it."""
    values = [row.params[name] for row in good if name in row.params]
    if not values:
        return None
    if space.by_name[name].kind in ("categorical", "bool"):
        texts = [str(value) for value in values]
        return {text: texts.count(text) for text in sorted(set(texts))}
    return [float(f"{q:.6g}") for q in quartiles([float(value) for value in values])]


def _sentence(count: int, size: int, incumbent: Scored, moved: Sequence[Mapping[str, Json]]) -> str:
    head = (
        f"Model phase: {count} scored iterations, the best {size} are the good set; "
        f"incumbent is iteration {incumbent.number}."
    )
    if not moved:
        return f"{head} Every dimension stays at the incumbent's value."
    parts = [_move_sentence(move) for move in moved[:8]]
    more = f" and {len(moved) - 8} more" if len(moved) > 8 else ""
    return f"{head} Moved: {'; '.join(parts)}{more}."


def _move_sentence(move: Mapping[str, Json]) -> str:
    name, old, new, good = move["name"], move["from"], move["to"], move["good"]
    start = f"{name} {_short(old)} -> {_short(new)}"
    if good is None:
        return f"{start} (not in the good set: prior)"
    if isinstance(good, Mapping):
        count = good.get(str(new), 0)
        return f"{start} (chosen {count} times in the good set)"
    assert isinstance(good, list)  # noqa: S101  # made by _good_range
    low, _, high = good
    if float(new) < low:  # type: ignore[arg-type]
        place = "below"
    elif float(new) > high:  # type: ignore[arg-type]
        place = "above"
    else:
        place = "inside"
    return f"{start} ({place} the good set's quartiles {_short(low)}..{_short(high)})"


def _short(value: Json) -> str:
    if value is None:
        return "absent"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
