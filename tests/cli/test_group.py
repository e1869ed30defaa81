"""The front of the command line is light, whole and honest."""

import subprocess
import sys

import click
import pytest
from tests.cli.conftest import Cli

from walras.cli._commands import COMMANDS
from walras.cli._group import walras
from walras.cli._options import Command
from walras.core import NOTICE

HEAVY = {
    "numpy", "numba", "scipy", "sqlalchemy", "sqlmodel", "pydantic", "optuna", "openai", "altair", "rich",
    "structlog", "alembic", "httpx", "ruamel", "jinja2", "distributed", "tenacity",
}  # fmt: skip


def leaves() -> list[tuple[str, click.Command]]:
    """Return every command that runs, by the words one types."""
    found: list[tuple[str, click.Command]] = []
    context = click.Context(walras)
    for name in COMMANDS:
        command = walras.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            found += [
                (f"{name} {inner}", command.commands[inner]) for inner in command.list_commands(context)
            ]
        else:
            found.append((name, command))
    return found


def loaded_by(*argv: str) -> set[str]:
    """Return the top-level packages that a fresh process loads for one command line."""
    asked = [sys.executable, "-X", "importtime", "-m", "walras", *argv]
    done = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60)
    rows = [
        line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")
    ]
    return {row.split(".", 1)[0] for row in rows}


def test_help_loads_nothing_heavy() -> None:
    """`walras --help` imports click and the table of commands, no more."""
    assert not HEAVY & loaded_by("--help")


def test_help_of_a_command_loads_nothing_heavy() -> None:
    """`walras search --help` loads no engine, no database and no proposer."""
    assert not HEAVY & loaded_by("search", "--help")


@pytest.mark.parametrize("argv", [("list",), ("show", "@last"), ("show", "@last:1"), ("list", "--json")])
def test_looking_loads_no_engine_and_no_proposer(
    argv: tuple[str, ...], made: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`list` and `show` read a store without loading what made it."""
    monkeypatch.setenv("WALRAS_STORE", str(made))
    assert not {"optuna", "openai", "altair", "distributed", "scipy", "numba", "numpy"} & loaded_by(*argv)


def test_the_table_says_what_the_commands_say() -> None:
    """Each line of the table begins the command's own help, so the table cannot drift."""
    context = click.Context(walras)
    for name, entry in COMMANDS.items():
        command = walras.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert len(entry.help) <= 70, name
        assert entry.help.endswith(".")
        assert command.help


@pytest.mark.parametrize(("words", "command"), leaves(), ids=[words for words, _ in leaves()])
def test_every_command_is_complete(words: str, command: click.Command) -> None:
    """Each command has examples that name it, --json, a help text, and help for every option."""
    assert isinstance(command, Command)
    assert command.examples
    assert all(example.startswith("walras ") for example in command.examples)
    assert any(f"walras {words}" in example for example in command.examples)
    options = {name for param in command.params for name in param.opts}
    assert {"--json", "--verbose", "--log-json"} <= options
    for param in command.params:
        if isinstance(param, click.Option):
            assert param.help, (words, param.name)
    touches_store = words not in ("space init", "space list", "completion")
    assert ("--store" in options) == touches_store


@pytest.mark.parametrize("words", ["", *[words for words, _ in leaves()], "space"])
def test_every_help_page_carries_the_notice(words: str, cli: Cli) -> None:
    """Help ends with exit code 0, examples and the notice."""
    ran = cli(*words.split(), "--help")
    assert ran.code == 0
    assert NOTICE in ran.out
    assert "walras " in ran.out
    assert max(map(len, ran.out.splitlines())) <= 110


def test_no_arguments_show_help(cli: Cli) -> None:
    """`walras` alone is a question for help."""
    assert "Start here" in cli().out


def test_a_misspelt_command_gets_the_nearest(cli: Cli) -> None:
    """A wrong command is a usage error that names the right one."""
    ran = cli("serch")
    assert ran.code == 2
    assert "Did you mean 'search'?" in ran.err
    assert cli("zzzz").err.startswith("error [USAGE]: No such command 'zzzz'.")
    assert cli("--nope").code == 2


def test_version(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version is said, also from a checkout that is not installed."""
    assert cli("--version").out.startswith("walras ")

    def missing(name: str) -> str:
        from importlib.metadata import PackageNotFoundError

        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", missing)
    assert cli("--version").out == "walras not installed\n"
