"""`docs/commands.md` holds every command and every option, as they are."""

import re
from pathlib import Path

import click
from tests.cli.manual import GENERATED, manual
from tests.cli.test_group import leaves

PAGE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"


def test_the_page_is_what_the_commands_say() -> None:
    """The generated part is current; `python -m tests.cli.manual` writes it again."""
    assert PAGE.read_text(encoding="utf-8").partition(GENERATED)[2] == manual()


def test_every_option_is_in_the_page() -> None:
    """No command and no option is missing."""
    text = PAGE.read_text(encoding="utf-8")
    for words, command in leaves():
        part = text.partition(f"### `walras {words}`")[2].partition("\n### ")[0]
        assert part, words
        for param in command.params:
            if isinstance(param, click.Option):
                for name in param.opts:
                    assert re.search(rf"[`\s]{name}[`,\s]", part), (words, name)
