"""What every test may use: a throw-away PostgreSQL, and Hypothesis without deadlines."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings

# The first example of a property pays for imports and compilation, so a deadline says nothing.
settings.register_profile("walras", deadline=None)
settings.load_profile("walras")

POSTGRES_TOOLS = ("initdb", "pg_ctl", "psql")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """Start a PostgreSQL of our own on a unix socket, as nobody where we are root; give its directory."""
    missing = [tool for tool in POSTGRES_TOOLS if shutil.which(tool) is None]
    if missing:
        reason = f"no PostgreSQL here: {', '.join(missing)} not on PATH"
        if os.environ.get("WALRAS_CI") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    home = Path(tempfile.mkdtemp(prefix="walras-pg-"))
    drop: tuple[str, ...] = ()
    if os.geteuid() == 0:
        drop = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
        shutil.chown(home, "nobody")
    data = str(home / "data")

    def run(*command: str) -> None:
        subprocess.run([*drop, *command], check=True, capture_output=True, cwd=home)

    run("initdb", "-D", data, "-A", "trust", "-U", "walras", "-E", "UTF8", "--locale=C", "--no-sync")
    options = f"-k {home} -h '' -c fsync=off -c max_connections=40"
    run("pg_ctl", "-D", data, "-w", "-l", str(home / "log"), "-o", options, "start")
    yield home
    run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    shutil.rmtree(home)


@pytest.fixture
def postgres_url(postgres_server: Path) -> str:
    """Make an empty database and return its URL."""
    name = f"t{uuid4().hex}"
    psql(postgres_server, "postgres", f"CREATE DATABASE {name}")
    return f"postgresql://walras:s3cret@/{name}?host={postgres_server}"


def psql(home: Path, database: str, statement: str) -> None:
    """Run one statement as the owner of the server."""
    command = ["psql", "-h", str(home), "-U", "walras", "-q", "-d", database, "-c", statement]
    subprocess.run(command, check=True, capture_output=True)
