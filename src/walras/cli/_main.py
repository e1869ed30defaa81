"""The front door of the command line: parse, run, and leave with the design's exit code."""

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from walras.cli._group import walras
from walras.cli._process import Stopper, leave, silence

_COMPLETE = "_WALRAS_COMPLETE"


def main() -> NoReturn:
    """Run the command line of this process and exit."""
    Stopper().install()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a process starts with text streams
    if _COMPLETE in os.environ:
        walras.main(prog_name="walras", complete_var=_COMPLETE)
    leave(run(sys.argv[1:]))


def run(argv: Sequence[str]) -> int:
    """Run one command and return its exit code; every error is told, none is raised.

    `@file` arguments, globs and environment variables are not expanded.
    """
    import click

    kept: dict[str, Any] = {}
    try:
        with walras.make_context("walras", list(argv)) as context:
            kept = context.meta
            if os.environ.get("NO_COLOR"):
                context.color = False
            walras.invoke(context)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except BrokenPipeError:
        return _unread()
    except BaseException as error:  # noqa: BLE001  # the last stop: everything becomes a message and a code
        return _told(error, as_json="--json" in argv, store=kept.get("walras.store"))
    return 0


def _told(error: BaseException, *, as_json: bool, store: str | None) -> int:
    from walras.cli._errors import Stopped, report

    if isinstance(error, SystemExit):
        raise error
    if isinstance(error, Stopped) and isinstance(error.cause, BrokenPipeError):
        as_json = False
    try:
        return report(error, as_json=as_json, store=store)
    except BrokenPipeError:
        return _unread()


def _unread() -> int:
    """End quietly: whoever read the output, `head` perhaps, has seen enough."""
    silence(sys.stdout)
    return 0
