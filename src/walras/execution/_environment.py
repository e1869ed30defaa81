"""What a worker process inherits: no keys, no addresses, the parent's import path."""

import os
from collections.abc import Mapping, Sequence
from typing import Final

_KEPT: Final = frozenset(
    {"HOME", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "LOGNAME", "PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR"}
    | {"TZ", "USER", "VIRTUAL_ENV", "WALRAS_CACHE_DIR"}
)
_KEPT_PREFIXES: Final = ("LC_", "NUMBA_", "PYTHON", "XDG_", "COVERAGE_", "COV_CORE_")


def worker_environment(parent: Mapping[str, str], path: Sequence[str]) -> dict[str, str]:
    """Return the environment of a worker: an allow-list, so that no secret reaches a strategy's code.

    Args:
        parent: The parent's environment.
        path: The parent's `sys.path`, so that the worker finds the same strategies.
    """
    kept = {name: value for name, value in parent.items() if name in _KEPT or name.startswith(_KEPT_PREFIXES)}
    kept["PYTHONPATH"] = os.pathsep.join(entry for entry in path if entry)
    return kept
