"""Ties a worker's life to its parent's, however the parent dies.

The parent holds the write end of a pipe on which nothing is ever written. When it closes, which the
kernel does also after `kill -9`, the kernel sends the worker SIGIO, whose default action ends the process:
no thread, no polling, and it works inside compiled code that never returns to Python. PR_SET_PDEATHSIG
would do the same, but it fires when the *thread* that started the worker ends.
"""

import fcntl
import os
import select
import signal


def hold(lifeline: int) -> None:
    """Make this process end when the other end of `lifeline` closes. Linux; elsewhere it does nothing.

    Without it a worker still ends at its next read, when the pipe of jobs is closed.
    """
    setown, asynchronous = getattr(fcntl, "F_SETOWN", None), getattr(os, "O_ASYNC", None)
    if setown is None or asynchronous is None:
        return
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(lifeline, setown, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | asynchronous)
    if is_cut(lifeline):  # the parent was gone before the signal was asked for
        os.kill(os.getpid(), signal.SIGKILL)


def is_cut(lifeline: int) -> bool:
    """Say whether the other end of `lifeline` is closed."""
    poll = select.poll()
    poll.register(lifeline, 0)
    return any(event & select.POLLHUP for _, event in poll.poll(0))
