"""SQLite's errors, each with its exit code."""

import sqlite3

import pytest
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.exc import TimeoutError as PoolTimeout

from walras.core import IntegrityError, Unavailable
from walras.store._faults import translate, translated


def sqlite_error(code: int, text: str = "x") -> DBAPIError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return DBAPIError("SELECT", None, error)


@pytest.mark.parametrize("code", [3, 5, 6, 7, 8, 10, 13, 14, 5 | 2 << 8, 10 | 4 << 8, 8 | 5 << 8])
def test_troubles_of_the_world_are_unavailable(code: int) -> None:
    """Extended codes too, with the place and what to do."""
    ours = translate(sqlite_error(code), "/home/x/walras.db")
    assert isinstance(ours, Unavailable)
    assert "/home/x/walras.db" in ours.message
    assert "walras resume" in ours.hint


@pytest.mark.parametrize("code", [11, 19, 26])
def test_broken_files_are_integrity_errors(code: int) -> None:
    """Exit 7."""
    assert isinstance(translate(sqlite_error(code), "here"), IntegrityError)
    assert isinstance(translate(sqlite_error(1, "no such table: walras_search"), "here"), IntegrityError)


def test_what_the_driver_says_without_a_code_is_an_integrity_error() -> None:
    """Bytes that are not text, a column or a row that is gone: exit 7, never a bug."""
    for number, text in ((None, "Could not decode to UTF-8 column 'body'"), (1, "no such column: a.b")):
        origin = sqlite3.OperationalError(text)
        if number is not None:
            origin.sqlite_errorcode = number
        assert isinstance(translate(DBAPIError("SELECT", None, origin), "here"), IntegrityError)
    for error in (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"), NoResultFound()):
        assert isinstance(translate(error, "here"), IntegrityError)


def test_bugs_stay_bugs() -> None:
    """A syntax error is ours; a pool that is used up is not."""
    assert translate(sqlite_error(1, "syntax error"), "here") is None
    assert isinstance(translate(PoolTimeout(), "here"), Unavailable)
    with pytest.raises(ZeroDivisionError), translated("here"):
        raise ZeroDivisionError
