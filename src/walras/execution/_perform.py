"""Runs one job in this process, whatever process that is, and turns every exception into a value."""

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from walras.backtest import run_backtest
from walras.core import Failure, RefusedByPolicy, WalrasError
from walras.execution._job import BACKTEST_FAILED, BACKTEST_REFUSED, Job
from walras.execution._load import find_strategy
from walras.execution._result import JobResult
from walras.market import RESERVED_SEED
from walras.policy import AdmittedParams, load_policy, readmit
from walras.strategies import Strategy, load_strategy

TEXT_LIMIT: Final = 300
_ADDRESS: Final = re.compile(r"\b0x[0-9a-fA-F]+\b")
_PATH: Final = re.compile(r"(?:[A-Za-z]:)?[/\\](?:[^\s/\\'\":]+[/\\])*([^\s/\\'\":]+)")
_WARM_UP_STRATEGY: Final = "market_maker"
_WARM_UP_EVENTS: Final = 6_400


def nothing() -> None:
    """Do nothing."""


def perform_wire(body: Mapping[str, Any], *, worker: str, started: Callable[[], None] = nothing) -> JobResult:
    """Run a job that came over a pipe; a broken one is a failure like any other."""
    try:
        job = Job.from_json(body)
    except Exception as error:  # noqa: BLE001  # a job's fate is a value
        return JobResult(failure=failure_of(error), worker=worker)
    return perform(job, worker=worker, started=started)


def perform(job: Job, *, worker: str, started: Callable[[], None] = nothing) -> JobResult:
    """Run `job` and return its fate.

    Args:
        job: What to run.
        worker: What the result calls this process.
        started: Called once the strategy is compiled, when the backtest's clock starts.
    """
    begin = time.perf_counter()
    try:
        strategy, admitted = _prepare(job)
        started()
        begin = time.perf_counter()
        report = run_backtest(strategy, admitted, job.scenarios)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a job's fate is a value
        return JobResult(
            failure=failure_of(error),
            worker=worker,
            seconds=time.perf_counter() - begin,
            worker_peak_rss_kb=peak_rss_kb(),
        )
    return JobResult(
        report=report,
        worker=worker,
        seconds=time.perf_counter() - begin,
        worker_peak_rss_kb=peak_rss_kb(),
    )


def failure_of(error: BaseException) -> Failure:
    """Return what a strategy's or a market's exception leaves in the record: type and short text.

    Addresses and directories are taken out: they differ between machines and tell about them.
    """
    code = BACKTEST_REFUSED if isinstance(error, RefusedByPolicy) else BACKTEST_FAILED
    said = error.message if isinstance(error, WalrasError) else str(error)
    text = _ADDRESS.sub("0x...", _PATH.sub(r"\1", " ".join(said.split())))
    shown = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return Failure(code=code, text=shown.encode("ascii", "backslashreplace").decode()[:TEXT_LIMIT])


def peak_rss_kb() -> int:
    """Return the peak resident memory of this process in KiB; 0 where the system does not say.

    Not `getrusage`: on Linux that begins with the peak of the process that started this one.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def warm_up() -> None:
    """Load and compile the engine, so that the first job's clock measures its backtest alone."""
    from walras.core import Scenario
    from walras.market import simulate

    strategy = load_strategy(_WARM_UP_STRATEGY)
    scenario = Scenario("liquid_politics", RESERVED_SEED, _WARM_UP_EVENTS)
    simulate(scenario, strategy.step, strategy.vector(strategy.schema.defaults))


def _prepare(job: Job) -> tuple[Strategy, AdmittedParams]:
    """Load and compile the strategy and have the guard judge the params again."""
    policy = load_policy(Path(job.policy_file) if job.policy_file else None)
    strategy = find_strategy(job.strategy, job.strategy_file)
    admitted = readmit(job.wire, strategy.schema, policy)
    strategy.step  # noqa: B018  # compiles
    return strategy, admitted
