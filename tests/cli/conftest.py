"""One way to run a command in this process, and one store with three small finished searches."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from walras.cli import run

SMALL = ("--scenarios", "2", "--events", "10000")
"""Options that keep a search short."""


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return stdout as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def body(self) -> dict[str, Any]:
        """Return stdout as its one JSON object."""
        (row,) = self.rows
        return row


Cli = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every command away from the user's store, keys and terminal."""
    monkeypatch.setenv("WALRAS_STORE", str(tmp_path / "own.db"))
    for name in (
        "WALRAS_API_KEY",
        "OPENAI_API_KEY",
        "WALRAS_BASE_URL",
        "OPENAI_BASE_URL",
        "WALRAS_DEBUG",
        "NO_COLOR",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run one command line in this process."""

    def call(*argv: str) -> Ran:
        capsys.readouterr()
        code = run(argv)
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return call


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with a random, a TPE and a scripted search, made once; tests only read it."""
    path = tmp_path_factory.mktemp("made") / "made.db"
    for argv in (
        ("--proposer", "random", "--name", "first", "--tag", "base"),
        ("--proposer", "tpe", "--note", "a note", "--tag", "base"),
        ("--proposer", "llm", "--endpoint", "scripted"),
    ):
        code = run(["search", "market_maker", "--budget", "4", "--store", str(path), *SMALL, *argv, "--json"])
        assert code == 0, argv
    return path


@pytest.fixture
def copied(made: Path, tmp_path: Path, cli: Cli) -> Path:
    """Return a copy of the made store that a test may change."""
    path = tmp_path / "copy.db"
    assert cli("backup", str(path), "--store", str(made)).code == 0
    return path
