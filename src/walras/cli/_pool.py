"""One set of workers for several short searches, so that starting them is paid for once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import final

from walras.execution import Executor, Job, JobResult
from walras.search import Bench


@final
class _Lent(Executor):
    """An executor whose workers stay when it is closed."""

    def __init__(self, owner: Executor) -> None:
        self._owner = owner

    @property
    def capacity(self) -> int:
        return self._owner.capacity

    @property
    def outstanding(self) -> int:
        return self._owner.outstanding

    def submit(self, job: Job) -> int:
        return self._owner.submit(job)

    def next_done(self) -> tuple[int, JobResult]:
        return self._owner.next_done()

    def close(self) -> None:
        """Keep the workers for the next search."""


@contextmanager
def shared_workers(bench: Bench) -> Iterator[Bench]:
    """Give a bench on which every search runs on the same worker, which ends with the block."""
    with bench.executor(1) as owner:

        def lend(count: int) -> Executor:
            del count
            return _Lent(owner)

        yield replace(bench, executor=lend)
