"""`walras doctor`: check an installation; each fault names its mend."""

from typing import TYPE_CHECKING

import click

from walras.cli._options import Command, common, store_option

if TYPE_CHECKING:
    from walras.cli._checks import Check

EXAMPLES = (
    "walras doctor",
    "walras doctor --endpoint http://localhost:11434/v1 --model qwen3:8b",
    "walras doctor --json",
)


@click.command(cls=Command, examples=EXAMPLES)
@click.option("--endpoint", metavar="URL", help="Ask this OpenAI-compatible server which models it has.")
@click.option("--model", metavar="NAME", help="A model that the server must list.")
@store_option
@common
@click.pass_context
def doctor(
    ctx: click.Context, /, *, endpoint: str | None, model: str | None, store: str | None, as_json: bool
) -> None:
    """Check this installation: Python, store, spaces, policy, engine, and a server if one is named.

    Exit code 0: all is well, or only remarks; 8: something does not work. Nothing leaves this machine
    unless --endpoint names a server.
    """
    from walras.cli._checks import examine
    from walras.cli._output import document, emit, notice

    found = examine(store=store, endpoint=endpoint, model=model)
    broken = [check for check in found if check.status == "fail"]
    if as_json:
        emit(document("doctor", ok=not broken, checks=[dict(vars(check)) for check in found]))
    else:
        _tell(found)
        notice()
    if broken:
        ctx.exit(8)


def _tell(found: "tuple[Check, ...]") -> None:
    from walras.cli._output import say, screen_width
    from walras.cli._terminal import one_line

    colours = {"ok": "green", "note": "yellow", "fail": "red"}
    width = max(len(check.name) for check in found)
    room = max(screen_width() - width - 10, 40)
    for check in found:
        mark = click.style(check.status.ljust(4), fg=colours[check.status])
        say(f"{mark}  {check.name.ljust(width)}  {one_line(check.found, room)}")
        if check.mend:
            say(f"{'':6}{'':{width}}  {one_line(check.mend)}")
