"""CPU seconds from a fresh process to its first result, and to compile a strategy the engine never saw."""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

FIRST_RESULT = """
from walras.backtest import run_backtest, score
from walras.market import scenario_set
from walras.policy import FLOOR_POLICY, admit_direct
from walras.strategies import strategy_schema

admitted = admit_direct({}, strategy_schema("market_maker"), FLOOR_POLICY)
scenarios = scenario_set("liquid_politics", "train", count=1, events=100_000)
assert score("belief_pnl", run_backtest("market_maker", admitted, scenarios)).value is not None
"""

USER_STRATEGY = """
import sys, time
from walras.core import Scenario
from walras.execution._load import find_strategy
from walras.execution._perform import warm_up
from walras.market import RESERVED_SEED, simulate

warm_up()
begin = time.process_time()
strategy = find_strategy("mine", sys.argv[1])
params = strategy.vector(strategy.schema.defaults)
simulate(Scenario("liquid_politics", RESERVED_SEED, 6_400), strategy.step, params)
print(time.process_time() - begin)
"""

STRATEGY_FILE = '''
from walras.core import ParameterSpec, StrategySchema
from walras.market import layout as at
from walras.strategies import register

SCHEMA = StrategySchema("mine", "A maker of one bid.", (
    ParameterSpec(name="strategy.mine.distance", kind="int", low=1, high=9, default=2, description="Ticks."),
))


def step(view, params, memory, actions):
    """Bid below the best bid while nothing is held; run {number} of the benchmark."""
    for slot in range(at.OWN_ORDERS):
        if view[at.OWN + slot * at.OWN_WIDTH + at.OWN_STATE] != at.EMPTY:
            return 0
    if view[at.INVENTORY_LOTS] > 0 or view[at.BEST_BID] <= params[0]:
        return 0
    actions[0, at.ACTION] = at.PLACE
    actions[0, at.ACTION_SIDE] = at.BUY
    actions[0, at.ACTION_PRICE] = view[at.BEST_BID] - int(params[0])
    actions[0, at.ACTION_LOTS] = 500 + {number}
    actions[0, at.ACTION_KIND] = at.POST_ONLY
    return 1


MINE = register(SCHEMA, step)
'''


def first_result_cpu_s(runs: int) -> float:
    """Return the median CPU seconds of a process that imports, loads the cached engine, runs and scores."""
    _cpu_of(FIRST_RESULT)  # fills the cache
    return statistics.median(_cpu_of(FIRST_RESULT) for _ in range(runs))


def user_strategy_cpu_s(runs: int) -> float:
    """Return the median CPU seconds to import, compile and run a new strategy on a compiled engine."""
    with tempfile.TemporaryDirectory() as folder:
        return statistics.median(_compile_one(Path(folder), number) for number in range(runs))


def _compile_one(folder: Path, number: int) -> float:
    file = folder / f"mine_{number}.py"
    file.write_text(STRATEGY_FILE.replace("{number}", str(number)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", USER_STRATEGY, str(file)],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def _cpu_of(code: str) -> float:
    process = subprocess.Popen([sys.executable, "-c", code], env=environment())
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"The process ended with {process.returncode}.")
    return usage.ru_utime + usage.ru_stime


def environment() -> dict[str, str]:
    """Return this process's environment, with the checkout on the import path."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
