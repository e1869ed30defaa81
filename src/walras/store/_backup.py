"""Backups: one consistent snapshot of every table, copied into a SQLite file and verified there."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, insert, select, update

from walras.core import Unavailable, UsageError
from walras.store._database import Database
from walras.store._schema import prepare
from walras.store._sqlite import SqliteFile
from walras.store._tables import HEADS, METADATA

_ROWS_AT_ONCE: Final = 200
_WAIT_SECONDS: Final = 5.0


def copy_store(source: Database, path: Path, check: Callable[[Database], None]) -> Path:
    """Copy a store into the new file `path`; it appears only once `check` has passed the copy.

    Raises:
        UsageError: If `path` exists, or its directory does not.
        Unavailable: If the copy cannot be written.
    """
    if os.path.lexists(path):
        raise UsageError(f"{path} exists already.", hint="Name a new file; a backup replaces nothing.")
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent} is not a directory.", hint="Make it first (`mkdir -p`).")
    try:
        with tempfile.TemporaryDirectory(prefix=".walras-backup-", dir=path.parent) as directory:
            made = Path(directory) / "walras.db"
            _copy(source, made, check)
            os.link(made, path)  # fails where another program made `path` meanwhile
    except OSError as error:
        raise Unavailable(
            f"The backup {path} cannot be written: {error.strerror}.", hint="Name another place."
        ) from error
    return path


def _copy(source: Database, made: Path, check: Callable[[Database], None]) -> None:
    target = SqliteFile(made, wait_seconds=_WAIT_SECONDS)
    try:
        prepare(target)
        source.read(lambda rows: target.write(lambda copy: _copy_tables(rows, copy)))
        check(target)
    finally:
        target.close()


def _copy_tables(source: Connection, target: Connection) -> None:
    for table in METADATA.sorted_tables:
        rows = source.execute(select(table)).mappings()
        for part in rows.partitions(_ROWS_AT_ONCE):
            for row in part if table is HEADS else ():
                target.execute(update(HEADS).where(HEADS.c.name == row["name"]).values(**row))
            if table is not HEADS:
                target.execute(insert(table), [dict(row) for row in part])
