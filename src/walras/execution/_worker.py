"""The main function of a worker process: `python -P -m walras.execution._worker LIFELINE NAME`.

Jobs arrive on standard input, one at a time; messages leave on standard output: `ready` once the engine
is compiled, `started` when a job's strategy is compiled and its clock starts, `done` with its result. What
a strategy prints goes nowhere: it can neither forge a message nor fill a disk.
"""

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Final

from walras.execution._frames import FrameBuffer, read_frame, write_frame
from walras.execution._lifeline import hold

READY: Final = "ready"
BROKEN: Final = "broken"
STARTED: Final = "started"
DONE: Final = "done"


def main(arguments: list[str]) -> int:
    """Serve jobs until the parent closes the pipe or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    hold(int(arguments[0]))
    jobs, answers = os.dup(0), os.dup(1)
    quiet = os.open(os.devnull, os.O_RDWR)
    os.dup2(quiet, 0)
    os.dup2(quiet, 1)
    os.close(quiet)
    return serve(jobs, answers, name=arguments[1])


def serve(jobs: int, answers: int, *, name: str, warm_up: Callable[[], None] | None = None) -> int:
    """Answer each job read from `jobs` on `answers`; return the exit code.

    Args:
        jobs: Descriptor to read from.
        answers: Descriptor to write to.
        name: What results call this worker.
        warm_up: Makes the first job fast; by default it compiles the engine.
    """
    from walras.execution import _perform

    try:
        (warm_up or _perform.warm_up)()
    except Exception as error:  # noqa: BLE001  # whatever it is, the parent must hear why
        write_frame(answers, {"kind": BROKEN, "text": _perform.failure_of(error).text})
        return 1
    write_frame(answers, {"kind": READY})
    buffer = FrameBuffer()
    while (message := read_frame(jobs, buffer)) is not None:
        ticket = message["ticket"]
        started = partial(write_frame, answers, {"kind": STARTED, "ticket": ticket})
        result = _perform.perform_wire(message["job"], worker=name, started=started)
        write_frame(answers, {"kind": DONE, "ticket": ticket, "result": result.to_json()})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
