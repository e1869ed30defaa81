"""The only file that picks concrete classes and opens the database."""

import os
import platform
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from walras.core import (
    InvalidFile,
    Json,
    RefusedByPolicy,
    Role,
    ScenarioSet,
    SearchRecord,
    SearchSpace,
    StrategySchema,
    UnknownName,
    UsageError,
)

if TYPE_CHECKING:
    from walras.execution import Executor
    from walras.search import Answerer, Bench, EndpointChoice
    from walras.store import TrajectoryStore

STORE_VARIABLE = "WALRAS_STORE"
WALL_LIMIT_S = 120.0
"""A backtest of one point over one scenario set that takes longer than this is killed."""

_LIBRARIES = ("walras", "numpy", "numba", "optuna", "openai", "sqlmodel", "pydantic")


def data_directory() -> Path:
    """Return where the default store lives: `$XDG_DATA_HOME/walras`, or `~/.local/share/walras`."""
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "walras"


def store_url(option: str | None = None) -> str:
    """Return the store's URL: the option, else WALRAS_STORE, else a SQLite file in the data directory.

    A path without a scheme is taken as a SQLite file.
    """
    given = option or os.environ.get(STORE_VARIABLE) or ""
    if not given:
        return f"sqlite:///{data_directory() / 'walras.db'}"
    return given if "://" in given else f"sqlite:///{_expanded(given).absolute()}"


@contextmanager
def open_bench(*, store: str | None = None, policy: Path | None = None) -> Iterator["Bench"]:
    """Open the store and put together everything a search runs on; closes the store afterwards.

    Args:
        store: A SQLAlchemy URL or a path; None takes WALRAS_STORE or the default.
        policy: A file of further gates; the floor is always in force.

    Raises:
        RefusedByPolicy: If the policy file cuts the floor, or an environment variable names a gate.
        Unavailable, IntegrityError: If the store cannot be used.
    """
    from walras import backtest, market, strategies
    from walras.policy import check_environment, load_policy
    from walras.search import Bench, audit_refusal
    from walras.store import open_store

    with ExitStack() as stack:
        opened: TrajectoryStore = open_store(store_url(store), make_directory=store is None)
        stack.callback(opened.close)
        try:
            rules = load_policy(policy)
            check_environment(os.environ, rules)
        except (RefusedByPolicy, InvalidFile) as refusal:
            audit_refusal(opened, refusal, channel="startup")
            raise

        def schema_of(name: str) -> StrategySchema:
            return strategies.strategy_schema(name)

        def fingerprint_of(name: str, objective: str) -> str:
            strategy = f"{name}.{strategies.load_strategy(name).fingerprint[:16]}"
            return (
                f"{backtest.engine_fingerprint()}+{strategy}+{backtest.objective_spec(objective).fingerprint}"
            )

        def scenarios(profile: str, role: Role, count: int | None, events: int | None) -> ScenarioSet:
            length = market.DEFAULT_EVENTS if events is None else events
            return market.scenario_set(profile, role, count=count, events=length)

        def workers(count: int) -> "Executor":
            from walras.execution import LocalWorkers

            return LocalWorkers(count, wall_limit_s=WALL_LIMIT_S, policy_file=policy)

        yield Bench(
            store=opened,
            policy=rules,
            schema_of=schema_of,
            fingerprint_of=fingerprint_of,
            scenarios=scenarios,
            executor=workers,
            endpoint=_endpoint,
            seconds=time.monotonic,
            versions=versions,
        )


def read_space(
    bench: "Bench",
    ref: str | Path | Mapping[str, Any],
    *,
    overrides: Mapping[str, str] | None = None,
    market: str | None = None,
    objective: str | None = None,
) -> SearchSpace:
    """Return the space in a file, a shipped file of that name, or a mapping, once the guard has read it.

    Args:
        overrides: Parameter name to text, as typed after `--set`; each is held fixed.
        market, objective: Win over what the file says.

    Raises:
        RefusedByPolicy: If a hard gate locks a name; audited, nothing ran.
        InvalidFile: All faults of the file, each with its line.
    """
    from walras import policy
    from walras.search import audit_refusal

    label = Path(ref).name if isinstance(ref, str | Path) else "python"
    try:
        if not isinstance(ref, str | Path | Mapping):
            raise UsageError(f"A space is a path or a dict, not {type(ref).__name__}.")
        source = ref if isinstance(ref, Mapping) else _space_path(ref)
        space = policy.read_space(source, schema_of=bench.schema_of, policy=bench.policy, **_names())  # type: ignore[arg-type]
        if overrides:
            schema = bench.schema_of(space.strategy)
            space = policy.fix_parameters(space, overrides, schema=schema, policy=bench.policy)
    except (RefusedByPolicy, UsageError) as refusal:
        audit_refusal(bench.store, refusal, channel="space", subject=label)
        raise
    return replace(space, market=market or space.market, objective=objective or space.objective)


def _names() -> dict[str, Any]:
    from walras import backtest, market

    return {"markets": market.market_profile_names(), "objectives": backtest.objective_names()}


def shipped_spaces() -> Mapping[str, Path]:
    """Return the spaces that ship with the package, by name without its ending."""
    return {path.stem: path for path in sorted(_shipped("search_spaces").glob("*.yaml"))}


def shipped_trajectories() -> Mapping[str, Path]:
    """Return the recorded searches of a source checkout, by name; a wheel ships none."""
    folder = Path(__file__).resolve().parents[2] / "trajectories"
    return {path.stem: path for path in sorted(folder.glob("*.jsonl"))}


def versions() -> dict[str, Json]:
    """Return the versions of Python and of the libraries that matter to a record."""
    return {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}


def _space_path(ref: str | Path) -> Path:
    path = _expanded(ref)
    try:
        if path.exists():
            return path
    except OSError as error:  # a whole file's text, perhaps, where its name should be
        raise UsageError(f"{str(path)[:80]!r} is no file: {error.strerror}.") from error
    name = Path(ref).name.removesuffix(".yaml")
    known = shipped_spaces()
    if name in known and Path(ref).parent.name in ("", "search_spaces"):
        return known[name]
    if path.suffix in (".yaml", ".yml", ".json") or len(path.parts) > 1:
        raise UsageError(
            f"There is no file {str(ref)[:200]!r}.",
            hint=f"Give a path, or one of the shipped spaces: {', '.join(known)}.",
        )
    raise UnknownName("search space", str(ref), known=known, hint="A path to a YAML or JSON file works too.")


def _expanded(ref: str | Path) -> Path:
    try:
        return Path(ref).expanduser()
    except RuntimeError as error:
        raise UsageError(f"{str(ref)[:80]!r} names the home of nobody known here.") from error


def _shipped(folder: str) -> Path:
    """Return a folder of shipped data: inside the wheel, or at the top of a source checkout."""
    packed = Path(str(files("walras"))) / "data" / folder
    return packed if packed.is_dir() else Path(__file__).resolve().parents[2] / folder


def _endpoint(choice: "EndpointChoice") -> "Answerer":
    from walras.endpoint import build_endpoint, load_prices

    prices = load_prices(choice.prices, price_in=choice.price_in, price_out=choice.price_out)
    return build_endpoint(choice.kind or "live", base_url=choice.base_url, model=choice.model, prices=prices)


def report_html(bench: "Bench", record: SearchRecord) -> str:
    """Return the one-page report of a search."""
    from walras.backtest import objective_spec
    from walras.charts import LockedGate, ReportView, render_report
    from walras.policy import locked_names

    gates = tuple(
        LockedGate(pattern=row.pattern, why=row.why, change=row.how_to_change)
        for row in locked_names(bench.policy)
    )
    view = ReportView(
        record=record,
        iterations=bench.store.iterations(record.id),
        locked=gates,
        trials=bench.store.count_trials(record.spec.space.digest, record.spec.train.digest),
        score_unit=objective_spec(record.spec.objective).unit,
    )
    return render_report(view)


__all__ = [
    "data_directory",
    "open_bench",
    "read_space",
    "report_html",
    "shipped_spaces",
    "shipped_trajectories",
    "store_url",
    "versions",
]
