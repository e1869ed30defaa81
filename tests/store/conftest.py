"""Stores to test against: a SQLite file, SQLite in memory, a throw-away PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from walras.store import TrajectoryStore, open_store


@pytest.fixture(params=["sqlite", "memory", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty store of each kind."""
    if request.param == "postgres":
        made: str = request.getfixturevalue("postgres_url")
        return made
    return "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path}/walras.db"


@pytest.fixture
def store(url: str) -> Iterator[TrajectoryStore]:
    """Open an empty store of each kind."""
    opened = open_store(url, wait_seconds=1.0)
    yield opened
    opened.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a SQLite store may be made."""
    return tmp_path / "walras.db"


@pytest.fixture
def sqlite_store(path: Path) -> Iterator[TrajectoryStore]:
    """Open an empty SQLite file."""
    opened = open_store(f"sqlite:///{path}", wait_seconds=0.2)
    yield opened
    opened.close()
