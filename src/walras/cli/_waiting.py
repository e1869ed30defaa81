"""Says on stderr that a command waits for a store that another process has locked."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

import click

PATIENCE_S: Final = 1.5
_LOOK_S: Final = 0.25
_WAITS: Final = (
    ("walras.store._locks", "acquire"),
    ("walras.store._sqlite", "<lambda>"),  # BEGIN
    ("walras.store._sqlite", "connect"),
)


@contextmanager
def told_of_waiting() -> Iterator[None]:
    """Watch the calling thread while the block runs; one line once it has waited for a lock a while."""
    done = threading.Event()
    thread = threading.get_ident()
    watch = threading.Thread(target=_watch, args=(thread, done), name="walras-waiting", daemon=True)
    watch.start()
    try:
        yield
    finally:
        done.set()
        watch.join()


def _watch(thread: int, done: threading.Event) -> None:
    waited = 0.0
    while not done.wait(_LOOK_S):
        stack = sys._current_frames().get(thread)  # noqa: SLF001  # what Python offers for this
        waited = waited + _LOOK_S if is_waiting(stack) else 0.0
        if waited >= PATIENCE_S:
            click.echo("waiting: another process has locked the store ...", err=True)
            return


def is_waiting(frame: FrameType | None) -> bool:
    """Say whether a stack stands in the lock of the store, or in the start of a transaction."""
    while frame is not None:
        module, name = str(frame.f_globals.get("__name__")), frame.f_code.co_name
        if (module, name) in _WAITS:
            return True
        frame = frame.f_back
    return False
