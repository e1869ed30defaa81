"""Workers that outlive the one who uses them, so that several searches pay once for starting them."""

from typing import final

from walras.execution._executor import Executor
from walras.execution._job import Job
from walras.execution._result import JobResult


@final
class Lent(Executor):
    """Another executor that is not closed with this one; whoever made it closes it."""

    def __init__(self, owner: Executor) -> None:
        self._owner = owner

    @property
    def capacity(self) -> int:
        """Return how many jobs the owner runs at the same time."""
        return self._owner.capacity

    @property
    def outstanding(self) -> int:
        """Return how many of the owner's jobs were not given back yet."""
        return self._owner.outstanding

    def submit(self, job: Job) -> int:
        """Give a job to the owner."""
        return self._owner.submit(job)

    def next_done(self) -> tuple[int, JobResult]:
        """Wait for one of the owner's jobs to end."""
        return self._owner.next_done()

    def close(self) -> None:
        """Keep the workers for the next one who borrows them."""
