"""Turns every error into one clear message and one exit code; the only place that does."""

import errno
import json
import os
from dataclasses import dataclass, replace
from typing import Final

import click

from walras.cli._format import command
from walras.cli._place import on_store, without_resume
from walras.cli._process import Terminated
from walras.cli._terminal import scrub
from walras.core import INTERRUPTED, NOTICE, TERMINATED, InvalidFile, Json, RefusedByPolicy, WalrasError

DEBUG: Final = "WALRAS_DEBUG"
_MOST_LINES: Final = 300


class Stopped(Exception):
    """A search that was running stopped early; it can be resumed.

    Attributes:
        cause: What stopped it.
        resume: The command that goes on with it.
    """

    def __init__(self, cause: BaseException, search: str, *, store: str | None = None) -> None:
        self.cause = cause
        self.resume = command(f"walras resume {search}", store)
        super().__init__(search)


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a command ended badly: the code for machines, the words for people, the way on."""

    exit: int
    code: str
    message: str
    hint: str = ""
    resume: str = ""
    faults: tuple[dict[str, Json], ...] = ()
    names: tuple[str, ...] = ()
    gate: str = ""

    def to_json(self) -> dict[str, Json]:
        """Return the one object that `--json` prints for an error."""
        body: dict[str, Json] = {
            "type": "error",
            "notice": NOTICE,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "exit": self.exit,
        }
        more: dict[str, Json] = {"resume": self.resume, "gate": self.gate}
        more |= {"faults": list(self.faults), "names": list(self.names)}
        return body | {key: value for key, value in more.items() if value}


def ending_of(error: BaseException) -> Ending:
    """Return how a command that raised `error` ends."""
    if isinstance(error, Stopped):
        end = ending_of(error.cause)
        return Ending(**{**vars(end), "resume": error.resume})
    if isinstance(error, WalrasError):
        return _ours(error)
    if isinstance(error, click.ClickException):
        return _clicks(error)
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return Ending(exit=INTERRUPTED, code="INTERRUPTED", message="What was done is stored.")
    if isinstance(error, Terminated):
        return Ending(exit=TERMINATED, code="TERMINATED", message="What was done is stored.")
    if isinstance(error, BrokenPipeError):
        return Ending(exit=INTERRUPTED, code="INTERRUPTED", message="Nobody reads the output any more.")
    if isinstance(error, OSError) and error.errno is not None:
        return _worlds(error)
    return _bug(error)


def report(error: BaseException, *, as_json: bool, store: str | None = None) -> int:
    """Print how a command ends and return its exit code.

    People read one message on stderr. With `--json` the same stands on stdout too, as one object on the
    last line, so that a script never has to read stderr. A device that takes neither, a full one perhaps,
    leaves the code to say it. Command lines in the hint name the `store` that was given.
    """
    end = ending_of(error)
    end = replace(end, hint=on_store(end.hint, store))
    if os.environ.get(DEBUG) and end.exit not in (INTERRUPTED, TERMINATED):
        import traceback

        _echo(scrub("".join(traceback.format_exception(error)), None), err=True)
    _echo(_told(end), err=True)
    if as_json:
        _echo(json.dumps(end.to_json()))
    return end.exit


def _echo(text: str, *, err: bool = False) -> None:
    try:
        click.echo(text, err=err)
    except BrokenPipeError:
        raise
    except OSError:  # the device is full or gone: there is nowhere left to say it
        return


def _told(end: Ending) -> str:
    heading = click.style(f"error [{end.code}]:", fg="red", bold=True)
    if end.exit in (INTERRUPTED, TERMINATED):
        heading = click.style(f"{end.code.lower()}:", fg="yellow", bold=True)
    lines = scrub(end.message, None).splitlines()[:_MOST_LINES]
    text = "\n".join(scrub(line) for line in lines)
    parts = [f"{heading} {text}"]
    if end.hint:
        parts.append(scrub(end.hint))
    if end.resume:
        parts.append(f"Resume with: {click.style(end.resume, bold=True)}")
    return "\n".join(parts)


def _ours(error: WalrasError) -> Ending:
    faults: tuple[dict[str, Json], ...] = ()
    names: tuple[str, ...] = ()
    gate = ""
    code = error.code
    if isinstance(error, InvalidFile):
        from walras.policy import refusal_code

        faults = tuple(dict(vars(fault)) for fault in error.faults)
        code = refusal_code(error)  # what the audit log says too
    if isinstance(error, RefusedByPolicy):
        names, gate = error.names, error.gate
    return Ending(
        exit=error.exit_code,
        code=code,
        message=error.message,
        hint=without_resume(error.hint),
        faults=faults,
        names=names,
        gate=gate,
    )


def _clicks(error: click.ClickException) -> Ending:
    hint = ""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        hint = f"Try: {error.ctx.command_path} --help"
    return Ending(exit=2, code="USAGE", message=error.format_message(), hint=hint)


def _worlds(error: OSError) -> Ending:
    """Return the ending of a file or a device that failed; a full disk is not the caller's mistake."""
    where = f"{error.filename}: " if error.filename else ""
    message = f"{where}{os.strerror(error.errno or 0)}."
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE):
        return Ending(exit=8, code="UNAVAILABLE", message=message, hint="Free space or choose another place.")
    return Ending(exit=2, code="FILE", message=message, hint="Check the path and its permissions.")


def _bug(error: BaseException) -> Ending:
    said = str(error).splitlines()[:1]
    return Ending(
        exit=1,
        code="INTERNAL",
        message=f"This is a bug in Walras: {type(error).__name__}{': ' + said[0] if said else ''}",
        hint=f"Run it again with {DEBUG}=1 for the traceback and report it. What was stored is intact.",
    )
