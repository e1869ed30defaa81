"""Opening a store: which database a URL means, and its tables made ready."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from walras.core import IntegrityError, Unavailable, UsageError
from walras.store._database import Database
from walras.store._faults import CANNOT_OPEN, VERIFY
from walras.store._schema import prepare
from walras.store._sqlite import SqliteFile, SqliteMemory, SqliteReadOnly, write_barrier
from walras.store._store import TrajectoryStore

WAIT_SECONDS: Final = 15.0
_EXAMPLES: Final = (
    "Give `sqlite:////absolute/path/walras.db`, or `postgresql://user@host/database` "
    "(needs `pip install 'walras[postgres]'`)."
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def open_store(
    url: str,
    *,
    make_directory: bool = False,
    wait_seconds: float = WAIT_SECONDS,
    now: Callable[[], datetime] = _utc_now,
) -> TrajectoryStore:
    """Open the store at a SQLAlchemy URL, making or migrating its tables first.

    Args:
        url: `sqlite:////absolute/path`, `sqlite://` (memory) or `postgresql://...`.
        make_directory: Whether a missing directory is made (0700); only for the default path.
        wait_seconds: How long to wait for a lock before giving up.
        now: The clock; it only labels rows, no order and no lease depends on it.

    Raises:
        UsageError: If the URL is not one of a SQLite or PostgreSQL store.
        Unavailable: If the store cannot be opened, with the path and the mend.
        IntegrityError: If it is corrupt, foreign, or made by a newer Walras.
    """
    database = _database(_parsed(url), make_directory=make_directory, wait_seconds=wait_seconds)
    try:
        _prepare(database)
    except BaseException:
        database.close()
        raise
    return TrajectoryStore(database, now=now)


def _prepare(database: Database) -> None:
    """Make the tables ready; a store that does not open cannot be verified, so nobody is told to."""
    try:
        prepare(database)
    except IntegrityError as error:
        if error.hint != VERIFY:
            raise
        raise IntegrityError(error.message, hint=CANNOT_OPEN) from error


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):  # its text may hold a password
        raise UsageError("The store's URL cannot be read.", hint=_EXAMPLES) from None


def _database(url: URL, *, make_directory: bool, wait_seconds: float) -> Database:
    kind = url.drivername.partition("+")[0]
    if kind in ("postgresql", "postgres"):
        return _postgres(url, wait_seconds=wait_seconds)
    if kind != "sqlite" or url.query or url.host:
        raise UsageError(f"A store cannot be of kind {kind!r}, or not with these options.", hint=_EXAMPLES)
    if url.database in (None, "", ":memory:"):
        return SqliteMemory()
    path = Path(str(url.database)).absolute()
    if make_directory:
        _make_directory(path.parent)
    barrier = write_barrier(path)
    if barrier:
        return SqliteReadOnly(path, barrier, wait_seconds=wait_seconds)
    return SqliteFile(path, wait_seconds=wait_seconds)


def _postgres(url: URL, *, wait_seconds: float) -> Database:
    try:
        import psycopg  # noqa: F401  # only to say clearly that it is missing
    except ImportError:
        raise UsageError("A PostgreSQL store needs psycopg.", hint=_EXAMPLES) from None
    from walras.store._postgres import Postgres

    return Postgres(url.set(drivername="postgresql+psycopg"), wait_seconds=wait_seconds)


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            f"The directory {directory} cannot be made: {error.strerror}.",
            hint="Name another store with --store or WALRAS_STORE.",
        ) from error
