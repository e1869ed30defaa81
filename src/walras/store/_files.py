"""Files for people: written whole or not at all, never through a link."""

import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from walras.core import Unavailable, UsageError

_WRITE_BYTES: Final = 1 << 20


def write_whole(path: Path, parts: Iterable[bytes]) -> Path:
    """Write `parts` to a temporary file beside `path`, sync it, and put it in place; its mode is the umask's.

    Raises:
        UsageError: If `path` is a link, a directory, or in a directory that is not there.
        Unavailable: If the disk is full, read-only or failing; nothing stands under `path` then.
    """
    with replacing(path) as temporary, temporary.open("wb", buffering=_WRITE_BYTES) as file:
        _write(file, parts)
    return path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give the name of an empty temporary file that takes the place of `path` when the block ends well."""
    with _output_errors(path):
        _require_replaceable(path)
        temporary = path.with_name(f".{path.name[:60]}.{secrets.token_hex(8)}.partial")
        os.close(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
        try:
            yield temporary
            temporary.replace(path)
            _sync_directory(path.parent)
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()


def _write(file: BinaryIO, parts: Iterable[bytes]) -> None:
    for part in parts:
        file.write(part)
    file.flush()
    os.fsync(file.fileno())


def _require_replaceable(path: Path) -> None:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"{path} is not a regular file.", hint="Name a new file.")


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _output_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(f"{path.parent} is not a directory.", hint="Make it first (`mkdir -p`).") from error
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "it is not a valid path"
        raise Unavailable(
            f"{path} cannot be written: {reason}.", hint="Free space or name another place; nothing was left."
        ) from error


def printable(text: str) -> str:
    """Return `text` fit for a message: ASCII, escaped, one line, cut to 200 characters."""
    return text.encode("unicode_escape").decode("ascii")[:200]
