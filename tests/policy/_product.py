"""The real product with a meter on it: its own doors, counted engine calls, requests, rows and records.

Nothing of the guard, the loop, the store or the command line is replaced. Backtests run in this process
on one short scenario a role, and a language model's answers come from a script or from our own rules.
"""

import io
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, chdir, closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import walras.endpoint
import walras.execution
import walras.market
from walras.cli._main import run
from walras.core import Json, ParameterSpec, Prompt, Reply, StrategySchema, Value
from walras.execution import Executor, InProcess, Job, JobResult
from walras.execution import _load as worker_load
from walras.policy import gated_digest_ok
from walras.proposers import _registry as proposer_registry
from walras.store import AuditRecord, Trajectory, TrajectoryStore, open_store
from walras.strategies import Strategy, load_strategy
from walras.strategies import _registry as strategy_registry

EVENTS: Final = 6_400
SMALL: Final = ("--budget", "2", "--scenarios", "1", "--events", str(EVENTS))
ASKING: Final = (*SMALL, "--proposer", "llm", "--endpoint", "scripted")
"""A model is asked for iteration 1, so that "no request was made" says something."""

DEFAULTS: Final[Mapping[str, Value]] = {
    "strategy.mm.half_spread_ticks": 2,
    "strategy.mm.order_size": 50.0,
    "strategy.mm.mode": "improve",
    "strategy.mm.inventory_skew": 0.5,
    "strategy.mm.quote_ttl_ms": 10_000,
    "risk.exposureguard.rebalanceHalfLifeS": 30.0,
}
"""Defaults for the fixtures, which state bounds only."""


def fixture_schema(tunable: Mapping[str, list[Any]], strategy: str = "market_maker") -> StrategySchema:
    """Return the schema that a fixture of the catalogue describes."""
    return StrategySchema(strategy, "A fixture.", tuple(_spec(name, row) for name, row in tunable.items()))


def _spec(name: str, row: list[Any]) -> ParameterSpec:
    kind, *rest = row
    common: dict[str, Any] = {"name": name, "kind": kind, "description": "From the fixture."}
    if kind == "categorical":
        return ParameterSpec(**common, choices=tuple(rest[0]), default=DEFAULTS.get(name, rest[0][0]))
    low, high = rest
    return ParameterSpec(**common, low=low, high=high, default=DEFAULTS.get(name, low))


@cache
def market_maker(*extra: ParameterSpec) -> Strategy:
    """Return the shipped market maker, or a test build whose schema declares further names."""
    shipped = load_strategy("market_maker")
    if not extra:
        return shipped
    schema = shipped.schema
    declared = StrategySchema(schema.strategy, schema.description, schema.parameters + extra)
    return Strategy(declared, shipped.function)


def idle_step(view: Any, params: Any, memory: Any, actions: Any) -> int:
    """Do nothing, as a strategy of another package may."""
    return 0


@dataclass(frozen=True)
class Offered:
    """What stands in the place of another package's entry point."""

    name: str
    made: object
    value: str = "another.package:thing"

    def load(self) -> object:
        """Return what it offers."""
        return self.made


@dataclass
class Meter:
    """What the product did while it was watched.

    Attributes:
        jobs: Every backtest that was handed to an executor.
        engine_inputs: What the engine says it ran with, once for each report.
        requests: Every prompt that reached an endpoint.
        answer: The script of the endpoint; None lets our own rules answer.
        submitted: Called with the number of train backtests so far, before each of them.
    """

    jobs: list[Job] = field(default_factory=list)
    engine_inputs: list[dict[str, object]] = field(default_factory=list)
    requests: list[Prompt] = field(default_factory=list)
    gated_ok: bool = True
    answer: Reply | None = None
    submitted: Callable[[int], object] = lambda count: None

    @property
    def trials(self) -> int:
        """Return how many backtests on train scenarios were asked for: one for each iteration."""
        return sum(job.scenarios.role == "train" for job in self.jobs)


class CountingExecutor(Executor):
    """The executor of tests and notebooks, with a meter."""

    def __init__(self, meter: Meter, policy_file: Path | None) -> None:
        self._meter = meter
        self._inner = InProcess(policy_file=policy_file)

    @property
    def capacity(self) -> int:
        """Return 1."""
        return self._inner.capacity

    @property
    def outstanding(self) -> int:
        """Return how many jobs were not given back yet."""
        return self._inner.outstanding

    def submit(self, job: Job) -> int:
        """Count and queue a job."""
        if job.scenarios.role == "train":
            self._meter.submitted(self._meter.trials)
        self._meter.jobs.append(job)
        return self._inner.submit(job)

    def next_done(self) -> tuple[int, JobResult]:
        """Run a job and note what the engine got."""
        ticket, result = self._inner.next_done()
        self._meter.gated_ok = self._meter.gated_ok and gated_digest_ok()
        if result.report is not None:
            self._meter.engine_inputs.append(dict(result.report.params))
        return ticket, result

    def close(self) -> None:
        """Forget what was not run."""
        self._inner.close()


class CountingAnswerer:
    """Answers from the meter's script, or by our own rules, and counts."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._rules = _build_endpoint("scripted")

    def answer(
        self, prompt: Prompt, *, key: tuple[int, int], most_calls: int | None = None
    ) -> tuple[Reply, dict[str, Json]]:
        """Return the scripted reply, the same to each re-ask."""
        self._meter.requests.append(prompt)
        if self._meter.answer is None:
            return self._rules.answer(prompt, key=key)
        return self._meter.answer, {"attempts": []}


_build_endpoint = walras.endpoint.build_endpoint
_scenario_set = walras.market.scenario_set


@contextmanager
def watched(
    meter: Meter,
    folder: Path,
    environ: Mapping[str, str],
    *,
    strategies: Sequence[Strategy] = (),
    offered: Sequence[Offered] = (),
) -> Iterator[None]:
    """Put the meter on the product, inside `folder` and with `environ` added; all is undone afterwards.

    Args:
        meter: Takes the counts.
        folder: The working directory.
        environ: Variables of the environment.
        strategies: Strategies in the place of the built-in ones of their names.
        offered: Entry points of other packages: proposers and strategies.
    """

    def built_in() -> dict[str, Strategy]:
        return {**shipped, **{strategy.name: strategy for strategy in strategies}}

    def plugged(*, group: str) -> tuple[Offered, ...]:
        wanted = Strategy if group == strategy_registry.ENTRY_POINT_GROUP else type
        return tuple(entry for entry in offered if isinstance(entry.made, wanted))

    def one_scenario(profile: str, role: Any, *, count: int | None, events: int) -> Any:
        return _scenario_set(profile, role, count=count or 1, events=events)

    shipped = strategy_registry._built_in()
    with ExitStack() as stack:
        stack.enter_context(chdir(folder))
        stack.enter_context(patch.dict(os.environ, dict(environ)))
        for module, name, stand_in in (
            (
                walras.execution,
                "LocalWorkers",
                lambda count, **kw: CountingExecutor(meter, kw["policy_file"]),
            ),
            (walras.endpoint, "build_endpoint", lambda *args, **kw: CountingAnswerer(meter)),
            (walras.market, "scenario_set", one_scenario),
            (strategy_registry, "_built_in", built_in),
            (strategy_registry, "entry_points", plugged),
            (proposer_registry, "entry_points", plugged),
        ):
            stack.enter_context(patch.object(module, name, stand_in))
        stack.callback(worker_load._by_name.cache_clear)
        worker_load._by_name.cache_clear()
        yield


@dataclass(frozen=True)
class Told:
    """How a command ended: its exit code and what it printed."""

    exit_code: int
    out: str
    err: str


def walras_command(*argv: str) -> Told:
    """Run one command of `walras` as its front door does."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(argv)
    return Told(code, out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class Kept:
    """What a store holds: searches, iteration rows in any state, and refusals, newest first."""

    searches: tuple[str, ...]
    rows: int
    refusals: tuple[AuditRecord, ...]


def look(store: Path) -> Kept:
    """Return what the store at `store` holds, also where its rows were tampered with."""
    with _opened(store) as opened, closing(sqlite3.connect(store)) as rows:
        (count,) = rows.execute("SELECT count(*) FROM walras_iteration").fetchone()
        ids = tuple(found.record.id for found in opened.list())
        return Kept(searches=ids, rows=count, refusals=opened.audit_records(kind="refusal"))


def read_only_search(store: Path) -> Trajectory:
    """Return the record of the only search in `store`."""
    with _opened(store) as opened:
        (found,) = opened.list()
        return opened.trajectory(found.record.id)


@contextmanager
def _opened(store: Path) -> Iterator[TrajectoryStore]:
    with closing(open_store(f"sqlite:///{store}")) as opened:
        yield opened


@cache
def _empty_store() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        open_store(f"sqlite:///{path}").close()
        return path.read_bytes()


def empty_store(folder: Path) -> Path:
    """Return a store that holds nothing yet, in `folder`."""
    path = folder / "store.db"
    path.write_bytes(_empty_store())
    return path
