"""Jobs for tests."""

from functools import partial
from pathlib import Path

from walras.execution import Job, LocalWorkers
from walras.execution._process import WorkerProcess
from walras.market import scenario_set
from walras.policy import FLOOR_POLICY, admit_direct
from walras.strategies import strategy_schema

SHORT = scenario_set("liquid_politics", "train", count=2, events=10_000)
STRATEGIES = str(Path(__file__).with_name("_strategies.py"))


def real_job(half_spread_ticks: int = 2) -> Job:
    """Return a short backtest of the market maker."""
    admitted = admit_direct(
        {"strategy.mm.half_spread_ticks": half_spread_ticks}, strategy_schema("market_maker"), FLOOR_POLICY
    )
    return Job(strategy="market_maker", wire=admitted.to_wire(), scenarios=SHORT)


def odd_job(name: str) -> Job:
    """Return a job of one of the strategies that misbehave."""
    from tests.execution import _strategies

    admitted = admit_direct({}, _strategies.schema(name), FLOOR_POLICY)
    return Job(strategy=name, wire=admitted.to_wire(), scenarios=SHORT, strategy_file=STRATEGIES)


def fake_job(what: str) -> Job:
    """Return a job that tells a fake worker what to do."""
    return Job(strategy=what, wire={}, scenarios=SHORT)


def fake_workers(
    count: int, *, wall_limit_s: float = 30.0, start_limit_s: float = 30.0, worker: str = "_fake_worker"
) -> LocalWorkers:
    """Return workers without an engine."""
    spawn = partial(WorkerProcess, module=f"tests.execution.{worker}")
    return LocalWorkers(count, wall_limit_s, start_limit_s=start_limit_s, spawn=spawn)
