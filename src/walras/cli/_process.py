"""The end of a process: signals become exceptions, and a reader that left early is no error."""

import os
import signal
import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any, Final, NoReturn

_STORE: Final = "walras.store"
_PAUSE_S: Final = 0.005


class Terminated(BaseException):
    """SIGTERM arrived, or the terminal was closed.

    Not an Exception, so that nothing on the way takes it for a failure.
    """


_MEANING: Final[Mapping[signal.Signals, type[BaseException]]] = {
    signal.SIGINT: KeyboardInterrupt,
    signal.SIGTERM: Terminated,
    signal.SIGHUP: Terminated,
}


class Stopper:
    """Turns SIGINT, SIGTERM and SIGHUP into exceptions in the main thread, but never inside the store.

    A transaction that is cut in the middle leaves its connection unusable, so that what else is done
    could not be committed. A signal that arrives there waits until the store has returned, some
    milliseconds; a second one waits for nothing.
    """

    def __init__(self) -> None:
        self._waiting: type[BaseException] | None = None

    def install(self) -> None:
        """Take over the signals, and the timer's, for the rest of the process."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
            signal.signal(number, self)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Raise now, or look again in a moment where the store is at work."""
        asked = _MEANING.get(signal.Signals(number))
        is_second = asked is not None and self._waiting is not None
        error = asked or self._waiting
        if error is None:
            return
        self._waiting = None
        if is_second or not _is_in_store(frame):
            raise error
        self._waiting = error
        signal.setitimer(signal.ITIMER_REAL, _PAUSE_S)


def _is_in_store(frame: FrameType | None) -> bool:
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        if name == _STORE or name.startswith(f"{_STORE}."):
            return True
        frame = frame.f_back
    return False


def leave(code: int) -> NoReturn:
    """Flush what was printed and end the process."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            silence(stream)
    sys.exit(code)


def silence(stream: Any) -> None:
    """Point a stream whose reader has left at nothing, so that the interpreter's last flush is quiet."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
