"""Third-party errors become ours here, and nowhere else; no password, address or parameter leaves."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.exc import TimeoutError as PoolTimeout

from walras.core import IntegrityError, Unavailable, WalrasError

_RESUME: Final = "What was stored is intact; run `walras resume` afterwards."

_SQLITE: Final[dict[int, tuple[str, str]]] = {
    3: ("may not be read or written", "Check the owner and the mode of the file and its directory."),
    5: ("is locked by another program", "Close the program that holds it, then run again."),
    6: ("is locked by another connection", "Close the program that holds it, then run again."),
    7: ("ran out of memory", "Free memory, then run again."),
    8: ("is read-only", "Make the file and its directory writable by you."),
    10: ("cannot be read or written: the disk failed", "Check the disk, then start a new process."),
    13: ("cannot grow: disk full", "Free space on that disk."),
    14: ("cannot be opened", "Check that its directory exists and is yours, and that it is a file."),
}
VERIFY: Final = "Run `walras verify`; restore a backup."
"""What to do about a store that opens."""

CANNOT_OPEN: Final = "Give another --store, or restore a backup."
"""What to do about one that does not."""

_SQLITE_ERROR: Final = 1
_SQLITE_OTHER_FILE: Final = 26
# Codes of ours, for what has none.
_NO_TABLE: Final = -1
_NO_COLUMN: Final = -2
_NOT_TEXT: Final = -3
_NO_ROW: Final = -4
_SQLITE_SAYS: Final = {
    "no such table": _NO_TABLE,
    "no such column": _NO_COLUMN,
    "Could not decode to UTF-8": _NOT_TEXT,  # said by Python's driver, without a code
}
_SQLITE_CORRUPT: Final = {
    _NO_TABLE: "has lost its tables",
    _NO_COLUMN: "has lost a column of its tables",
    _NOT_TEXT: "holds bytes that are not text",
    _NO_ROW: "has lost a row that it had",
    11: "is corrupt",
    19: "refused a change to what is stored for good",
    _SQLITE_OTHER_FILE: "is not a Walras store: it is not a SQLite database",
}
_POSTGRES: Final[dict[str, tuple[str, str]]] = {
    "08": ("lost its connection", "Check that the server runs, then run again."),
    "25": ("is read-only or ended the transaction", "Connect to the primary server."),
    "28": ("refused the login", "Check the user and the password of the URL."),
    "3D": ("does not exist", "Create the database first."),
    "40": ("could not serialise the transaction", "Run again when the server is less busy."),
    "42501": ("refused the permission", "Grant the user the right to make and write tables."),
    "53": ("is out of disk, memory or connections", "Free what is short on the server."),
    "55P03": ("is locked", "Run again when the other session has ended."),
    "57": ("was stopped or ended the statement", "Check that the server runs, then run again."),
    "58": ("reported a failure of its system", "Check the disk of the server."),
}
_POSTGRES_CORRUPT: Final = {
    "23": "refused a change to what is stored for good",
    "P0001": "refused a change to what is stored for good",
    "XX001": "is corrupt",
    "XX002": "is corrupt",
}


def translate(error: Exception, place: str) -> WalrasError | None:
    """Return our error for one of the database's, or None for a bug, which stays what it is."""
    if isinstance(error, PoolTimeout):
        return Unavailable(f"The store {place} is busy: no connection became free.", hint=_RESUME)
    if isinstance(error, UnicodeDecodeError):  # text of SQLite's schema, which its driver gives as bytes
        return _from_sqlite(_NOT_TEXT, place)
    if isinstance(error, NoResultFound):
        return _from_sqlite(_NO_ROW, place)
    origin = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(origin, sqlite3.Error):
        return _from_sqlite(_sqlite_code(origin), place)
    state = getattr(origin, "sqlstate", "")
    return None if state == "" else _from_postgres(state, place)


def is_transient(error: DBAPIError) -> bool:
    """Say whether a transaction may be run again: a closed list, PostgreSQL only.

    SQLite has waited in its own busy handler already.
    """
    state = getattr(error.orig, "sqlstate", "")
    if state is None:  # no answer at all: the connection was refused or cut
        return True
    return state in ("40001", "40P01") or state.startswith(("57P0", "08"))


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Turn the database's errors inside the block into ours."""
    try:
        yield
    except Exception as error:
        ours = translate(error, place)
        if ours is None:
            raise
        raise ours from error


def _sqlite_code(error: sqlite3.Error) -> int:
    """Return the primary code of an error, or one of ours where its text says more than its code."""
    number = getattr(error, "sqlite_errorcode", _SQLITE_ERROR)
    if number != _SQLITE_ERROR:
        return int(number) & 0xFF
    return next((code for said, code in _SQLITE_SAYS.items() if str(error).startswith(said)), number)


def _from_sqlite(code: int, place: str) -> WalrasError | None:
    if code in _SQLITE_CORRUPT:
        hint = CANNOT_OPEN if code == _SQLITE_OTHER_FILE else VERIFY
        return IntegrityError(f"The store {place} {_SQLITE_CORRUPT[code]}.", hint=hint)
    if code not in _SQLITE:
        return None
    what, mend = _SQLITE[code]
    return Unavailable(f"The store {place} {what}.", hint=f"{mend} {_RESUME}")


def _from_postgres(state: str | None, place: str) -> WalrasError | None:
    if state is None:  # psycopg says no more where a connection was never made, or was cut
        return Unavailable(
            f"The store {place} cannot be reached: no server, no such database, or a refused login.",
            hint=f"Check the URL and that the server runs. {_RESUME}",
        )
    for known, what in _POSTGRES_CORRUPT.items():
        if state.startswith(known):
            return IntegrityError(f"The store {place} {what}.", hint=VERIFY)
    for known, (what, mend) in _POSTGRES.items():
        if state.startswith(known):
            return Unavailable(f"The store {place} {what} ({state}).", hint=f"{mend} {_RESUME}")
    return None
