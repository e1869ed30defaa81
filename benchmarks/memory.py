"""Peak resident memory of a search from the command line: the command and its worker processes together.

    python -m benchmarks.memory            a table
    python -m benchmarks.memory --json     the last line is one JSON object

`peak_rss_mb` adds every process's own peak, shared libraries counted in each: an upper bound. `peak_pss_mb`
is the largest sum seen at one time with shared pages counted once. Linux only.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks._machine import machine
from benchmarks._startup import environment

ROOT = Path(__file__).resolve().parents[1]
GOAL_MB = 400
_PAUSE_S = 0.05


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and return the search's exit code."""
    chosen = _parser().parse_args(arguments)
    if chosen.quick:
        chosen.budget = min(chosen.budget, 3)
    with tempfile.TemporaryDirectory() as folder:
        peaks, peak_pss, code = watch(_command(chosen, Path(folder) / "memory.db"))
    by_process = sorted((round(kb / 1024, 1) for kb in peaks.values()), reverse=True)
    result: dict[str, Any] = {
        "benchmark": "memory",
        "machine": machine(),
        "notice": "Synthetic replay only. Not a forecast.",
        "peak_rss_mb": round(sum(by_process), 1),
        "peak_pss_mb": round(peak_pss / 1024, 1),
        "processes_mb": by_process,
        "iterations": chosen.budget,
        "workers": chosen.workers,
        "proposer": chosen.proposer,
        "exit_code": code,
    }
    if chosen.json:
        print(json.dumps(result))
    else:
        print(f"Machine: {result['machine']}")
        print(f"peak_rss_mb  {result['peak_rss_mb']:8.1f}  (goal: at most {GOAL_MB}); processes {by_process}")
        print(f"peak_pss_mb  {result['peak_pss_mb']:8.1f}")
    return code


def watch(command: list[str]) -> tuple[dict[int, int], int, int]:
    """Run `command`; return each process's peak RSS and the peak sum of PSS, in KiB, and its exit code."""
    peaks: dict[int, int] = {}
    peak_pss = 0
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            family = _family(process.pid)
            for one in family:
                peaks[one] = max(peaks.get(one, 0), _field(f"/proc/{one}/status", "VmHWM:"))
            peak_pss = max(peak_pss, sum(_field(f"/proc/{one}/smaps_rollup", "Pss:") for one in family))
            time.sleep(_PAUSE_S)
    return peaks, peak_pss, process.returncode


def _command(chosen: argparse.Namespace, database: Path) -> list[str]:
    space = str(ROOT / "search_spaces" / "market_maker.yaml")
    options = [
        "--proposer",
        chosen.proposer,
        "--budget",
        str(chosen.budget),
        "--workers",
        str(chosen.workers),
    ]
    return [sys.executable, "-m", "walras", "search", space, *options, "--store", f"sqlite:///{database}"]


def _family(root: int) -> list[int]:
    """Return `root` and its descendants."""
    found = [root]
    for one in found:  # grows while it is walked
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            found += [int(child) for child in _text(task).split()]
    return found


def _field(file: str, name: str) -> int:
    lines = _text(Path(file)).splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.memory",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--budget", type=int, default=60, help="iterations (default 60)")
    parser.add_argument("--workers", type=int, default=1, help="worker processes (default 1)")
    parser.add_argument("--proposer", default="tpe", help="proposer (default tpe)")
    parser.add_argument("--quick", action="store_true", help="3 iterations: a smoke test, no figure")
    return parser


if __name__ == "__main__":
    sys.exit(main())
