"""What a running search tells whoever listens. Told after the commit, never before."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from walras.core import NOTICE, Headline, Iteration, Json, SearchRecord, Spent


@dataclass(frozen=True)
class SearchCreated:
    """A search exists in the store, and nothing has run yet."""

    record: SearchRecord

    def to_json(self) -> dict[str, Json]:
        """Return the event as one JSON object."""
        spec = self.record.spec
        return {
            "type": "search.created",
            "search": self.record.id,
            "notice": NOTICE,
            "strategy": spec.space.strategy,
            "space": spec.space.digest,
            "proposer": spec.proposer.kind,
            "seed": spec.seed,
            "budget": self.record.budget,
        }


@dataclass(frozen=True)
class SearchResumed:
    """A stored search goes on from where it was."""

    record: SearchRecord

    def to_json(self) -> dict[str, Json]:
        """Return the event as one JSON object."""
        return {
            "type": "search.resumed",
            "search": self.record.id,
            "notice": NOTICE,
            "iterations": self.record.iterations,
            "budget": self.record.budget,
        }


@dataclass(frozen=True)
class IterationEnded:
    """An iteration was committed. `best` is the best search score so far."""

    search: str
    iteration: Iteration
    best: float | None
    best_number: int | None
    spent: Spent

    def to_json(self) -> dict[str, Json]:
        """Return the event as one JSON object."""
        row = self.iteration
        event: dict[str, Json] = {
            "type": f"iteration.{row.status}",
            "search": self.search,
            "number": row.number,
            "score": row.score.value,
            "score_reason": row.score.value_reason,
            "score_se": row.score.standard_error,
            "proposal": None if row.proposal is None else row.proposal.to_json(),
            "verdict": None if row.verdict is None else row.verdict.to_json(),
            "best": self.best,
            "best_number": self.best_number,
        }
        if row.failure is not None:
            event["failure"] = {"code": row.failure.code, "text": row.failure.text}
        return event


@dataclass(frozen=True)
class Judging:
    """The best few are run again on fresh scenarios."""

    search: str
    candidates: tuple[int, ...]

    def to_json(self) -> dict[str, Json]:
        """Return the event as one JSON object."""
        return {"type": "search.judging", "search": self.search, "candidates": list(self.candidates)}


@dataclass(frozen=True)
class SearchFinished:
    """The budget is used up and the headline is stored."""

    record: SearchRecord
    headline: Headline
    best_params: dict[str, Json] | None

    def to_json(self) -> dict[str, Json]:
        """Return the event as one JSON object."""
        head = self.headline
        best: Json = None
        if head.best is not None:
            best = {
                "number": head.best,
                "params": self.best_params,
                "search_score": head.search_score,
                "search_se": head.search_se,
                "validate_score": head.validate_score,
                "validate_se": head.validate_se,
                "holdout_score": head.holdout_score,
                "holdout_se": head.holdout_se,
                "holdout_looks": self.record.holdout_looks,
            }
        return {
            "type": "search.finished",
            "search": self.record.id,
            "notice": NOTICE,
            "iterations": self.record.iterations,
            "best": best,
            "reason": head.reason,
        }


Event: TypeAlias = SearchCreated | SearchResumed | IterationEnded | Judging | SearchFinished
Listener: TypeAlias = Callable[[Event], None]


def silent(event: Event) -> None:
    """Listen to nothing."""
    del event
