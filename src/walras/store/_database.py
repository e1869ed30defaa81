"""What the store needs of a database: transactions that read, transactions that write, one lock a search."""

import abc
import os
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from sqlalchemy import Connection

from walras.core import Unavailable

Answer = TypeVar("Answer")


class Database(abc.ABC):
    """One database and its rules. Connections never leave `work`."""

    @property
    @abc.abstractmethod
    def place(self) -> str:
        """Return where it is, for people, without a password."""

    @property
    @abc.abstractmethod
    def free_bytes(self) -> int | None:
        """Return the free space on its disk, or None where that is not ours to know."""

    @abc.abstractmethod
    def read(self, work: Callable[[Connection], Answer]) -> Answer:
        """Run `work` on one consistent snapshot; it never waits for a writer and never blocks one."""

    @abc.abstractmethod
    def write(self, work: Callable[[Connection], Answer]) -> Answer:
        """Run `work` in one transaction that is durable when this returns.

        `work` may run more than once (PostgreSQL, a lost connection): it must find what an earlier
        run of itself has committed.
        """

    @abc.abstractmethod
    def migrate(self, work: Callable[[Connection], Answer]) -> Answer:
        """Run `work` in one transaction while no other process can migrate."""

    @abc.abstractmethod
    def lock(self, search_id: str) -> AbstractContextManager[bool]:
        """Try to take the lock of a search until the block ends; give whether it was taken."""

    @abc.abstractmethod
    def integrity_faults(self) -> tuple[str, ...]:
        """Return what the database itself finds wrong with its pages and references."""

    @abc.abstractmethod
    def close(self) -> None:
        """Close every connection."""


def this_process() -> str:
    """Return host and process id, for messages about who holds what."""
    return f"{socket.gethostname()}:{os.getpid()}"


def busy(place: str) -> Unavailable:
    """Return the error for a lock that did not come free in time."""
    return Unavailable(
        f"The store {place} is locked by another process.",
        hint="Run again when it has ended. What was stored is intact; run `walras resume` afterwards.",
    )
