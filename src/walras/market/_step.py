"""Turns a plain Python step function into one that the compiled engine can call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import CellType, FunctionType
from typing import Any, TypeAlias

from numba import njit
from numba.core.errors import NumbaError
from numba.extending import register_jitable

from walras.core import UsageError
from walras.market._engine import STEP_SIGNATURE

Step: TypeAlias = Any
"""A compiled step function. Numba publishes no type for it."""


def compile_step(function: Callable[..., int]) -> Step:
    """Compile a step function against the engine's fixed signature, or load it from numba's cache.

    The engine is not compiled again: it calls the step through a function pointer. Plain functions that
    the step calls compile with it. A function without a file (a notebook's, a string's) is not cached.

    Raises:
        UsageError: If numba cannot compile it; the message holds numba's reason.
    """
    if not isinstance(function, FunctionType):
        raise UsageError(f"A step is a plain Python function, got {type(function).__name__}.")
    for callee in called_functions(function):
        _teach(callee)
    stamped = _stamp(function)
    try:
        return njit(STEP_SIGNATURE, cache=_has_file(function))(stamped)
    except NumbaError as error:
        reason = " ".join(str(error).split())
        raise UsageError(
            f"The step function {function.__qualname__!r} does not compile: {reason[:600]}",
            hint="It may use numbers, arrays and walras.market's layout and maths, and returns an int.",
        ) from error


def called_functions(function: FunctionType) -> tuple[FunctionType, ...]:
    """Return the plain functions that a function names in its code, and those that they name."""
    found: dict[FunctionType, None] = {}
    waiting = [function]
    while waiting:
        for callee in _named_functions(waiting.pop()):
            if callee not in found:
                found[callee] = None
                waiting.append(callee)
    return tuple(found)


def _named_functions(function: FunctionType) -> Iterator[FunctionType]:
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, FunctionType):
            yield value


@cache
def _teach(function: FunctionType) -> None:
    """Let numba compile a plain function wherever a compiled one calls it."""
    register_jitable(function)


def _has_file(function: FunctionType) -> bool:
    return Path(function.__code__.co_filename).is_file()


def _stamp(function: FunctionType) -> FunctionType:
    """Return a copy that numba's cache tells apart by everything compiled into it.

    Numba keys its cache on a function's own file and on what it closes over, not on the files of what it
    calls. So the copy closes over a digest of those files, in a variable that its code never reads.
    """
    files = sorted({callee.__code__.co_filename for callee in called_functions(function)})
    content = [Path(file).read_bytes() for file in files if Path(file).is_file()]
    digest = sha256(b"\0".join(content)).hexdigest()
    code = function.__code__
    copy = FunctionType(
        code.replace(co_freevars=(*code.co_freevars, "callees_digest")),
        function.__globals__,
        function.__name__,
        function.__defaults__,
        (*(function.__closure__ or ()), CellType(digest)),
    )
    copy.__qualname__ = function.__qualname__
    copy.__module__ = function.__module__
    return copy
