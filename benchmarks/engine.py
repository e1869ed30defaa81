"""Speed of the engine with a market maker, beside hftbacktest's, in the same run on the same machine.

    python -m benchmarks.engine            a table
    python -m benchmarks.engine --json     the last line is one JSON object

The first run makes a virtual environment outside the repository (about a minute, 1 GB): hftbacktest needs
an older numpy. README.md says what each figure means.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks import _startup
from benchmarks._environment import NoPeer, cache_folder, peer_python
from benchmarks._machine import machine

ROOT = Path(__file__).resolve().parents[1]
UNAVAILABLE = 8
GOALS = {
    "ns_per_event": "at most 25",
    "ratio_hftbacktest_l3": "at least 10",
    "start_to_first_result_cached_cpu_s": "at most 1.5",
    "user_strategy_compile_cpu_s": "at most 0.5",
}


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and return the exit code: 0, or 8 where the peer could not be installed."""
    chosen = _parser().parse_args(arguments)
    if chosen.quick:
        chosen.events, chosen.runs = min(chosen.events, 100_000), min(chosen.runs, 3)
    result: dict[str, Any] = {
        "benchmark": "engine",
        "machine": machine(),
        "notice": "Synthetic replay only. Not a forecast.",
    }
    try:
        duel = _duel(peer_python(fresh=chosen.fresh), chosen.events, chosen.runs)
        result |= _figures(duel)
    except NoPeer as reason:
        result |= {"ns_per_event": None, "ratio_hftbacktest_l3": None, "ratio_hftbacktest_l2": None}
        result["reason"] = str(reason)
    starts = min(chosen.runs, 5)
    result["start_to_first_result_cached_cpu_s"] = _startup.first_result_cpu_s(starts)
    result["user_strategy_compile_cpu_s"] = _startup.user_strategy_cpu_s(starts)
    result["starts"] = starts
    _print(result, as_json=chosen.json)
    return UNAVAILABLE if "reason" in result else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.engine",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--events", type=int, default=1_000_000, help="events a run (default 1,000,000)")
    parser.add_argument("--runs", type=int, default=9, help="alternating runs; medians are shown (default 9)")
    parser.add_argument(
        "--quick", action="store_true", help="100,000 events, 3 runs: a smoke test, no figure"
    )
    parser.add_argument("--fresh", action="store_true", help="make the peer's environment again")
    return parser


def _duel(python: Path, events: int, runs: int) -> dict[str, Any]:
    environment = {**_startup.environment(), "NUMBA_CACHE_DIR": str(cache_folder() / "numba")}
    environment["PYTHONWARNINGS"] = "ignore"
    done = subprocess.run(
        [python, "-m", "benchmarks._duel", "--events", str(events), "--runs", str(runs)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"The duel ended with exit code {done.returncode}; its error is above.")
    body: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return body


def _figures(duel: dict[str, Any]) -> dict[str, Any]:
    median = duel["median"]
    return {
        "ns_per_event": median["walras"],
        "ns_per_event_as_shipped": median["walras_as_shipped"],
        "ns_per_event_hftbacktest_l3": median["hftbacktest_l3"],
        "ns_per_event_hftbacktest_l2": median["hftbacktest_l2"],
        "ratio_hftbacktest_l3": median["hftbacktest_l3"] / median["walras"],
        "ratio_hftbacktest_l2": median["hftbacktest_l2"] / median["walras"],
        "spread_ns": {name: [duel["min"][name], duel["max"][name]] for name in median},
        "n": duel["n"],
        "runs": duel["runs"],
        "facts": duel["facts"],
    }


def _print(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(result))
        return
    print(f"Machine: {result['machine']}")
    for name, value in result.items():
        if isinstance(value, float):
            goal = f"  (goal: {GOALS[name]})" if name in GOALS else ""
            print(f"{name:38s} {value:10.3f}{goal}")
    if "reason" in result:
        print(f"No peer: {result['reason']}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
