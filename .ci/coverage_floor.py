"""Holds branch coverage to its floors: 95 % of everything outside jitted code, 100 % of three folders."""

import json
import subprocess
import sys
from pathlib import Path

FLOOR = 95.0
WHOLE = ("policy", "search", "store")


def main() -> int:
    """Print what is below its floor; return 1 if anything is."""
    report = Path("coverage.json")
    subprocess.run([sys.executable, "-m", "coverage", "json", "-q", "-o", str(report)], check=True)  # noqa: S603
    body = json.loads(report.read_text(encoding="utf-8"))
    below = []
    for name in WHOLE:
        for path, row in sorted(body["files"].items()):
            if f"walras/{name}/" in path and row["summary"]["percent_covered"] < 100:
                gaps = {"lines": row["missing_lines"], "branches": row["missing_branches"]}
                below.append(f"{path}: {row['summary']['percent_covered']:.1f} % of 100 %; missing {gaps}")
    total = body["totals"]["percent_covered"]
    if total < FLOOR:
        below.append(f"total: {total:.2f} % of {FLOOR} %")
    sys.stdout.write("\n".join([*below, f"branch coverage: {total:.2f} %"]) + "\n")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
