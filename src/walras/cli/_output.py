"""What commands print with: lines, facts, tables, JSON. Everything that people see passes here."""

import errno
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from walras.cli._terminal import scrub
from walras.core import NOTICE, Json, Unavailable, UsageError

_GAP: Final = "  "
_UNLIMITED: Final = 100_000
_LEAST: Final = 12
"""Columns that a text keeps on the narrowest screen: a search's id, for one."""


def say(text: str = "", *, bold: bool = False, dim: bool = False, fg: str | None = None) -> None:
    """Print one line for people; colours are left out where nobody sees them."""
    click.echo(click.style(text, bold=bold or None, dim=dim or None, fg=fg) if bold or dim or fg else text)


def heading(text: str) -> None:
    """Print the heading of a section, after an empty line."""
    say()
    say(text, bold=True)


def notice() -> None:
    """Print the words that everything carries, last."""
    say()
    say(NOTICE, dim=True)


def emit(body: Mapping[str, Json]) -> None:
    """Print one JSON object on a line of its own, in ASCII, at once."""
    click.echo(json.dumps(body, ensure_ascii=True, allow_nan=False))


def document(kind: str, /, **fields: Any) -> dict[str, Json]:
    """Return a JSON document of one kind, with the notice."""
    return {"type": kind, "notice": NOTICE, **fields}


def facts(rows: Sequence[tuple[str, str]], *, indent: int = 2) -> None:
    """Print labels and their values in two columns; an empty value is left out."""
    kept = [(label, value) for label, value in rows if value]
    width = max((len(label) for label, _ in kept), default=0)
    for label, value in kept:
        first, *rest = scrub(value).splitlines() or [""]
        say(f"{' ' * indent}{click.style(label.ljust(width), dim=True)}{_GAP}{first}")
        for line in rest:
            say(f"{' ' * (indent + width)}{_GAP}{line}")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, indent: int = 2) -> None:
    """Print rows under their columns; a column named `>x` is set to the right.

    On a terminal the widest texts are shortened until a row fits; in a pipe nothing is cut.
    """
    names = [column.lstrip(">") for column in columns]
    right = [column.startswith(">") for column in columns]
    cells = [[scrub(cell).replace("\n", " ") for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    room = screen_width() - indent
    _shrink(widths, right, room)
    cells = [[_fitted(cell, width) for cell, width in zip(row, widths, strict=True)] for row in cells]
    for place, line in enumerate([names, *cells]):
        text = _row(line, widths, right, room)
        say(f"{' ' * indent}{text}", dim=place == 0)


def _shrink(widths: list[int], right: Sequence[bool], room: int) -> None:
    """Take from the widest texts what is too much for the screen; numbers and short texts stay whole."""
    texts = [place for place, to_right in enumerate(right) if not to_right]
    while texts and sum(widths) + len(_GAP) * (len(widths) - 1) > room:
        widest = max(texts, key=lambda place: widths[place])
        if widths[widest] <= _LEAST:
            return
        widths[widest] -= 1


def _fitted(cell: str, width: int) -> str:
    """Return a cell cut to its column; of a dotted name the end stays, which tells it from the others."""
    if len(cell) <= width:
        return cell
    is_name = "." in cell and " " not in cell
    return f"…{cell[1 - width :]}" if is_name else f"{cell[: width - 1]}…"


def _row(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool], room: int) -> str:
    parts = [
        cell.rjust(width) if to_right else cell.ljust(width)
        for cell, width, to_right in zip(cells, widths, right, strict=True)
    ]
    return clipped(_GAP.join(parts).rstrip(), room)


def clipped(line: str, room: int | None = None) -> str:
    """Return a line cut to `room` columns, the terminal's if none are given, so that it never wraps."""
    width = max(screen_width() if room is None else room, 2)
    return line if len(line) <= width else line[: width - 1] + "…"


def steps(*rows: tuple[str, str]) -> None:
    """Print what one can do next: a command that can be pasted, and what it does."""
    heading("Next")
    width = max(len(command) for command, _ in rows)
    for command, what in rows:
        say(f"  {command.ljust(width)}  {click.style(what, dim=True)}")


def prose(text: str, *, indent: int = 2, bullet: bool = False) -> None:
    """Print outside text in paragraphs of at most 100 columns, every line indented."""
    from textwrap import fill

    space = " " * indent
    rest = space + "  " if bullet else space
    first = space + "- " if bullet else space
    width = min(screen_width(), 100)
    for paragraph in scrub(text).splitlines():
        say(fill(paragraph, width, initial_indent=first, subsequent_indent=rest) if paragraph else "")


def screen_width() -> int:
    """Return the columns of the terminal; no limit where the output goes elsewhere."""
    return shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else _UNLIMITED


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say of any failure to write the file that a person named which file that is.

    Raises:
        UsageError: If it cannot be written there.
        Unavailable: If there is no room for it.
    """
    try:
        yield
    except (OSError, Unavailable) as error:
        cause = error.__cause__ if isinstance(error, Unavailable) else error
        if not isinstance(cause, OSError) or cause.errno is None:
            raise
        message = f"Cannot write {path}: {os.strerror(cause.errno)}."
        if cause.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            raise Unavailable(message, hint="Free space or name another place; nothing was left.") from error
        raise UsageError(message, hint="Check the folder and its permissions, or name another.") from error


def write_file(path: Path, text: str) -> Path:
    """Write a file whole or not at all; an existing regular file is replaced, a link is not followed.

    Raises:
        UsageError: If there is no such folder, it is not writable, or the path is no regular file.
        Unavailable: If there is no room.
    """
    from tempfile import NamedTemporaryFile

    with writing(path):
        if not path.parent.is_dir():
            raise UsageError(f"There is no folder {path.parent}.", hint="Make it first (`mkdir -p`).")
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is not a regular file.", hint="Name a new file.")
    with (
        writing(path),
        NamedTemporaryFile("w", dir=path.parent, prefix=".walras-", encoding="utf-8", delete=False) as made,
    ):
        temporary = Path(made.name)
        try:
            temporary.chmod(0o666 & ~_umask())
            made.write(text)
            made.flush()
            os.fsync(made.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    return path


def _umask() -> int:
    """Return the process's umask; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
