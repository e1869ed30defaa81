"""The contract of everything that runs backtests."""

import abc
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from walras.execution._job import Job
from walras.execution._result import JobResult


class Executor(abc.ABC):
    """Runs jobs, some at once, and gives each back as a report or a failure value.

    A job never raises: a strategy that raises, crashes or never returns is a failure value. What an
    executor raises is about itself: `Unavailable` where no worker can be started.
    """

    @property
    @abc.abstractmethod
    def capacity(self) -> int:
        """Return how many jobs run at the same time."""

    @property
    @abc.abstractmethod
    def outstanding(self) -> int:
        """Return how many submitted jobs were not given back yet."""

    @abc.abstractmethod
    def submit(self, job: Job) -> int:
        """Take a job and return its ticket, without waiting; tickets count up from 0.

        Raises:
            UsageError: If the executor is closed.
        """

    @abc.abstractmethod
    def next_done(self) -> tuple[int, JobResult]:
        """Wait for a job to end and return its ticket and fate, in completion order.

        A signal handler may raise out of it; after that only `close` is sure to work.

        Raises:
            UsageError: If nothing is outstanding.
            Unavailable: If workers cannot be started.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """End every worker, running jobs included. Calling it again does nothing."""

    def run(self, jobs: Iterable[Job]) -> tuple[JobResult, ...]:
        """Run `jobs` and return their results in order. Nothing else may be outstanding.

        Raises:
            UsageError: If something is outstanding.
        """
        if self.outstanding:
            from walras.core import UsageError

            raise UsageError(
                f"{self.outstanding} submitted jobs are outstanding.", hint="Collect them with next_done()."
            )
        tickets = [self.submit(job) for job in jobs]
        done = dict(self.next_done() for _ in tickets)
        return tuple(done[ticket] for ticket in tickets)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
