"""What is known of a running search, gathered from its events; every display reads it."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from walras.cli._format import count, duration, number, point, score
from walras.cli._terminal import one_line, shortened
from walras.core import Iteration, SearchRecord, Spent, Status
from walras.search import Event, IterationEnded, Judging, SearchCreated, SearchFinished, SearchResumed


@dataclass
class Progress:
    """Where one search stands. `take` reads an event; everything else is for display.

    Attributes:
        scores: Score of each finished iteration, None where there is none.
        began: Iterations that were done before this process.
    """

    seconds: Callable[[], float] = time.monotonic
    record: SearchRecord | None = None
    scores: list[float | None] = field(default_factory=list)
    best: Iteration | None = None
    last: Iteration | None = None
    refused: int = 0
    failed: int = 0
    began: int = 0
    judging: int = 0
    spent: Spent = field(default_factory=Spent)
    finished: SearchFinished | None = None

    def __post_init__(self) -> None:
        self._started = self.seconds()

    def recall(self, iterations: Iterable[Iteration]) -> None:
        """Take in what was done before, so that a resumed search shows the whole of itself."""
        for row in iterations:
            self._count(row)
        self.began = len(self.scores)

    def take(self, event: Event) -> None:
        """Take in one event."""
        if isinstance(event, SearchCreated | SearchResumed):
            self.record = event.record
        elif isinstance(event, IterationEnded):
            self.spent = event.spent
            self._count(event.iteration)
        elif isinstance(event, Judging):
            self.judging = len(event.candidates)
        else:
            self.record, self.finished = event.record, event

    def _count(self, row: Iteration) -> None:
        self.last = row
        self.scores.append(row.score.value)
        self.failed += row.status is Status.FAILED
        self.refused += row.status is Status.REFUSED
        value, best = row.score.value, None if self.best is None else self.best.score.value
        if value is not None and (best is None or value > best):
            self.best = row

    @property
    def done(self) -> int:
        """Return how many iterations are finished."""
        return len(self.scores)

    @property
    def budget(self) -> int:
        """Return how many iterations there will be."""
        return self.record.budget if self.record is not None else 0

    @property
    def elapsed(self) -> float:
        """Return the seconds since this process began to work on it."""
        return self.seconds() - self._started

    @property
    def left(self) -> float | None:
        """Return about how many seconds are left, or None before anything can be said."""
        fresh = self.done - self.began
        return self.elapsed / fresh * (self.budget - self.done) if fresh else None

    @property
    def best_text(self) -> str:
        """Return the best score so far with its standard error and its iteration."""
        if self.best is None:
            return score(None)
        return f"{score(self.best.score.value, self.best.score.standard_error)}  (#{self.best.number})"

    @property
    def cost_text(self) -> str:
        """Return what the endpoint has cost; "" where none was called."""
        if not self.spent.calls:
            return ""
        tokens = self.spent.prompt_tokens + self.spent.completion_tokens
        return f"${self.spent.usd:.4f}, {count(self.spent.calls, 'call')}, {number(tokens)} tokens"

    @property
    def time_text(self) -> str:
        """Return elapsed time and the estimate of what is left."""
        left = "" if self.left is None or self.done >= self.budget else f", about {duration(self.left)} left"
        return f"{duration(self.elapsed)}{left}"


def fate(row: Iteration, width: int = 40) -> str:
    """Return how an iteration ended: its score, or why it has none."""
    if row.status is Status.DONE:
        return score(row.score.value, row.score.standard_error)
    return one_line(f"{row.status}: {row.failure.code if row.failure else 'no reason'}", width)


def said(row: Iteration, limit: int = 200) -> tuple[str, str]:
    """Return what was tried, and in one line why, or why it came to nothing."""
    tried = "" if row.proposal is None else one_line(point(row.proposal.params), 400)
    if row.failure is not None:
        return tried, shortened(row.failure.text, limit)
    return tried, "" if row.proposal is None else shortened(row.proposal.reasoning, limit)
