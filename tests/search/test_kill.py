"""kill -9 at random points, workers and all: nothing acknowledged is lost, and the trajectory is the same."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.search._benches import bench_at

from walras.search import locate

SMALL = ["--budget", "14", "--scenarios", "2", "--events", "6400", "--seed", "5", "--json"]
KILLS = 5


def begin(arguments: list[str], output: Path) -> subprocess.Popen[bytes]:
    """Start the command line in a session of its own, its events going to a file."""
    with output.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "walras", *arguments],
            stdout=file,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )


def acknowledged(output: Path) -> dict[int, Any]:
    """Return what the process said was done: number to score; a torn last line says nothing."""
    found: dict[int, Any] = {}
    for line in output.read_text().splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if event["type"].startswith("iteration."):
            found[event["number"]] = event["score"]
    return found


def wait(process: subprocess.Popen[bytes], output: Path, moment: str, rng: random.Random) -> None:
    """Return at some moment of the process's life, or when it has ended."""
    if moment == "time":
        time.sleep(rng.uniform(0.1, 1.5))
        return
    wanted = output.read_bytes().count(b"\n") + rng.randint(1, 4)
    while process.poll() is None and output.read_bytes().count(b"\n") < wanted:
        time.sleep(0.002)


@pytest.mark.parametrize("kind", ["random", "tpe", "llm"])
def test_killed_and_resumed_is_the_same_search(tmp_path: Path, kind: str) -> None:
    """Killed again and again, also while it resumes, a search ends with the uninterrupted digest."""
    rng = random.Random(f"walras {kind}")
    store = ["--store", str(tmp_path / "a.db")]
    whole = ["search", "market_maker", "--proposer", kind, "--endpoint", "scripted", *SMALL, *store]
    plain = subprocess.run(
        [sys.executable, "-m", "walras", *whole], capture_output=True, text=True, check=False
    )
    assert plain.returncode == 0, plain.stderr
    output = tmp_path / "events.jsonl"
    output.touch()
    arguments, kills = whole, 0
    # The first kill comes as soon as the search exists, others while the process starts or at some line.
    moments = ["line", "time", *rng.choices(["line", "time"], k=KILLS - 2)]
    while True:
        process = begin(arguments, output)
        if moments:
            wait(process, output, moments.pop(0), rng)
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                kills += 1
        _, error = process.communicate(timeout=120)
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL, error.decode()
        created = [line for line in output.read_text().splitlines() if '"search.created"' in line]
        if created:
            arguments = ["resume", json.loads(created[0])["search"], "--json", *store]
    with bench_at(tmp_path / "a.db") as bench:
        search_id = arguments[1] if arguments[0] == "resume" else "@last"
        record, _ = locate(bench, search_id)
        kept = {row.number: row.score.value for row in bench.store.iterations(record.id)}
        assert list(kept) == list(range(14))
        for number, score in acknowledged(output).items():
            assert kept[number] == score
        first = json.loads(plain.stdout.splitlines()[0])["search"]
        assert bench.store.trajectory(record.id).digest == bench.store.trajectory(first).digest
        assert bench.store.verify() == ()
        assert kills > 0
