"""SQLite: WAL, synchronous FULL, one writer at a time, readers that cannot write.

A file lock of ours stands around every write transaction and the checkpoint that its COMMIT may run:
no other process commits or checkpoints meanwhile, which is what SQLite's WAL-reset bug (fixed in 3.51.3)
needs. Readers never checkpoint.
"""

import errno
import os
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final, final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool, StaticPool

from walras.core import Unavailable
from walras.store._database import Answer, Database, busy, this_process
from walras.store._faults import translated
from walras.store._locks import FileLock

_READERS: Final = 8


@final
class SqliteFile(Database):
    """A store in one file, with its lock files beside it."""

    def __init__(self, path: Path, *, wait_seconds: float) -> None:
        self._path = path
        self._wait = wait_seconds
        self._turn = threading.RLock()
        with _file_errors(path):
            _require_usable(path)
            self._locks = path.with_name(path.name + ".locks")
            self._locks.mkdir(mode=0o700, exist_ok=True)
            self._guard = FileLock(self._locks / "store.lock")
        timeout = int(wait_seconds * 1000)
        writing = (
            f"PRAGMA busy_timeout={timeout}",
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",
            "PRAGMA foreign_keys=ON",
        )
        reading = (f"PRAGMA busy_timeout={timeout}", "PRAGMA query_only=ON", "PRAGMA wal_autocheckpoint=0")
        self._writer = _engine(path, writing, "BEGIN IMMEDIATE", size=1)
        self._reader = _engine(path, reading, "BEGIN", size=_READERS)

    @property
    def place(self) -> str:
        """Return the path."""
        return str(self._path)

    @property
    def free_bytes(self) -> int:
        """Return the free space beside the file."""
        with _file_errors(self._path):
            disk = os.statvfs(self._path.parent)
        return disk.f_bavail * disk.f_frsize

    def read(self, work: Callable[[Connection], Answer]) -> Answer:
        """Run `work` on a snapshot of the write-ahead log."""
        with translated(self.place), self._reader.begin() as connection:
            return work(connection)

    def write(self, work: Callable[[Connection], Answer]) -> Answer:
        """Run `work` and fsync; waits for other writers, never retries."""
        with translated(self.place), self._turn, self._guarded(), self._writer.begin() as connection:
            return work(connection)

    def migrate(self, work: Callable[[Connection], Answer]) -> Answer:
        """Run `work`; a write transaction is exclusive already."""
        return self.write(work)

    @contextmanager
    def lock(self, search_id: str) -> Iterator[bool]:
        """Take the `flock` of a search; it goes with the process, however that ends."""
        with _file_errors(self._path):
            lock = FileLock(self._locks / f"{search_id}.lock")
        try:
            taken = lock.acquire(wait_seconds=0)
            if taken:
                lock.write(this_process())
            yield taken
        finally:
            lock.close()

    def integrity_faults(self) -> tuple[str, ...]:
        """Return what `PRAGMA integrity_check` and `foreign_key_check` say."""
        return self.read(check_pages)

    def close(self) -> None:
        """Close every connection and the guard."""
        self._reader.dispose()
        self._writer.dispose()
        self._guard.close()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        if not self._guard.acquire(wait_seconds=self._wait):
            raise busy(self.place)
        try:
            yield
        finally:
            self._guard.release()


@final
class SqliteReadOnly(Database):
    """A store that this process may read and not write: no lock, no migration, no file made beside it.

    Without a write-ahead log beside it the file is whole, and is read as one that nobody changes; a
    program that writes to it meanwhile, as another user, is not seen.
    """

    def __init__(self, path: Path, barrier: str, *, wait_seconds: float) -> None:
        self._path = path
        self._barrier = barrier
        reading = (f"PRAGMA busy_timeout={int(wait_seconds * 1000)}", "PRAGMA query_only=ON")
        with _file_errors(path):
            log = path.with_name(path.name + "-wal")
            is_whole = not log.exists() or log.stat().st_size == 0
        mode = "ro&immutable=1" if is_whole else "ro"
        self._reader = _engine(path, reading, "BEGIN", size=_READERS, mode=mode)

    @property
    def place(self) -> str:
        """Return the path."""
        return str(self._path)

    @property
    def free_bytes(self) -> int:
        """Return 0: nothing fits where nothing can be written."""
        return 0

    def read(self, work: Callable[[Connection], Answer]) -> Answer:
        """Run `work` on the file as it is."""
        with translated(self.place), self._reader.begin() as connection:
            return work(connection)

    def write(self, work: Callable[[Connection], Answer]) -> Answer:  # noqa: ARG002  # it never runs
        """Refuse."""
        raise self._refusal()

    def migrate(self, work: Callable[[Connection], Answer]) -> Answer:
        """Run `work` up to its first write: it may say first that the file is no store of ours."""
        try:
            return self.read(work)
        except Unavailable as error:
            raise self._refusal() from error

    def lock(self, search_id: str) -> AbstractContextManager[bool]:  # noqa: ARG002  # nothing is held
        """Refuse: a search is held to write to it."""
        raise self._refusal()

    def integrity_faults(self) -> tuple[str, ...]:
        """Return what SQLite's own checks say."""
        return self.read(check_pages)

    def close(self) -> None:
        """Close every connection."""
        self._reader.dispose()

    def _refusal(self) -> Unavailable:
        return Unavailable(
            f"The store {self._path} can only be read: {self._barrier}.",
            hint="Make it writable (`chmod u+w`), or name another store with --store.",
        )


def write_barrier(path: Path) -> str:
    """Return what keeps this process from writing to a store of its own that it may read; "" for nothing."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return ""
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or not _may(path, os.R_OK):
        return ""
    if not _may(path, os.W_OK):
        return "the file may not be written"
    if not _may(path.parent, os.W_OK):
        return f"nothing may be written in {path.parent}"
    return ""


def _may(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=True)


@final
class SqliteMemory(Database):
    """A store that ends with its process, for tests and notebooks."""

    def __init__(self) -> None:
        self._turn = threading.RLock()
        self._held: set[str] = set()
        self._engine = _engine(None, ("PRAGMA foreign_keys=ON",), "BEGIN IMMEDIATE", size=1)

    @property
    def place(self) -> str:
        """Say that it is in memory."""
        return "in memory"

    @property
    def free_bytes(self) -> None:
        """Return None: there is no disk."""
        return

    def read(self, work: Callable[[Connection], Answer]) -> Answer:
        """Run `work` on the one connection."""
        return self.write(work)

    def write(self, work: Callable[[Connection], Answer]) -> Answer:
        """Run `work` on the one connection, in turn."""
        with translated(self.place), self._turn, self._engine.begin() as connection:
            return work(connection)

    def migrate(self, work: Callable[[Connection], Answer]) -> Answer:
        """Run `work`; nobody else can see this database."""
        return self.write(work)

    @contextmanager
    def lock(self, search_id: str) -> Iterator[bool]:
        """Hold a search within this process."""
        with ExitStack() as stack:
            with self._turn:
                taken = search_id not in self._held
                if taken:
                    self._held.add(search_id)
                    stack.callback(self._held.discard, search_id)
            yield taken

    def integrity_faults(self) -> tuple[str, ...]:
        """Return what SQLite's own checks say."""
        return self.read(check_pages)

    def close(self) -> None:
        """Drop the database."""
        self._engine.dispose()


def check_pages(connection: Connection) -> tuple[str, ...]:
    """Return SQLite's findings on its pages, indexes and references."""
    pages = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return (
        *(str(text) for text in pages if text != "ok"),
        *(f"a row of {row[0]} refers to no row of {row[2]}" for row in broken),
    )


def _engine(
    path: Path | None, pragmas: tuple[str, ...], begin: str, *, size: int, mode: str = "rw"
) -> Engine:
    """Return an engine whose driver leaves transactions to us."""

    def connect() -> sqlite3.Connection:
        target = ":memory:" if path is None else f"{path.absolute().as_uri()}?mode={mode}"
        connection = sqlite3.connect(
            target, uri=path is not None, isolation_level=None, check_same_thread=False
        )
        try:
            for pragma in pragmas:
                connection.execute(pragma).close()
        except BaseException:
            connection.close()
            raise
        return connection

    if path is None:
        engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool, hide_parameters=True)
    else:
        engine = create_engine(
            "sqlite://",
            creator=connect,
            poolclass=QueuePool,
            pool_size=size,
            max_overflow=0,
            hide_parameters=True,
        )
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _require_usable(path: Path) -> None:
    """Make the file (0600) if there is none; refuse what is not a file of ours.

    An existing file is never opened here: closing it would drop the locks of this process's other
    connections to it.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise Unavailable(f"The store {path} is not a regular file.", hint="Name another file.")
    if status.st_uid != os.geteuid():
        raise Unavailable(
            f"The store {path} belongs to another user (uid {status.st_uid}).",
            hint="Run as that user, or change its owner with `chown`.",
        )
    if not _may(path, os.R_OK | os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


@contextmanager
def _file_errors(path: Path) -> Iterator[None]:
    """Turn errors of the file system into ours."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "it is not a valid path"
        hint = "Check its owner, its mode, those of its directory, and the free space."
        if isinstance(error, FileNotFoundError):
            hint = "Make its directory (`mkdir -p`)."
        raise Unavailable(f"The store {path} cannot be opened: {reason}.", hint=hint) from error
