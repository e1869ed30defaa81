"""Compiling steps: fast, cached across processes, clear when it fails."""

import os
import subprocess
import sys
import textwrap
import time

import pytest

from walras.core import UsageError
from walras.market import compile_step, layout
from walras.market._step import called_functions


def plain(view, params, memory, actions):
    """Buy once at one tick."""
    return twice(view[layout.DECISION]) * 0


def twice(x):
    """Return 2x, through another function."""
    return double(x)


def double(x):
    """Return 2x."""
    return 2 * x


def bad(view, params, memory, actions):
    """Return something that is no integer."""
    return "many"


def test_helpers_compile_with_the_step():
    """Plain functions that a step calls, directly or not, are found and compiled."""
    assert {f.__name__ for f in called_functions(plain)} == {"twice", "double"}
    assert callable(compile_step(plain))


def test_a_step_that_does_not_compile_says_why():
    """The message names the function and holds numba's reason; no traceback of numba's."""
    with pytest.raises(UsageError, match=r"'bad' does not compile.*unicode|'bad' does not compile"):
        compile_step(bad)


def test_only_a_plain_function_is_a_step():
    """A class or a builtin is refused."""
    with pytest.raises(UsageError, match="plain Python function"):
        compile_step(len)


def test_a_new_step_compiles_fast():
    """On a compiled engine a user's strategy costs at most half a second of CPU."""

    def fresh(view, params, memory, actions):
        count = 0
        for side in range(2):
            actions[count, layout.ACTION] = layout.PLACE
            actions[count, layout.ACTION_SIDE] = side
            actions[count, layout.ACTION_PRICE] = view[layout.BEST_BID + side]
            actions[count, layout.ACTION_LOTS] = int(params[0])
            count += 1
        return count

    compile_step(plain)
    start = time.process_time()
    compile_step(fresh)
    assert time.process_time() - start < 0.5


SCRIPT = """
import sys
sys.path.insert(0, {folder!r})
import numpy as np
from mine import step
from walras.core import Scenario
from walras.market import compile_step, simulate, _engine
compiled = compile_step(step)
simulate(Scenario("liquid_politics", 900_001, 6_400), compiled, np.zeros(1))
for function in (compiled, _engine.run_scenario):
    print(sum(function.stats.cache_hits.values()), sum(function.stats.cache_misses.values()))
"""


def test_a_second_process_finds_everything_in_the_cache(tmp_path):
    """Engine and strategy compile once; a changed helper file compiles the strategy again."""
    (tmp_path / "ours.py").write_text("def nothing(x):\n    return 0 * x\n")
    (tmp_path / "mine.py").write_text(
        textwrap.dedent("""
        from ours import nothing
        def step(view, params, memory, actions):
            return nothing(view[0])
        """)
    )
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}

    def run():
        script = SCRIPT.format(folder=str(tmp_path))
        done = subprocess.run(
            [sys.executable, "-c", script], env=env, check=True, capture_output=True, text=True
        )
        return done.stdout.split()

    assert run() == ["0", "1", "0", "1"]
    assert run() == ["1", "0", "1", "0"]
    (tmp_path / "ours.py").write_text("def nothing(x):\n    return 0 * x + 0\n")
    assert run() == ["0", "1", "1", "0"]
