"""The store that a command names: found before it is read, and nothing printed that would miss it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from walras.cli._format import command
from walras.core import Unavailable

if TYPE_CHECKING:
    from walras.search import Bench

_COMMAND: Final = re.compile(
    r"`(walras [a-z][^`]*)`|(?<=: )(walras [a-z][^`]*?)(?=[.;]?$)"  # in backquotes, or the end of a line
)
_WITHOUT_STORE: Final = ("walras completion", "walras space init", "walras space list")
_RESUMED: Final = re.compile(r";? ?run `walras resume` afterwards")


@contextmanager
def open_to_read(*, store: str | None, policy: Path | None = None) -> Iterator["Bench"]:
    """Open the store for a command that looks at what is there; one that was named must exist.

    The default place, and the one that WALRAS_STORE names, may still be empty.

    Raises:
        Unavailable: If --store names a file that is not there; none is made.
    """
    from walras.wiring import open_bench

    require_store(store)
    with open_bench(store=store, policy=policy) as bench:
        yield bench


def require_store(store: str | None) -> None:
    """Refuse a --store that names no file.

    Raises:
        Unavailable: With the path.
    """
    if not store:
        return
    path = _file_of(store)
    if path is not None and not path.exists() and path.parent.is_dir():
        raise Unavailable(
            f"There is no store at {path}.",
            hint="Check the path, or make one there with `walras search` or `walras import`.",
        )


def _file_of(store: str) -> Path | None:
    """Return the SQLite file that a store's URL means; None for a server, memory and what is no URL."""
    from walras.wiring import store_url

    url = store_url(store)
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") and url[10:] else None


def on_store(hint: str, store: str | None) -> str:
    """Return a hint whose command lines name the store that was named, so that they work when pasted."""

    def named(found: re.Match[str]) -> str:
        line = found[1] or found[2]
        if "--store" in line or "--help" in line or line.startswith(_WITHOUT_STORE):
            return found[0]
        return found[0].replace(line, command(line, store))

    return _COMMAND.sub(named, hint) if store else hint


def without_resume(hint: str) -> str:
    """Return a hint without the advice to resume: only a search that was running gets that, by its id."""
    return _RESUMED.sub("", hint).strip()
