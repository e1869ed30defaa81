"""The version of the tables: checked on every open, migrated only when it is old."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from walras.core import IntegrityError
from walras.store._database import Database
from walras.store._tables import VERSION_TABLE

HEAD: Final = "0001"
"""The newest migration in `migrations/versions`."""

_MIGRATIONS: Final = Path(__file__).parent / "migrations"


def prepare(database: Database) -> None:
    """Bring the tables to this version; a store that is there already is only looked at.

    Raises:
        IntegrityError: If the store was made by a newer Walras or by another program.
    """
    if database.read(_version) != HEAD:
        database.migrate(lambda connection: _migrate(connection, database.place))


def _version(connection: Connection) -> str | None:
    """Return the version of the tables, or None where there are none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608


def _migrate(connection: Connection, place: str) -> None:
    version = _version(connection)  # again: another process may have been first
    if version == HEAD:
        return
    if version is None and connection.dialect.name == "sqlite" and inspect(connection).get_table_names():
        raise IntegrityError(
            f"The store {place} is a database of another program.", hint="Name another file with --store."
        )
    if version is not None and version > HEAD:
        raise IntegrityError(
            f"The store {place} was made by a newer Walras (schema {version}; this one knows {HEAD}).",
            hint="Upgrade Walras, or name another store with --store.",
        )
    _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
