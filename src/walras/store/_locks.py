"""Locks that the operating system frees when their holder dies: liveness without clocks."""

import fcntl
import os
import time
import weakref
from functools import partial
from pathlib import Path
from typing import Final, final

_POLL_SECONDS: Final = 0.002
_READ_BYTES: Final = 200


@final
class FileLock:
    """An exclusive `flock` on a file of its own; the file stays, the lock goes with its holder.

    A forked child closes its copy, so a worker that outlives a killed parent holds nothing.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        os.register_at_fork(after_in_child=partial(_close_in_child, weakref.ref(self)))

    def acquire(self, *, wait_seconds: float) -> bool:
        """Take the lock, waiting at most `wait_seconds`; say whether it was taken."""
        deadline = time.monotonic() + wait_seconds
        while not self._try():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def release(self) -> None:
        """Free the lock; the file stays open."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def write(self, text: str) -> None:
        """Write who holds the lock into its file, for messages only."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text.encode("ascii", "replace"), 0)

    def read(self) -> str:
        """Return what the last holder wrote."""
        return os.pread(self._descriptor, _READ_BYTES, 0).decode("ascii", "replace")

    def close(self) -> None:
        """Free the lock, also where a child has not closed its copy yet, and close the file."""
        if self._descriptor >= 0:
            self.release()
            self.forget()

    def forget(self) -> None:
        """Close the file without freeing a lock that another copy of the descriptor holds."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _try(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _close_in_child(lock: "weakref.ref[FileLock]") -> None:
    """Close an inherited descriptor; closing a copy does not free the parent's lock."""
    held = lock()
    if held is not None:
        held.forget()
