"""Local worker processes: every backtest runs where a wall limit can end it."""

import selectors
import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, final

from walras.core import DomainError, Failure, Unavailable, UsageError
from walras.execution._executor import Executor
from walras.execution._job import BACKTEST_CRASHED, BACKTEST_TIMEOUT, Job
from walras.execution._process import Stage, WorkerProcess
from walras.execution._result import JobResult
from walras.execution._worker import BROKEN, DONE, READY, STARTED

MAX_WORKERS: Final = 256
MAX_FAILED_STARTS: Final = 3
_START_HINT: Final = "Try `walras doctor`; what was stored is intact and the search can be resumed."

Spawn = Callable[[str], WorkerProcess]


@final
class LocalWorkers(Executor):
    """`count` long-lived processes on this machine.

    They start and compile in the background as soon as this object exists. The clock of a job starts
    when its strategy is compiled; a job over the limit is killed with its process, and a fresh process
    takes its place. Workers end when this process ends, also by `kill -9`. Not thread-safe.
    """

    def __init__(
        self,
        count: int,
        wall_limit_s: float = 60.0,
        *,
        start_limit_s: float = 300.0,
        policy_file: Path | None = None,
        spawn: Spawn = WorkerProcess,
    ) -> None:
        """Start the workers.

        Args:
            count: Processes, 1 to 256.
            wall_limit_s: Longest time one backtest may take, without compiling; above 0.
            start_limit_s: Longest time to start a worker, and to load and compile a strategy.
            policy_file: The policy file the parent's guard uses, for jobs that do not name one.
            spawn: Makes a worker process of a name.

        Raises:
            DomainError: If `count` or a limit is out of range.
            Unavailable: If the system refuses another process.
        """
        if not 1 <= count <= MAX_WORKERS:
            raise DomainError(f"Workers: 1 to {MAX_WORKERS}, got {count}.")
        if not (0 < wall_limit_s < float("inf") and 0 < start_limit_s < float("inf")):
            raise DomainError(f"Limits are seconds above 0, got {wall_limit_s} and {start_limit_s}.")
        self._wall_limit_s = wall_limit_s
        self._start_limit_s = start_limit_s
        self._policy_file = "" if policy_file is None else str(policy_file.absolute())
        self._spawn_one = spawn
        self._selector = selectors.DefaultSelector()
        self._workers: list[WorkerProcess] = []
        self._finalizer = weakref.finalize(self, _end_all, self._workers, self._selector)
        self._queue: deque[int] = deque()
        self._jobs: dict[int, Job] = {}
        self._done: deque[tuple[int, JobResult]] = deque()
        self._tickets = 0
        self._failed_starts = 0
        self._count = count
        for name in self._missing():
            self._start(name)

    @property
    def capacity(self) -> int:
        """Return the number of workers."""
        return self._count

    @property
    def outstanding(self) -> int:
        """Return how many submitted jobs were not given back yet."""
        return len(self._jobs) + len(self._done)

    @property
    def process_ids(self) -> tuple[int, ...]:
        """Return the process ids of the workers that run now."""
        return tuple(worker.process_id for worker in self._workers)

    def submit(self, job: Job) -> int:
        """Take a job; it starts at once if a worker is idle."""
        if not self._finalizer.alive:
            raise UsageError("The workers are closed.")
        ticket = self._tickets
        self._tickets += 1
        self._jobs[ticket] = job if job.policy_file else replace(job, policy_file=self._policy_file)
        self._queue.append(ticket)
        self._turn(wait_s=0)
        return ticket

    def next_done(self) -> tuple[int, JobResult]:
        """Wait for a job to end and return its ticket and fate, in completion order."""
        if not self.outstanding:
            raise UsageError("No job is outstanding.")
        while not self._done:
            self._turn(wait_s=self._until_next_deadline())
        return self._done.popleft()

    def close(self) -> None:
        """End every worker, running jobs included. Calling it again does nothing."""
        self._finalizer()
        self._queue.clear()
        self._jobs.clear()
        self._done.clear()

    def _turn(self, *, wait_s: float) -> None:
        """Hear who has something to say, end who is too late, give work to who is idle: in that order."""
        for name in self._missing():
            self._start(name)
        for key, _ in self._selector.select(wait_s):
            self._hear(key.data)
        now = time.monotonic()
        for worker in tuple(self._workers):
            if now >= self._deadline(worker):
                self._too_late(worker)
        for worker in self._workers:
            if self._queue and worker.stage is Stage.IDLE:
                ticket = self._queue.popleft()
                worker.send(ticket, self._jobs[ticket].to_json())

    def _hear(self, worker: WorkerProcess) -> None:
        messages = worker.hear()
        if messages is None:
            self._ended(worker)
            return
        for message in messages:
            self._take(worker, message)
        if worker.is_answering:  # it has its result: the wall limit must not end it while we read
            worker.enter(worker.stage)

    def _take(self, worker: WorkerProcess, message: dict[str, Any]) -> None:
        kind = message["kind"]
        if kind == READY:
            self._failed_starts = 0
            worker.enter(Stage.IDLE)
        elif kind == BROKEN:
            raise Unavailable(f"A backtest worker cannot start: {message['text']}", hint=_START_HINT)
        elif kind == STARTED:
            worker.enter(Stage.RUNNING)
        else:
            assert kind == DONE  # noqa: S101  # our own worker's last kind of message
            worker.enter(Stage.IDLE)
            self._finish(worker, JobResult.from_json(message["result"]))

    def _finish(self, worker: WorkerProcess, result: JobResult) -> None:
        ticket, worker.ticket = worker.ticket, None
        assert ticket is not None  # noqa: S101  # only a worker with a job finishes one
        del self._jobs[ticket]
        self._done.append((ticket, result))

    def _ended(self, worker: WorkerProcess) -> None:
        how = worker.ending()
        self._replace(worker, Failure(code=BACKTEST_CRASHED, text=f"The worker process ended: {how}."))

    def _too_late(self, worker: WorkerProcess) -> None:
        if worker.stage is Stage.RUNNING:
            text = f"No answer within {self._wall_limit_s:g} s: killed."
        else:
            text = f"The strategy did not load and compile within {self._start_limit_s:g} s: killed."
        self._replace(worker, Failure(code=BACKTEST_TIMEOUT, text=text))

    def _replace(self, worker: WorkerProcess, failure: Failure) -> None:
        """Remove a process that ended or must; its job, if any, has failed. The next turn starts another."""
        seconds = time.monotonic() - worker.since
        self._selector.unregister(worker)
        self._workers.remove(worker)
        worker.end()
        if worker.stage is Stage.STARTING:
            self._failed_starts += 1
            if self._failed_starts >= MAX_FAILED_STARTS:
                raise Unavailable(
                    f"Backtest workers ended {self._failed_starts} times before they could start: "
                    f"{failure.text}",
                    hint=_START_HINT,
                )
        if worker.ticket is not None:
            self._finish(worker, JobResult(failure=failure, worker=worker.name, seconds=seconds))

    def _missing(self) -> list[str]:
        running = {worker.name for worker in self._workers}
        return [name for name in (f"local-{number}" for number in range(self._count)) if name not in running]

    def _start(self, name: str) -> None:
        try:
            worker = self._spawn_one(name)
        except OSError as error:
            raise Unavailable(
                f"The system refuses another worker process: {error.strerror}.", hint="Use fewer workers."
            ) from error
        self._workers.append(worker)
        self._selector.register(worker, selectors.EVENT_READ, worker)

    def _deadline(self, worker: WorkerProcess) -> float:
        limits = {
            Stage.STARTING: self._start_limit_s,
            Stage.IDLE: float("inf"),
            Stage.PREPARING: self._start_limit_s,
            Stage.RUNNING: self._wall_limit_s,
        }
        return worker.since + limits[worker.stage]

    def _until_next_deadline(self) -> float:
        soonest = min((self._deadline(worker) for worker in self._workers), default=float("inf"))
        return min(max(soonest - time.monotonic(), 0.0), 3600.0)


def _end_all(workers: list[WorkerProcess], selector: selectors.BaseSelector) -> None:
    selector.close()
    for worker in workers:
        worker.end()
    workers.clear()
