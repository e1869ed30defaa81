"""A line that counts, on a terminal alone, and leaves nothing behind."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

_CLEAR = "\r\x1b[K"


@contextmanager
def counting(total: int, what: str, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Give a function that shows how far the work is; it shows nothing where stderr is no terminal."""
    shown = not quiet and sys.stderr.isatty()
    done = 0

    def listen(number: int) -> None:
        nonlocal done
        del number
        done += 1
        if shown:
            click.echo(f"{_CLEAR}{what} {done}/{total}", nl=False, err=True)

    try:
        yield listen
    finally:
        if shown:
            click.echo(_CLEAR, nl=False, err=True)
