"""Overhead of loop and store for each iteration of a search by the random proposer, backtest excluded.

    python -m benchmarks.loop            a table
    python -m benchmarks.loop --json     the last line is one JSON object

An iteration's overhead is the wall time from one committed iteration to the next, less the time the worker
itself spent in the backtest: proposal, guard, claim, job and report through the pipes, score, chain, and the
commits to a fresh SQLite file with synchronous FULL. The first iteration, which waits for the worker to
start, is left out.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, final

from benchmarks._machine import machine
from walras.execution import Executor, Job, JobResult
from walras.search import Event, IterationEnded, SearchRequest, start
from walras.wiring import open_bench, read_space

ROOT = Path(__file__).resolve().parents[1]
GOAL_MS = 5.0


@final
class Watched(Executor):
    """Another executor, with the seconds its backtests took."""

    def __init__(self, inner: Executor, seconds: list[float]) -> None:
        self._inner = inner
        self._seconds = seconds

    @property
    def capacity(self) -> int:
        return self._inner.capacity

    @property
    def outstanding(self) -> int:
        return self._inner.outstanding

    def submit(self, job: Job) -> int:
        return self._inner.submit(job)

    def next_done(self) -> tuple[int, JobResult]:
        ticket, result = self._inner.next_done()
        self._seconds.append(result.seconds)
        return ticket, result

    def close(self) -> None:
        self._inner.close()


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and return 0."""
    chosen = _parser().parse_args(arguments)
    if chosen.quick:
        chosen.budget = min(chosen.budget, 5)
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        wall_ms, cpu_ms = measure(Path(folder) / "loop.db", chosen)
    result: dict[str, Any] = {
        "benchmark": "loop",
        "machine": machine(),
        "notice": "Synthetic replay only. Not a forecast.",
        "p50_ms": statistics.median(wall_ms),
        "p95_ms": sorted(wall_ms)[int(0.95 * len(wall_ms))],
        "max_ms": max(wall_ms),
        "p50_cpu_ms": statistics.median(cpu_ms),
        "n": len(wall_ms),
        "scenarios": chosen.scenarios,
        "synchronous": "FULL",
    }
    if chosen.json:
        print(json.dumps(result))
    else:
        print(f"Machine: {result['machine']}")
        for name in ("p50_ms", "p95_ms", "max_ms", "p50_cpu_ms"):
            goal = f"  (goal: at most {GOAL_MS:g})" if name == "p50_ms" else ""
            print(f"{name:12s} {result[name]:8.2f}{goal}")
    return 0


def measure(database: Path, chosen: argparse.Namespace) -> tuple[list[float], list[float]]:
    """Run one search; return overhead in wall and in this process's CPU milliseconds, an iteration each."""
    backtests: list[float] = []
    ends: list[tuple[float, float]] = []

    def listen(event: Event) -> None:
        if isinstance(event, IterationEnded):
            ends.append((time.perf_counter(), time.process_time()))

    with open_bench(store=f"sqlite:///{database}") as opened:
        make = opened.executor
        bench = replace(opened, executor=lambda count: Watched(make(count), backtests))
        space = read_space(bench, ROOT / "search_spaces" / "market_maker.yaml")
        request = SearchRequest(
            space=space,
            proposer="random",
            budget=chosen.budget,
            scenarios=chosen.scenarios,
            events=chosen.events,
        )
        start(bench, request, listen=listen)
    pairs = list(zip(ends, ends[1:], backtests[1:], strict=False))
    wall = [1e3 * (after[0] - before[0] - spent) for before, after, spent in pairs]
    cpu = [1e3 * (after[1] - before[1]) for before, after, _ in pairs]
    return wall, cpu


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.loop",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--budget", type=int, default=201, help="iterations (default 201)")
    parser.add_argument("--scenarios", type=int, default=16, help="train scenarios (default 16)")
    parser.add_argument("--events", type=int, default=10_000, help="events a scenario (default 10,000)")
    parser.add_argument(
        "--folder", help="where the database is made (default: the system's temporary folder)"
    )
    parser.add_argument("--quick", action="store_true", help="5 iterations: a smoke test, no figure")
    return parser


if __name__ == "__main__":
    sys.exit(main())
