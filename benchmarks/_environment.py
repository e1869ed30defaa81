"""Makes the virtual environment in which both engines run: hftbacktest needs an older numpy than we do."""

import os
import shutil
import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path

REQUIREMENTS = ("hftbacktest==2.4.4", "numba>=0.65,<1")
"""The peer, and what our engine needs; numpy's version is hftbacktest's choice."""


class NoPeer(Exception):
    """The peer could not be installed; the message says why."""


def cache_folder() -> Path:
    """Return where the environment lives, outside the repository."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "walras" / "bench"


def peer_python(*, fresh: bool = False) -> Path:
    """Return the interpreter of the benchmark's environment, made on first use (about a minute, 1 GB).

    Raises:
        NoPeer: If pip cannot install the requirements.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    key = sha256(" ".join((version, *REQUIREMENTS)).encode()).hexdigest()[:12]
    folder = cache_folder() / f"hftbacktest-{key}"
    python = folder / "bin" / "python"
    complete = folder / "complete"
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    if complete.exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    print(f"Making {folder} (about a minute) ...", file=sys.stderr, flush=True)
    venv.create(folder, with_pip=True)
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *REQUIREMENTS],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        reason = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["no output"]
        raise NoPeer(f"pip could not install {', '.join(REQUIREMENTS)}: {reason[-1]}")
    complete.touch()
    return python
