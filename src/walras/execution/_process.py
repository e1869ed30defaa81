"""One worker process seen from its parent: start it, send it a job, hear from it, end it."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from enum import Enum, auto
from signal import Signals
from typing import Any

from walras.core import Json
from walras.execution._environment import worker_environment
from walras.execution._frames import FrameBuffer, write_frame

WORKER_MODULE = "walras.execution._worker"


class Stage(Enum):
    """What a worker is doing. Preparing: loading and compiling a job's strategy, before the clock starts."""

    STARTING = auto()
    IDLE = auto()
    PREPARING = auto()
    RUNNING = auto()


class WorkerProcess:
    """A child process with a pipe each way and a lifeline (see `_lifeline`). Not thread-safe."""

    def __init__(self, name: str, *, module: str = WORKER_MODULE) -> None:
        self.name = name
        self.stage = Stage.STARTING
        self.ticket: int | None = None
        self.since = time.monotonic()
        self._frames = FrameBuffer()
        lifeline, self._lifeline = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                [sys.executable, "-P", "-m", module, str(lifeline), name],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                pass_fds=(lifeline,),
                env=worker_environment(os.environ, sys.path),
                start_new_session=True,
            )
        except BaseException:
            os.close(self._lifeline)
            raise
        finally:
            os.close(lifeline)

    @property
    def process_id(self) -> int:
        """Return the worker's process id."""
        return self._process.pid

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when the worker says something or ends."""
        assert self._process.stdout is not None  # noqa: S101  # a pipe was asked for
        return self._process.stdout.fileno()

    @property
    def is_answering(self) -> bool:
        """Say whether a message has begun to arrive: a big one needs several reads."""
        return self._frames.is_partial

    def enter(self, stage: Stage) -> None:
        """Record that the worker is now in `stage`."""
        self.stage = stage
        self.since = time.monotonic()

    def send(self, ticket: int, job: Json) -> None:
        """Give an idle worker a job; if it has just died, the next `hear` says so."""
        assert self._process.stdin is not None  # noqa: S101  # a pipe was asked for
        self.ticket = ticket
        self.enter(Stage.PREPARING)
        with suppress(BrokenPipeError):
            write_frame(self._process.stdin.fileno(), {"ticket": ticket, "job": job})

    def hear(self) -> list[Any] | None:
        """Return the messages that have arrived, or None if the worker has ended. Call when readable."""
        data = os.read(self.fileno(), 1 << 20)
        return self._frames.feed(data) if data else None

    def ending(self) -> str:
        """Return how an ended worker ended, in words that are the same on every machine."""
        code = self._process.wait()
        if code >= 0:
            return f"exit code {code}"
        try:
            return Signals(-code).name
        except ValueError:
            return f"signal {-code}"

    def end(self) -> None:
        """Kill the process, if it still runs, and release everything it holds here; once is enough.

        A worker has nothing to lose: its results are sent, its caches are written by renaming.
        """
        assert self._process.stdin is not None  # noqa: S101  # pipes were asked for
        assert self._process.stdout is not None  # noqa: S101
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
        os.close(self._lifeline)
