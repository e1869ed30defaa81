"""Runs each job in this process: for tests and notebooks. Nothing can end a strategy that never returns."""

from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import final

from walras.core import UsageError
from walras.execution._executor import Executor
from walras.execution._job import Job
from walras.execution._perform import perform
from walras.execution._result import JobResult


@final
class InProcess(Executor):
    """One job at a time, run when its result is asked for. Imports numba into the calling process."""

    def __init__(self, *, policy_file: Path | None = None) -> None:
        self._policy_file = "" if policy_file is None else str(policy_file)
        self._queue: deque[tuple[int, Job]] = deque()
        self._tickets = 0
        self._closed = False

    @property
    def capacity(self) -> int:
        """Return 1."""
        return 1

    @property
    def outstanding(self) -> int:
        """Return how many submitted jobs were not given back yet."""
        return len(self._queue)

    def submit(self, job: Job) -> int:
        """Queue a job."""
        if self._closed:
            raise UsageError("The executor is closed.")
        ticket = self._tickets
        self._tickets += 1
        self._queue.append((ticket, job if job.policy_file else replace(job, policy_file=self._policy_file)))
        return ticket

    def next_done(self) -> tuple[int, JobResult]:
        """Run the oldest job and return it."""
        if not self._queue:
            raise UsageError("No job is outstanding.")
        ticket, job = self._queue[0]
        result = perform(job, worker="in-process")
        self._queue.popleft()
        return ticket, result

    def close(self) -> None:
        """Forget what was not run."""
        self._closed = True
        self._queue.clear()
