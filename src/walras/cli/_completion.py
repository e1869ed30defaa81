"""`walras completion`: the completion script of a shell."""

import click

from walras.cli._options import Command, common

EXAMPLES = (
    "walras completion bash >> ~/.bashrc",
    "walras completion zsh >> ~/.zshrc",
    "walras completion fish > ~/.config/fish/completions/walras.fish",
)


@click.command(cls=Command, examples=EXAMPLES)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@common
def completion(*, shell: str, as_json: bool) -> None:
    """Print the script that lets SHELL complete commands, options, @last and @best."""
    from click.shell_completion import get_completion_class

    from walras.cli._group import walras
    from walras.cli._output import document, emit

    found = get_completion_class(shell)
    assert found is not None  # noqa: S101  # the three shells are click's own
    script = found(walras, {}, "walras", "_WALRAS_COMPLETE").source()
    if as_json:
        emit(document("completion", shell=shell, script=script))
    else:
        click.echo(script)
